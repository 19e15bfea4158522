"""How alike cells look to the network: the cosine between their reduced embeddings.

Of the measures tried on crops of four sites (docs/adr/0009-embeddings.md), this one put most cells
of the same class first: the embedding in the 64 whitened directions in which the model measures how
unusual a cell is, counted from the mean of the workspace's cells, by cosine. To change the measure,
change ``Similarity.to`` and ``Similarity.unit_rows``.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_CHUNK = 16_384  # rows turned into float32 at a time: bounds the memory


@dataclass(frozen=True, eq=False)
class Similarity:
    """The reduced embeddings of cells.

    Attributes:
        cell_ids: int64 (n,), strictly ascending.
        reduced: float16 (n, p), one row for each cell.
        mean: float32 (p,), of all rows; zeros without rows.
    """

    cell_ids: NDArray[np.int64]
    reduced: NDArray[np.float16]
    mean: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Refuse ids out of order or of another number than the rows."""
        if self.reduced.shape[:1] != self.cell_ids.shape:
            raise ValueError(f"{self.cell_ids.shape} cells, {self.reduced.shape}")
        if np.any(self.cell_ids[1:] <= self.cell_ids[:-1]):
            raise ValueError("cell ids must ascend")
        mean = np.zeros(self.reduced.shape[1], np.float32)
        if len(self.reduced):
            mean = self.reduced.mean(axis=0, dtype=np.float32)
        object.__setattr__(self, "mean", mean)

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cell_ids)

    def rows_of(self, cell_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each of some cells, int64 (m,), −1 where a cell has no embedding."""
        rows = np.searchsorted(self.cell_ids, cell_ids)
        inside = rows < len(self)
        found = np.zeros(rows.shape, np.bool_)
        found[inside] = self.cell_ids[rows[inside]] == cell_ids[inside]
        return np.where(found, rows, -1)

    def unit_rows(self, rows: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Return the rows counted from the mean and of length 1, float32 (m, p)."""
        values = self.reduced[rows].astype(np.float32) - self.mean
        length = np.sqrt(np.einsum("ij,ij->i", values, values))
        values /= np.maximum(length, np.float32(1e-6))[:, None]
        return values

    def to(self, cell_id: int) -> NDArray[np.float32] | None:
        """Return how alike every cell is to one, float32 (n,) in [−1, 1]; None if it has none."""
        row = int(self.rows_of(np.array([cell_id], np.int64))[0])
        if row < 0:
            return None
        wanted = self.unit_rows(np.array([row]))[0]
        alike = np.empty(len(self), np.float32)
        for start in range(0, len(self), _CHUNK):
            part = slice(start, start + _CHUNK)
            np.matmul(self.unit_rows(part), wanted, out=alike[part])
        return np.clip(alike, -1.0, 1.0, out=alike)
