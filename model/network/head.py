"""The head: embedding to probabilities, in numpy, the same for every engine.

A head is three small arrays and the names of its classes. It is kept apart from the backbone so
that adapting a model to a site touches only this file, and needs no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from model.artifacts.array_files import read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

F = TypeVar("F", np.float32, np.float64)


@dataclass(frozen=True)
class Head:
    """A linear layer, a temperature, and the classes they speak of.

    Attributes:
        weight: float32 (k, d).
        bias: float32 (k,).
        temperature: > 0; logits are divided by it before the softmax.
        classes: k leaf names, in the order of the rows.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    classes: tuple[str, ...]

    def logits(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Apply the linear layer: float32 (n, d) to float32 (n, k), before temperature."""
        result: NDArray[np.float32] = embedding @ self.weight.T + self.bias
        return result

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn float32 (n, k) logits into float32 (n, k) probabilities whose rows sum to 1."""
        return softmax(logits / np.float32(self.temperature))

    def save(self, path: Path) -> None:
        """Write the head as safetensors; the class names travel in its metadata."""
        arrays = {
            "weight": np.asarray(self.weight, dtype=np.float32),
            "bias": np.asarray(self.bias, dtype=np.float32),
            "temperature": np.array([self.temperature], dtype=np.float32),
        }
        write_arrays(path, arrays, notes={"classes": self.classes})

    @classmethod
    def load(cls, path: Path) -> Head:
        """Read a head written by `save`.

        Raises:
            OSError: the file cannot be read.
            KeyError, ValueError: it is not a head.
        """
        arrays, notes = read_arrays(path)
        classes = tuple(notes["classes"])
        weight, bias = arrays["weight"], arrays["bias"]
        temperature = float(arrays["temperature"][0])
        if weight.ndim != 2 or len(weight) != len(classes) or bias.shape != (len(classes),):
            raise ValueError(f"{path.name}: the head's arrays and class names do not fit together")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all() and 0 < temperature < np.inf):
            raise ValueError(f"{path.name}: the head holds what are no numbers to predict with")
        return cls(weight, bias, temperature, classes)


def softmax(logits: NDArray[F]) -> NDArray[F]:
    """Softmax over the last axis of (…, k), in the precision it is given; safe for large logits.

    Ours, because scipy's would have to be loaded to classify.
    """
    exponent = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs: NDArray[F] = exponent / exponent.sum(axis=-1, keepdims=True)
    return probs
