"""Layered models: what a job made, over the model it started from.

A model that was adapted to a site brings a head of its own; its backbone is the base model's. Its
folder holds a card and the files that differ, and every other file is taken from the base, which
the card names by id and digest. A model that was fine-tuned brings the numbers of the whole
network, and still takes the ONNX graph, the only program in a model, from the base.

    files = ModelFiles.of(folder, base=base_folder)
    head = Head.load(files.verified("head.safetensors"))

To let a job bring one more file: write it into the folder and name it in the card's `files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from model.artifacts.card import (
    CARD_NAME,
    ModelFileError,
    model_sha256,
    read_card,
    sha256_of,
    verify_files,
    write_json,
)
from model.inference.engines import (
    ONNX_WEIGHTS_FILE,
    WEIGHTS_OF,
    Engine,
    EngineName,
    choose_engine,
    open_engine,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

OWN_FILES: Final = (  # that a job may bring
    "head.safetensors",
    "onnx_weights.safetensors",
    "reference.safetensors",
    "replay.safetensors",
    "weights.safetensors",
)
BACKBONE_FILES: Final = frozenset((ONNX_WEIGHTS_FILE, *WEIGHTS_OF.values()))


@dataclass(frozen=True)
class ModelFiles:
    """Where the files of a model lie.

    Attributes:
        folder: of the model.
        card: its card.
        base_folder: of the model below; None for a whole model.
        base_card: its card; None for a whole model.
    """

    folder: Path
    card: Mapping[str, Any]
    base_folder: Path | None = None
    base_card: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, folder: Path, *, base: Path | None = None) -> ModelFiles:
        """Read the cards of a model and of what it lies over.

        Args:
            folder: holding card.json.
            base: folder of the base model; not looked at where the model is whole.

        Raises:
            ModelFileError: a card cannot be read, or the base is not the one the model needs.
        """
        card = read_card(folder)
        if "base" not in card:
            return cls(folder, card)
        check_names(folder, card)
        needed = card["base"]
        if base is None:
            raise ModelFileError(f"{folder} needs the model {needed['model_id']} to lie over")
        base_card = read_card(base)
        if "base" in base_card or model_sha256(base_card) != needed["model_sha256"]:
            raise ModelFileError(
                f"{folder} was made from the model {needed['model_id']} "
                f"(sha256 {needed['model_sha256'][:12]}…); the one here is "
                f"{base_card['model_id']} (sha256 {model_sha256(base_card)[:12]}…)"
            )
        if list(base_card["classes"]) != list(card["classes"]):
            raise ModelFileError(f"{folder / CARD_NAME} names other classes than its base model")
        return cls(folder, card, base, base_card)

    @property
    def model_sha256(self) -> str:
        """Digest of the model with all it rests on, in hex."""
        return model_sha256(self.card)

    @property
    def own_backbone(self) -> bool:
        """Whether the model brings a backbone, and embeddings of its own with it."""
        return self.base_card is None or bool(BACKBONE_FILES & set(self.card["files"]))

    @property
    def embedding_sha256(self) -> str:
        """Digest of the model whose backbone makes the embeddings, in hex."""
        if self.base_card is None or self.own_backbone:
            return self.model_sha256
        return model_sha256(self.base_card)

    def owns(self, name: str) -> bool:
        """Say whether a file is the model's own rather than its base's."""
        return self.base_card is None or name in self.card["files"]

    def verified(self, name: str) -> Path:
        """Return where a file lies, after holding it against the hash in its card.

        Raises:
            ModelFileError: it is missing or differs.
        """
        if self.base_card is None or self.base_folder is None or self.owns(name):
            verify_files(self.folder, self.card, (name,))
            return self.folder / name
        verify_files(self.base_folder, self.base_card, (name,))
        return self.base_folder / name

    def verify_own(self) -> None:
        """Hold every file of the model's own folder against its hash.

        Raises:
            ModelFileError: one is missing or differs.
        """
        verify_files(self.folder, self.card, self.card["files"])


def open_backbone(
    files: ModelFiles, engine: EngineName, *, device: str | None, threads: int | None
) -> Engine:
    """Load what turns crops into embeddings.

    Args:
        files: of the model.
        engine: "auto" takes torch where a GPU is there, or where the model has no weights for
            ONNX Runtime.
        device: of torch.
        threads: on a CPU.

    Raises:
        ModelFileError: a file is missing or damaged, or the model cannot run on this engine.
    """
    name = choose_engine(engine, device)
    graph_fits = files.base_card is None or not files.own_backbone or files.owns(ONNX_WEIGHTS_FILE)
    if name == "onnx" and not graph_fits:
        if engine == "onnx":
            raise ModelFileError(f"{files.folder} holds no {ONNX_WEIGHTS_FILE}; it runs on torch")
        name = "torch"
    path, weights = files.verified(WEIGHTS_OF[name]), None
    if name == "onnx" and files.base_card is not None and files.owns(ONNX_WEIGHTS_FILE):
        weights = files.verified(ONNX_WEIGHTS_FILE)
    try:
        return open_engine(path, name, device=device, threads=threads, onnx_weights=weights)
    except ValueError as error:
        raise ModelFileError(f"{files.folder} cannot be used: {error}") from error
    except ModuleNotFoundError as error:
        raise ModelFileError(f"{files.folder} runs on torch, which is not installed") from error


def check_names(folder: Path, card: Mapping[str, Any]) -> None:
    """Check what a layered card names.

    Raises:
        ModelFileError: its base is not named fully, or it brings files that no job may bring.
    """
    base, files = card["base"], card["files"]
    named = (
        [base.get(key) for key in ("model_id", "model_sha256")] if isinstance(base, dict) else []
    )
    if not named or not all(isinstance(value, str) for value in named):
        raise ModelFileError(f"{folder / CARD_NAME} does not say which model it lies over")
    strange = (
        sorted(set(files) - set(OWN_FILES)) if isinstance(files, dict) else ["no list of files"]
    )
    if strange:
        raise ModelFileError(
            f"{folder / CARD_NAME} names what a layered model may not hold: {', '.join(strange)}"
        )


def write_layer_card(
    folder: Path, names: Iterable[str], *, base_card: Mapping[str, Any], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the card of a layered model beside its files, as the last of them.

    What a card must tell and `facts` do not is taken from the base's card: its training data and
    their rights are this model's too.

    Args:
        folder: with the files in place.
        names: of the files, of `OWN_FILES`.
        base_card: of the model below, a whole one.
        facts: at least model_id, kind, parent, job, trained_on, metrics, limits.

    Returns:
        The card.
    """
    kept = ("card_version", "intended_use", "classes", "parents", "input", "backbone")
    card = {name: base_card[name] for name in (*kept, "data", "masking", "rights", "config")}
    card |= {
        "rebuild": "Run the job again on the same cells: the same seed gives the same model.",
        "temperature": base_card["temperature"],
        "rendered_only": base_card.get("rendered_only", []),
        **facts,
        "base": {
            "model_id": base_card["model_id"],
            "model_sha256": model_sha256(base_card),
        },
        "files": {name: sha256_of(folder / name) for name in sorted(names)},
    }
    check_names(folder, card)
    write_json(folder / CARD_NAME, card)
    return card
