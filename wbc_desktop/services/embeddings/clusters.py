"""Clusters of cells that look alike to the network: k-means on the unit sphere, always the same.

The number of clusters follows from the number of cells, the seed is fixed, and clusters are
numbered by their size, so the same cells always give the same clusters. The centres are found on
at most ``SAMPLE`` cells, then every cell goes to its nearest centre.
"""

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.services.embeddings.similarity import Similarity

FEWEST, MOST = 4, 24
SAMPLE = 20_000
_CELLS_PER_CLUSTER = 20  # cells of a small workspace that make one cluster
_ROUNDS = 40
_CHUNK = 16_384
_SEED = 20_232


def cluster_count(n: int) -> int:
    """Return the number of clusters for n cells."""
    wanted = round(float(np.sqrt(n / _CELLS_PER_CLUSTER)) * 2)
    return min(n, max(FEWEST, min(MOST, wanted)))


def clusters(similarity: Similarity) -> NDArray[np.int16]:
    """Return the cluster of each cell, int16 (n,), 0 the largest."""
    n = len(similarity)
    if not n:
        return np.empty(0, np.int16)
    rng = np.random.default_rng(_SEED)
    sample = np.arange(n) if n <= SAMPLE else np.sort(rng.permutation(n)[:SAMPLE])
    rows = similarity.unit_rows(sample)
    centres = _lloyd(rows, _kmeans_plus_plus(rows, cluster_count(n), rng))
    found = np.empty(n, np.int64)
    for start in range(0, n, _CHUNK):
        part = slice(start, min(start + _CHUNK, n))
        found[part] = (similarity.unit_rows(part) @ centres.T).argmax(axis=1)
    sizes = np.bincount(found, minlength=len(centres))
    rank = np.empty(len(centres), np.int16)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(centres))
    return rank[found]


def _kmeans_plus_plus(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Choose k first centres far from one another (k-means++), float32 (k, p)."""
    chosen = [int(rng.integers(len(rows)))]
    away = np.maximum(1.0 - rows @ rows[chosen[0]], 0.0).astype(np.float64)
    while len(chosen) < k:
        total = away.sum()
        if total <= 0:  # all that is left lies on a centre
            chosen.append(int(rng.integers(len(rows))))
            continue
        draw = rng.random() * total
        chosen.append(min(int(np.searchsorted(np.cumsum(away), draw)), len(rows) - 1))
        away = np.minimum(away, np.maximum(1.0 - rows @ rows[chosen[-1]], 0.0))
    return rows[chosen]


def _lloyd(rows: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Move centres into the middle of their cells until none changes its cluster."""
    before = np.full(len(rows), -1)
    for _ in range(_ROUNDS):
        nearest = (rows @ centres.T).argmax(axis=1)
        if np.array_equal(nearest, before):
            break
        before = nearest
        # Sorted by cluster, the sums are one pass; a centre without cells stays where it is.
        order = np.argsort(nearest, kind="stable")
        there, first = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(rows[order], first, axis=0)
        length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        centres = centres.copy()
        centres[there] = sums / length
    return centres
