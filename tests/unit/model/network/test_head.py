"""The head: arithmetic and round trip."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from model.artifacts.array_files import write_arrays
from model.network.head import Head, softmax


def a_head(temperature: float = 1.7) -> Head:
    rng = np.random.default_rng(4)
    weight = rng.normal(size=(3, 5)).astype(np.float32)
    return Head(weight, rng.normal(size=3).astype(np.float32), temperature, ("a", "b", "c"))


def test_a_head_survives_its_file(tmp_path: Path) -> None:
    head = a_head()
    head.save(tmp_path / "head.safetensors")
    loaded = Head.load(tmp_path / "head.safetensors")
    np.testing.assert_array_equal(loaded.weight, head.weight)
    np.testing.assert_array_equal(loaded.bias, head.bias)
    assert loaded.temperature == pytest.approx(head.temperature)
    assert loaded.classes == head.classes
    assert [path.name for path in tmp_path.iterdir()] == ["head.safetensors"]


def test_probabilities_sum_to_one_and_a_higher_temperature_is_less_sure() -> None:
    logits = a_head().logits(np.random.default_rng(5).normal(size=(7, 5)).astype(np.float32))
    cool, warm = a_head(0.5).probabilities(logits), a_head(5.0).probabilities(logits)
    np.testing.assert_allclose(cool.sum(axis=1), 1.0, rtol=1e-6)
    assert (cool.max(axis=1) > warm.max(axis=1)).all()


def test_softmax_of_huge_logits_is_finite() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e5, 0.0]], dtype=np.float32)), [[1.0, 0.0]])


def test_arrays_that_do_not_fit_the_class_names_are_refused(tmp_path: Path) -> None:
    arrays = {
        "weight": np.zeros((2, 5), dtype=np.float32),
        "bias": np.zeros(2, dtype=np.float32),
        "temperature": np.ones(1, dtype=np.float32),
    }
    save_file(arrays, tmp_path / "head.safetensors", metadata={"classes": '["a", "b", "c"]'})
    with pytest.raises(ValueError, match="do not fit"):
        Head.load(tmp_path / "head.safetensors")


@pytest.mark.parametrize(
    ("name", "value"), [("weight", np.nan), ("bias", np.inf), ("temperature", 0)]
)
def test_a_head_that_holds_no_numbers_is_refused(name: str, value: float, tmp_path: Path) -> None:
    head = a_head()
    arrays = {"weight": head.weight, "bias": head.bias, "temperature": np.ones(1, np.float32)}
    arrays[name] = arrays[name].copy()
    arrays[name].flat[0] = value
    write_arrays(tmp_path / "head.safetensors", arrays, notes={"classes": head.classes})
    with pytest.raises(ValueError, match="no numbers"):
        Head.load(tmp_path / "head.safetensors")
