"""From a fine-tuned network to the files of a layered model.

The ONNX graph of the base is kept: only its numbers change. There each BatchNorm has been folded
into the convolution before it; the same is done here with the new weights, so that no exporter is
needed and the graph cannot differ. That this gives the numbers that stand in the base's graph is
checked on the base itself first; where it does not, the model comes without them and runs on torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn

from model.artifacts.array_files import write_arrays
from model.artifacts.export import PARITY
from model.data.scale import INPUT_SIZE
from model.inference.engines import ONNX_WEIGHTS_FILE, WEIGHTS_OF, OnnxEngine
from model.inference.onnx_weights import float_initializers
from model.network.backbone import save_backbone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from model.network.backbone import Backbone

FOLDING: Final = 1e-4  # largest difference of a folded weight, relative to the largest of its kind


def write_backbone(folder: Path, backbone: Backbone, *, base: Backbone, graph: Path) -> list[str]:
    """Write a fine-tuned backbone for both engines.

    Args:
        folder: of the model.
        backbone: fine-tuned, on the CPU.
        base: the one it came from.
        graph: the base's ONNX file.

    Returns:
        The names of the files written; without the ONNX weights where they do not fit the graph.
    """
    backbone = backbone.eval().to(memory_format=torch.contiguous_format)
    torch_file = WEIGHTS_OF["torch"]
    save_backbone(backbone, folder / torch_file)
    if not fits_graph(folded(base), graph):
        return [torch_file]
    path = folder / ONNX_WEIGHTS_FILE
    write_arrays(path, folded(backbone), notes={"graph": graph.name})
    if engine_difference(backbone, graph, path) >= PARITY:
        path.unlink()
        return [torch_file]
    return [torch_file, ONNX_WEIGHTS_FILE]


def folded(backbone: Backbone) -> dict[str, NDArray[np.float32]]:
    """Fold every BatchNorm into its convolution: weights and biases by the graph's names."""
    arrays: dict[str, NDArray[np.float32]] = {}
    for name, convolution, norm in normalised_convolutions(backbone):
        with torch.no_grad():
            # In double precision, as the result is rounded once, to what the graph holds.
            gain = norm.weight.double() / (_buffer(norm.running_var) + norm.eps).sqrt()
            weight = convolution.weight.double() * gain[:, None, None, None]
            bias = norm.bias.double() - _buffer(norm.running_mean) * gain
        arrays[f"{name}.weight"] = weight.float().contiguous().numpy()
        arrays[f"{name}.weight_bias"] = bias.float().numpy()
    return arrays


def _buffer(values: torch.Tensor | None) -> torch.Tensor:
    """Return statistics in double precision.

    Raises:
        ValueError: the BatchNorm keeps none.
    """
    if values is None:
        raise ValueError("a BatchNorm without statistics cannot be folded")
    return values.double()


def normalised_convolutions(
    backbone: Backbone,
) -> Iterator[tuple[str, nn.Conv2d, nn.BatchNorm2d]]:
    """Yield each convolution with its name and the BatchNorm that follows it.

    In this network the two always come in turn, in the order of its modules.
    """
    waiting: tuple[str, nn.Conv2d] | None = None
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            waiting = name, module
        elif isinstance(module, nn.BatchNorm2d) and waiting is not None:
            yield (*waiting, module)
            waiting = None


def fits_graph(arrays: dict[str, NDArray[np.float32]], graph: Path) -> bool:
    """Say whether folded weights of the base are those in its graph, name by name."""
    content = graph.read_bytes()
    tensors = float_initializers(content)
    for name, array in arrays.items():
        there = tensors.get(name)
        if there is None or there.shape != array.shape:
            return False
        values = np.frombuffer(content[there.start : there.end], "<f4").reshape(array.shape)
        if float(np.abs(values - array).max()) > FOLDING * max(1.0, float(np.abs(array).max())):
            return False
    return True


def engine_difference(backbone: Backbone, graph: Path, weights: Path) -> float:
    """Largest difference in any feature between torch and ONNX Runtime, on noise."""
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (8, INPUT_SIZE, INPUT_SIZE, 3), dtype=np.uint8)
    with torch.inference_mode():
        wanted: NDArray[Any] = backbone(torch.from_numpy(crops))[0].numpy()
    return float(np.abs(OnnxEngine(graph, weights=weights).embed(crops) - wanted).max())
