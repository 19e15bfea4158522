"""A fine-tuned backbone for both engines, over the base's graph."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch

from model.finetune.backbone_export import fits_graph, folded, write_backbone
from model.inference.engines import OnnxEngine, TorchEngine
from model.network.backbone import Backbone, load_backbone
from tests.unit.model.layered import BASE

GRAPH = BASE / "model.onnx"


@pytest.fixture(scope="module")
def base() -> Backbone:
    """The shipped backbone."""
    return load_backbone(BASE / "weights.safetensors")


@pytest.fixture(scope="module")
def tuned(base: Backbone) -> Backbone:
    """The same with every number moved a little."""
    torch.manual_seed(3)
    other = deepcopy(base)
    with torch.no_grad():
        for value in other.parameters():
            value.add_(0.02 * value.std() * torch.randn_like(value))
    return other


def test_both_engines_see_the_new_network(tmp_path: Path, base: Backbone, tuned: Backbone) -> None:
    names = write_backbone(tmp_path, tuned, base=base, graph=GRAPH)
    assert names == ["weights.safetensors", "onnx_weights.safetensors"]
    crops = np.random.default_rng(1).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    onnx = OnnxEngine(GRAPH, weights=tmp_path / names[1], threads=1).embed(crops)
    ours = TorchEngine(tmp_path / names[0], device="cpu", threads=1).embed(crops)
    assert np.abs(onnx - ours).max() < 1e-3
    assert np.abs(onnx - OnnxEngine(GRAPH, threads=1).embed(crops)).max() > 0.01


def test_a_graph_of_another_network_gets_no_weights(
    tmp_path: Path, base: Backbone, tuned: Backbone
) -> None:
    assert fits_graph(folded(base), GRAPH)
    assert not fits_graph(folded(tuned), GRAPH)
    names = write_backbone(tmp_path, tuned, base=tuned, graph=GRAPH)
    assert names == ["weights.safetensors"]
    assert not (tmp_path / "onnx_weights.safetensors").exists()
