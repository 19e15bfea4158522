"""Engines: what runs the backbone. Each gives the same (embedding, feature map).

ONNX Runtime serves CPUs and imports no torch; torch serves CUDA and MPS. A fine-tuned model has no
ONNX graph of its own but weights to put into its base's. To add an engine: a class with the methods
of `Engine`, a name in `EngineName`, and a line in `open_engine`.
"""

from __future__ import annotations

import os
import platform
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np

from model.artifacts.array_files import read_arrays
from model.inference.onnx_weights import with_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

EngineName = Literal["auto", "onnx", "torch"]
WEIGHTS_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"onnx": "model.onnx", "torch": "weights.safetensors"}
)
ONNX_WEIGHTS_FILE: Final = "onnx_weights.safetensors"  # float32, to put into the graph by name


class Engine(Protocol):
    """Runs the backbone over prepared crops, uint8 (n, 128, 128, 3)."""

    name: str

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the embedding, float32 (n, d)."""
        ...

    def feature_map(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the last feature map, float32 (n, d, 4, 4)."""
        ...


class OnnxEngine:
    """ONNX Runtime on the CPU.

    Args:
        path: of the graph.
        threads: its own choice if left out.
        weights: file of weights to put into the graph; its own if left out.

    Raises:
        ValueError: the weights are damaged or do not fit the graph.
    """

    name = "onnx"

    def __init__(
        self, path: Path, *, threads: int | None = None, weights: Path | None = None
    ) -> None:
        # Its builds send usage data to their maker unless this is set before they load. Nothing
        # may leave the computer on which patients' cells are looked at.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        graph: str | bytes = str(path)
        if weights is not None:
            graph = with_weights(path.read_bytes(), read_arrays(weights)[0])
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the embedding, float32 (n, d)."""
        return self._run("embedding", crops)

    def feature_map(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the last feature map, float32 (n, d, 4, 4)."""
        return self._run("feature_map", crops)

    def _run(self, output: str, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._session.run([output], {"crops": crops})[0]
        return result


class TorchEngine:
    """torch on CUDA or MPS in half precision, or on the CPU in single precision."""

    name = "torch"

    def __init__(
        self, path: Path, *, device: str | None = None, threads: int | None = None
    ) -> None:
        import torch

        from model.network.backbone import load_backbone

        self._torch = torch
        if threads is not None:
            torch.set_num_threads(threads)
        self.device = device or best_torch_device() or "cpu"
        backbone = load_backbone(path).to(memory_format=torch.channels_last).to(self.device)
        self._backbone = backbone if self.device == "cpu" else backbone.half()

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the embedding, float32 (n, d)."""
        return self._run(0, crops)

    def feature_map(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the last feature map, float32 (n, d, 4, 4)."""
        return self._run(1, crops)

    def _run(self, output: int, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            batch = self._torch.from_numpy(np.array(crops)).to(self.device)
            result: NDArray[np.float32] = self._backbone(batch)[output].float().cpu().numpy()
        return result


def accelerator_driver_present() -> bool:
    """Say whether a GPU that torch can use may be there, without importing torch."""
    system = platform.system()
    if system == "Darwin":
        return platform.machine() == "arm64"
    if system == "Windows":
        return Path(r"C:\Windows\System32\nvcuda.dll").exists()
    return Path("/proc/driver/nvidia/version").exists()


def best_torch_device() -> str | None:
    """Return "cuda" or "mps" where torch is installed and can really use it, else None."""
    if not accelerator_driver_present() or find_spec("torch") is None:
        return None
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def choose_engine(engine: EngineName, device: str | None) -> Literal["onnx", "torch"]:
    """Settle "auto": torch on a GPU, the named one or one that is there; else ONNX Runtime."""
    if engine != "auto":
        return engine
    return "onnx" if (device or best_torch_device() or "cpu") == "cpu" else "torch"


def open_engine(
    path: Path,
    engine: Literal["onnx", "torch"],
    *,
    device: str | None = None,
    threads: int | None = None,
    onnx_weights: Path | None = None,
) -> Engine:
    """Load an engine.

    Args:
        path: of its file, as `WEIGHTS_OF` names it.
        engine: which.
        device: of torch.
        threads: on a CPU.
        onnx_weights: file of weights to put into the graph of ONNX Runtime.

    Raises:
        ValueError: the weights are damaged or do not fit the graph.
    """
    if engine == "onnx":
        return OnnxEngine(path, threads=threads, weights=onnx_weights)
    return TorchEngine(path, device=device, threads=threads)
