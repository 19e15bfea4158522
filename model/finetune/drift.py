"""Drift: where embeddings that were stored lie after the backbone has been fine-tuned.

Their crops are gone. But of other cells both embeddings are known, by the base and by the new
backbone, and how those moved tells how the stored ones would have (the idea of semantic drift
compensation, Yu et al., CVPR 2020; there a weighted mean of neighbours, here a ridge regression in
the directions in which the known cells differ most).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIRECTIONS: Final = 64
RIDGE: Final = 1.0  # cells' worth of «it did not move» in each direction of spread 1
LEAST_CELLS: Final = 8


@dataclass(frozen=True)
class Drift:
    """A linear estimate of how embeddings moved.

    Attributes:
        centre: float32 (d,), mean of the known cells by the base.
        projection: float32 (d, p), to whitened directions.
        slope: float32 (p, d), movement for each of them.
        shift: float32 (d,), movement of the centre.
    """

    centre: NDArray[np.float32]
    projection: NDArray[np.float32]
    slope: NDArray[np.float32]
    shift: NDArray[np.float32]

    def moved(self, embedding: NDArray[np.floating]) -> NDArray[np.float32]:
        """Estimate where float (n, d) embeddings of the base lie now: float32 (n, d)."""
        stored = embedding.astype(np.float32)
        by = ((stored - self.centre) @ self.projection) @ self.slope + self.shift
        # A network's last activation is no less than 0, and so is the mean of it.
        return np.maximum(stored + by, np.minimum(stored, 0.0))


def fit_drift(before: NDArray[np.float32], after: NDArray[np.float32]) -> Drift:
    """Learn from cells of which both embeddings are known.

    Args:
        before: float32 (n, d), by the base.
        after: float32 (n, d), by the new backbone.

    Raises:
        ValueError: there are too few cells to tell.
    """
    n, d = before.shape
    if after.shape != before.shape or n < LEAST_CELLS:
        raise ValueError(f"{n} cells are too few to tell how embeddings moved")
    centre = before.mean(axis=0)
    _, size, directions = np.linalg.svd(before - centre, full_matrices=False)
    p = min(DIRECTIONS, n // 2, d)
    projection = directions[:p].T / np.maximum(size[:p] / np.sqrt(n), 1e-6)  # (d, p)
    spots = (before - centre) @ projection  # (n, p), of spread 1
    moved = after - before
    shift = moved.mean(axis=0)
    inner = spots.T @ spots + RIDGE * np.eye(p, dtype=np.float32)
    slope = np.linalg.solve(inner, spots.T @ (moved - shift))
    kinds = (part.astype(np.float32) for part in (centre, projection, slope, shift))
    return Drift(*kinds)
