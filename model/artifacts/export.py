"""Export: write a trained model in its shipped form, and check that both engines agree.

A model folder holds:

    model.onnx             the backbone for ONNX Runtime
    weights.safetensors    the same backbone for torch
    head.safetensors       weight, bias, temperature
    reference.safetensors  what it remembers of held-out cells (`model.uncertainty.estimator`)
    replay.safetensors     embeddings to adapt it with (`model.artifacts.replay_memory`)
    split.json.gz          which crops trained, validated, tested
    card.json              written last: a folder with a card is whole

To ship one more file: write it in `export_model` and name it in `FILES`; the card hashes those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from model.artifacts.array_files import write_atomically
from model.artifacts.card import CARD_NAME, CardFacts, build_card, sha256_of, write_json
from model.artifacts.replay_memory import BACKBONE_FILE, REPLAY_FILE, describe_replay
from model.data.scale import INPUT_SIZE
from model.data.split import SPLIT_FILE, write_split
from model.inference.engines import OnnxEngine
from model.network.backbone import Backbone, save_backbone
from model.uncertainty.estimator import REFERENCE_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import onnx

    from model.artifacts.replay_memory import Replay
    from model.data.crop_set import Record
    from model.data.split import SplitName
    from model.network.head import Head
    from model.uncertainty.estimator import UncertaintyEstimator

FILES: Final = (
    "head.safetensors",
    "model.onnx",
    REFERENCE_FILE,
    REPLAY_FILE,
    SPLIT_FILE,
    BACKBONE_FILE,
)
OPSET: Final = 18
PARITY: Final = 1e-3  # largest difference in any logit between the engines
MAX_BYTES: Final = 40 * 2**20


def export_model(
    folder: Path,
    *,
    backbone: Backbone,
    head: Head,
    split: Mapping[SplitName, Sequence[Record]],
    facts: CardFacts,
    reference: UncertaintyEstimator,
    replay: Replay,
) -> None:
    """Write a model folder.

    Args:
        folder: made if missing; files in it are replaced.
        backbone: trained.
        head: with its temperature.
        split: recorded as provenance.
        facts: for the card.
        reference: of `model.uncertainty.estimator.fit_uncertainty`.
        replay: of `model.training.replay_crops.collect_replay`, with this backbone.

    Raises:
        ValueError: the engines disagree, or the folder is too large to ship.
    """
    folder.mkdir(parents=True, exist_ok=True)
    backbone = backbone.eval().to(memory_format=torch.contiguous_format)
    save_backbone(backbone, folder / BACKBONE_FILE)
    export_onnx(backbone, folder / "model.onnx")
    head.save(folder / "head.safetensors")
    write_split(folder / SPLIT_FILE, split)
    reference.save(folder / REFERENCE_FILE)
    replay.save(folder / REPLAY_FILE, backbone_sha256=sha256_of(folder / BACKBONE_FILE))
    difference = engine_difference(folder, backbone, head)
    if difference >= PARITY:
        raise ValueError(f"the engines differ by {difference:.2e} in a logit")
    if sum((folder / name).stat().st_size for name in FILES) > MAX_BYTES:
        raise ValueError(f"the model takes more than {MAX_BYTES // 2**20} MB")
    files = {name: sha256_of(folder / name) for name in FILES}
    memory = describe_replay(replay, size=(folder / REPLAY_FILE).stat().st_size)
    write_json(folder / CARD_NAME, build_card(facts, files, replay=memory))


def export_onnx(backbone: Backbone, path: Path) -> None:
    """Write the backbone as ONNX: crops uint8 (n, 128, 128, 3) to embedding and feature_map."""
    example = torch.zeros(2, INPUT_SIZE, INPUT_SIZE, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        backbone,
        (example,),
        input_names=["crops"],
        output_names=["embedding", "feature_map"],
        dynamic_shapes=({0: torch.export.Dim("n", min=1)},),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise ValueError("torch.onnx gave no program")
    write_atomically(path, without_traces(program.model_proto).SerializeToString())


def without_traces(model: onnx.ModelProto) -> onnx.ModelProto:
    """Take out the exporter's notes: stack traces with paths of the machine that trained."""
    del model.metadata_props[:]
    for function in (model.graph, *model.functions):
        del function.metadata_props[:]
        for part in (*function.node, *function.value_info):
            part.doc_string = ""
            del part.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        value.doc_string = ""
        del value.metadata_props[:]
    return model


def engine_difference(folder: Path, backbone: Backbone, head: Head) -> float:
    """Largest absolute difference in any logit between torch and ONNX Runtime on noise."""
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (8, INPUT_SIZE, INPUT_SIZE, 3), dtype=np.uint8)
    with torch.inference_mode():
        theirs = backbone(torch.from_numpy(crops))[0].numpy()
    ours = OnnxEngine(folder / "model.onnx").embed(crops)
    return float(np.abs(head.logits(ours) - head.logits(theirs)).max())
