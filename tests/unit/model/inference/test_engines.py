"""The choice between the engines."""

import pytest

from model.inference import engines
from model.inference.engines import EngineName, choose_engine


@pytest.mark.parametrize(
    ("found", "engine", "device", "chosen"),
    [
        (None, "auto", None, "onnx"),
        ("cuda", "auto", None, "torch"),
        ("cuda", "auto", "cpu", "onnx"),
        (None, "auto", "mps", "torch"),
        ("cuda", "onnx", None, "onnx"),
        (None, "torch", "cpu", "torch"),
    ],
)
def test_torch_serves_gpus_and_onnx_runtime_everything_else(
    monkeypatch: pytest.MonkeyPatch,
    found: str | None,
    engine: EngineName,
    device: str | None,
    chosen: str,
) -> None:
    monkeypatch.setattr("model.inference.engines.best_torch_device", lambda: found)
    assert choose_engine(engine, device) == chosen


def test_a_gpu_is_of_no_use_where_torch_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "accelerator_driver_present", lambda: True)
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert choose_engine("auto", None) == "onnx"
