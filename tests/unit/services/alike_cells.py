"""Cells in groups that look alike, for tests of what is made from embeddings."""

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.services.embeddings.similarity import Similarity


def grouped_cells(
    sizes: tuple[int, ...], *, width: int = 16, spread: float = 0.15
) -> tuple[Similarity, NDArray[np.int64]]:
    """Return cells around one centre for each group, and the group of each."""
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(len(sizes), width))
    group = np.repeat(np.arange(len(sizes)), sizes)
    rows = centres[group] + spread * rng.normal(size=(len(group), width))
    order = rng.permutation(len(group))
    ids = np.arange(10, 10 + 2 * len(group), 2)
    return Similarity(ids, rows[order].astype(np.float16)), group[order]
