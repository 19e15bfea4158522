"""New weights in the shipped graph, held against the same weights put there by the onnx library."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from model.artifacts.array_files import write_arrays
from model.inference.engines import OnnxEngine
from model.inference.onnx_weights import float_initializers, with_weights
from model.inference.predictor import find_model

GRAPH = find_model(Path(__file__).parents[4] / "resources" / "models") / "model.onnx"
CONVOLUTION = "net.blocks.1.0.conv_pw.weight"
BIAS = "net.conv_head.weight_bias"


def test_every_float_initializer_is_found_with_its_values() -> None:
    graph = GRAPH.read_bytes()
    found = float_initializers(graph)
    expected = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load_from_string(graph).graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    }
    assert set(found) == set(expected)
    for name, tensor in found.items():
        values = np.frombuffer(graph[tensor.start : tensor.end], "<f4").reshape(tensor.shape)
        np.testing.assert_array_equal(values, expected[name])


@pytest.mark.parametrize("name", [CONVOLUTION, BIAS])
def test_the_engine_computes_with_the_new_weights(name: str, tmp_path: Path) -> None:
    changed = onnx.load(GRAPH)
    tensor = next(entry for entry in changed.graph.initializer if entry.name == name)
    values = onnx.numpy_helper.to_array(tensor) * np.float32(1.1) + np.float32(0.01)
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, name))
    (tmp_path / "theirs.onnx").write_bytes(changed.SerializeToString())
    write_arrays(tmp_path / "weights.safetensors", {name: values}, notes={})

    crops = np.random.default_rng(3).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    ours = OnnxEngine(GRAPH, threads=1, weights=tmp_path / "weights.safetensors").embed(crops)
    theirs = OnnxEngine(tmp_path / "theirs.onnx", threads=1).embed(crops)
    np.testing.assert_array_equal(ours, theirs)
    assert np.abs(ours - OnnxEngine(GRAPH, threads=1).embed(crops)).max() > 0.01


def test_weights_that_do_not_fit_the_graph_are_refused() -> None:
    graph = GRAPH.read_bytes()
    shape = float_initializers(graph)[BIAS].shape
    with pytest.raises(ValueError, match="no weights called"):
        with_weights(graph, {"net.unknown": np.zeros(3, np.float32)})
    with pytest.raises(ValueError, match=BIAS):
        with_weights(graph, {BIAS: np.zeros((*shape, 2), np.float32)})
    with pytest.raises(ValueError, match="no numbers"):
        with_weights(graph, {BIAS: np.full(shape, np.nan, np.float32)})


@pytest.mark.parametrize("damage", [b"\xff" * 40, b"\x3a\xff\xff\xff\xff\x0f", b"\x0b\x00"])
def test_bytes_that_are_no_graph_are_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="no ONNX file"):
        float_initializers(damage)


def test_a_graph_cut_short_is_refused() -> None:
    graph = GRAPH.read_bytes()
    with pytest.raises(ValueError, match="no ONNX file"):
        float_initializers(graph[: len(graph) // 2])
