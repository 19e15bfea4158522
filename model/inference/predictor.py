"""The predictor: crops in, probabilities out. The one door the application uses.

    predictor = Predictor.open(find_model(models_folder))
    batch = predictor.predict(crops)

Preparing a crop (`model.data.scale.preprocess`) is a pure function that callers may spread over
threads; `predict_prepared` then takes the stacked result. What is said of a whole slide, its shift
and its class shares, is asked for with the rows of all its cells: `assess_slide`,
`expected_shares`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.artifacts.card import CARD_NAME, ModelFileError
from model.artifacts.layered_model import ModelFiles, open_backbone
from model.data.appearance import appearance
from model.data.scale import INPUT_SIZE, ScaleSource, Window, cut, find_window, preprocess
from model.inference.evidence import evidence_fields
from model.network.head import Head
from model.uncertainty.conformal import prediction_sets
from model.uncertainty.estimator import REFERENCE_FILE, UncertaintyEstimator
from model.uncertainty.label_shift import expected_shares
from model.uncertainty.slide_shift import SlideShiftScore, assess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.inference.engines import Engine, EngineName

__all__ = [
    "ModelFileError",
    "ModelOutput",
    "Predictor",
    "ScaleSource",
    "SlideShiftScore",
    "find_model",
    "preprocess",
]

HEAD_FILE: Final = "head.safetensors"
CHUNK: Final = 64  # crops per pass through the engine: bounds the memory


@dataclass(frozen=True)
class ModelOutput:
    """Predictions for n crops, in the order they came.

    Attributes:
        logits: float32 (n, k), before temperature.
        probs: float32 (n, k), rows sum to 1, after temperature.
        embedding: float32 (n, d).
        scale_source: uint8 (n,), values of `model.data.scale.ScaleSource`: 0 known µm/px, 1
        estimated
            from the nucleus, 2 whole crop because the estimate failed.
        pred_set: bool (n, k), the leaves that cannot be ruled out at 90 %; the best is always in.
        ood_score: float32 (n,), in 0..1, share of held-out source cells that are nearer to those
            of training than this one.
        appearance: float32 (n, m), of `model.data.appearance.STATISTICS`, NaN where not measurable.
    """

    logits: NDArray[np.float32]
    probs: NDArray[np.float32]
    embedding: NDArray[np.float32]
    scale_source: NDArray[np.uint8]
    pred_set: NDArray[np.bool_]
    ood_score: NDArray[np.float32]
    appearance: NDArray[np.float32]


class Predictor:
    """A loaded model.

    Attributes:
        classes: k leaf names, in the order of every column.
        model_id: the card's name for the model.
        model_sha256: hex, over the hashes of all its files.
        embedding_sha256: hex, of the model whose backbone makes the embeddings: its own, or the
            base's where only the head was adapted.
        card: the model card.
    """

    def __init__(
        self, *, engine: Engine, head: Head, reference: UncertaintyEstimator, files: ModelFiles
    ) -> None:
        self._engine = engine
        self._head = head
        self._reference = reference
        self.card: dict[str, Any] = dict(files.card)
        self.classes = head.classes
        self.model_id = str(self.card["model_id"])
        self.model_sha256 = files.model_sha256
        self.embedding_sha256 = files.embedding_sha256

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        base: Path | None = None,
        engine: EngineName = "auto",
        device: str | None = None,
        threads: int | None = None,
    ) -> Predictor:
        """Load a model and check the files it reads against the hashes in its card.

        Args:
            folder: the model's folder, holding card.json.
            base: folder of the base model; only an adapted or fine-tuned model needs it.
            engine: "auto" takes torch where a GPU is there, else ONNX Runtime.
            device: of torch: "cuda", "mps" or "cpu"; the best one if left out.
            threads: of the engine on a CPU; its own choice if left out.

        Raises:
            ModelFileError: the folder is incomplete or damaged, or its base is another one; the
                message names the file.
        """
        files = ModelFiles.of(folder, base=base)
        paths = [files.verified(name) for name in (HEAD_FILE, REFERENCE_FILE)]
        try:
            head, reference = Head.load(paths[0]), UncertaintyEstimator.load(paths[1])
        except (KeyError, ValueError) as error:
            raise ModelFileError(f"{folder} cannot be used: {error}") from error
        if list(head.classes) != list(files.card["classes"]):
            raise ModelFileError(f"{paths[0]} does not fit its card")
        width = reference.ood.scorer.projection.shape[0]
        if reference.source_prior.shape != (len(head.classes),) or head.weight.shape[1] != width:
            raise ModelFileError(f"{paths[1]} does not fit {paths[0]}")
        opened = open_backbone(files, engine, device=device, threads=threads)
        return cls(engine=opened, head=head, reference=reference, files=files)

    @property
    def engine_name(self) -> str:
        """Which engine runs: "onnx" or "torch"."""
        return self._engine.name

    def predict(
        self,
        crops: Sequence[NDArray[np.uint8]],
        *,
        um_per_px: Sequence[float | None] | float | None = None,
    ) -> ModelOutput:
        """Classify crops.

        Args:
            crops: n arrays, uint8 (h, w, 3), sRGB, of any and differing sizes.
            um_per_px: the scale of each, one for all, or None where it is not known.
        """
        scales = per_crop_scale(um_per_px, len(crops))
        prepared = [preprocess(crop, scale) for crop, scale in zip(crops, scales, strict=True)]
        stacked = np.empty((len(prepared), INPUT_SIZE, INPUT_SIZE, 3), dtype=np.uint8)
        for row, (crop, _) in enumerate(prepared):
            stacked[row] = crop
        return self.predict_prepared(stacked, [source for _, source in prepared])

    def predict_prepared(
        self, crops: NDArray[np.uint8], scale_source: Sequence[int] | NDArray[np.uint8]
    ) -> ModelOutput:
        """Classify crops that `preprocess` has prepared.

        Args:
            crops: uint8 (n, 128, 128, 3).
            scale_source: n values of `ScaleSource`, handed through to the result.
        """
        chunks = [crops[start : start + CHUNK] for start in range(0, max(len(crops), 1), CHUNK)]
        return self.predict_embedded(
            np.concatenate([self._engine.embed(chunk) for chunk in chunks]),
            appearance=np.concatenate([appearance(chunk) for chunk in chunks]),
            scale_source=scale_source,
        )

    def predict_embedded(
        self,
        embedding: NDArray[np.float32],
        *,
        appearance: NDArray[np.float32],
        scale_source: Sequence[int] | NDArray[np.uint8],
    ) -> ModelOutput:
        """Classify cells whose embeddings are known, as after the head was adapted.

        Args:
            embedding: float32 (n, d), of the model that `embedding_sha256` names.
            appearance: float32 (n, m), handed through to the result.
            scale_source: n values of `ScaleSource`, handed through too.
        """
        logits = self._head.logits(embedding)
        probs = self._head.probabilities(logits)
        return ModelOutput(
            logits=logits,
            probs=probs,
            embedding=embedding,
            scale_source=np.asarray(scale_source, dtype=np.uint8),
            pred_set=prediction_sets(probs, self._reference.thresholds),
            ood_score=self._reference.ood.score(embedding),
            appearance=appearance,
        )

    def reduced(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give embeddings in the few whitened directions in which distances mean most.

        Args:
            embedding: float32 (n, d), of `ModelOutput.embedding`.

        Returns:
            float32 (n, p), p at most 64.
        """
        result: NDArray[np.float32] = embedding @ self._reference.ood.scorer.projection
        return result

    def assess_slide(
        self, appearance: NDArray[np.float32], ood_score: NDArray[np.float32]
    ) -> SlideShiftScore | None:
        """Say whether a slide looks like any site of training; None below 20 cells.

        Args:
            appearance: float32 (n, m), the rows of `ModelOutput.appearance` of all its cells.
            ood_score: float32 (n,), of the same cells.
        """
        return assess(appearance, ood_score, self._reference.shift)

    def expected_shares(self, probs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Estimate the class shares of a slide from the probabilities of its cells, float32 (n, k).

        Returns:
            float64 (k,), sums to 1; the shares of training for no cells.
        """
        corrected = self._reference.correction.apply(probs)
        return expected_shares(corrected, self._reference.source_prior)

    def feature_map(
        self, crop: NDArray[np.uint8], *, um_per_px: float | None = None
    ) -> NDArray[np.float32]:
        """Return the last feature map of one crop, float32 (d, 4, 4); evidence maps use it.

        Args:
            crop: uint8 (h, w, 3), sRGB.
            um_per_px: its scale where known.
        """
        prepared, _ = preprocess(crop, um_per_px)
        features: NDArray[np.float32] = self._engine.feature_map(prepared[None])[0]
        return features

    def evidence(
        self,
        crop: NDArray[np.uint8],
        columns: Sequence[int],
        *,
        um_per_px: float | None = None,
    ) -> tuple[NDArray[np.float32], Window]:
        """Say which fields of a crop speak for a class, and where in the crop they lie.

        Args:
            crop: uint8 (h, w, 3), sRGB.
            columns: the leaves of the class, as positions in `classes`; never all of them.
            um_per_px: the crop's scale where known.

        Returns:
            float32 (4, 4), see `model.inference.evidence`, and the square of the crop it covers.

        Raises:
            ValueError: `columns` is empty or names every class.
        """
        window = find_window(crop, um_per_px)
        features = self._engine.feature_map(cut(crop, window)[None])[0]
        return evidence_fields(features, self._head, columns), window


def per_crop_scale(
    um_per_px: Sequence[float | None] | float | None, count: int
) -> Sequence[float | None]:
    """Spread one scale over all crops, or pass a sequence of the right length through."""
    if um_per_px is None or isinstance(um_per_px, int | float):
        return [um_per_px] * count
    if len(um_per_px) != count:
        raise ValueError(f"{count} crops but {len(um_per_px)} scales")
    return um_per_px


def find_model(folder: Path) -> Path:
    """Return the single model folder below `folder` (resources/models).

    Raises:
        ModelFileError: there is none, or more than one.
    """
    found = sorted(card.parent for card in folder.glob(f"*/{CARD_NAME}"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ModelFileError(f"{folder} must hold exactly one model; it holds {names}")
    return found[0]
