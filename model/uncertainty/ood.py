"""Out of distribution: how far a cell lies from those the model was fitted and calibrated on.

Three scorers of the field, compared by `model.uncertainty.uncertainty_figures` (the evidence:
docs/model.md):

- energy of the logits (Liu et al., NeurIPS 2020), which needs no reference cells;
- the distance to the k-th nearest reference cell by cosine (Sun et al., ICML 2022);
- the Mahalanobis distance to the nearest class mean under one covariance (Lee et al., NeurIPS
  2018), here in the leading principal components and with the covariance shrunk towards a sphere,
  because the reference cells are fewer than the embedding's numbers.

The last is shipped. What a person sees is a rank: the share of held-out source cells that are
nearer than this one. Applying it needs only numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COMPONENTS: Final = 64  # principal components kept
SHRINKAGE: Final = 0.1  # of the covariance towards a sphere of the same mean variance
NEIGHBOURS: Final = 10
FOLDS: Final = 5  # a held-out cell is ranked by a fit that has not seen it
LEAST_VARIANCE: Final = 1e-9


@dataclass(frozen=True)
class Mahalanobis:
    """Distance to the nearest class mean.

    Attributes:
        projection: float32 (d, p), principal components, whitened by the shared covariance.
        means: float32 (c, p), of the labels, projected.
    """

    projection: NDArray[np.float32]
    means: NDArray[np.float32]

    def distance(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Squared distance: float32 (n, d) to float32 (n,), >= 0."""
        projected = embedding @ self.projection
        own = np.square(projected).sum(axis=1, keepdims=True)
        cross = own - 2.0 * projected @ self.means.T + np.square(self.means).sum(axis=1)
        nearest: NDArray[np.float32] = np.maximum(cross.min(axis=1), 0.0).astype(np.float32)
        return nearest


@dataclass(frozen=True)
class Neighbours:
    """Distance to the k-th nearest reference cell.

    Attributes:
        bank: float32 (b, d), of length 1 each.
        k: 1..b.
    """

    bank: NDArray[np.float32]
    k: int

    def distance(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """1 − cosine to the k-th nearest: float32 (n, d) to float32 (n,), in 0..2."""
        similarity = unit_rows(embedding) @ self.bank.T
        kth: NDArray[np.float32] = np.partition(similarity, -self.k, axis=1)[:, -self.k]
        return np.float32(1.0) - kth


@dataclass(frozen=True)
class OodReference:
    """The shipped scorer and what it gave on held-out source cells.

    Attributes:
        scorer: the distance.
        ranked: float32 (q,), distances of held-out source cells, ascending.
    """

    scorer: Mahalanobis
    ranked: NDArray[np.float32]

    def score(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Share of held-out source cells that are nearer: float32 (n, d) to (n,), in 0..1."""
        return rank_among(self.scorer.distance(embedding), self.ranked)


def cross_fitted_distances(
    embedding: NDArray[np.float32], labels: Sequence[str], *, seed: int = 0
) -> NDArray[np.float32]:
    """Distance of each held-out source cell under a fit to the others.

    Args:
        embedding: float32 (n, d), n >= 1.
        labels: n names, at any depth.
        seed: of the folds.

    Returns:
        float32 (n,), in the order of the cells.
    """
    fold = np.random.default_rng(seed).permutation(len(embedding)) % FOLDS
    label = np.asarray(labels, dtype=str)
    distance = np.empty(len(embedding), dtype=np.float32)
    for one in np.unique(fold):
        inside = fold == one
        rest = ~inside if np.any(~inside) else inside
        distance[inside] = fit_mahalanobis(embedding[rest], label[rest]).distance(embedding[inside])
    return distance


def fit_mahalanobis(
    embedding: NDArray[np.float32], labels: Sequence[str] | NDArray[np.str_]
) -> Mahalanobis:
    """Fit class means and one covariance in the leading principal components.

    Args:
        embedding: float32 (n, d), n >= 1.
        labels: n names.
    """
    values = embedding.astype(np.float64)
    centred = values - values.mean(axis=0)
    size = max(1, min(COMPONENTS, len(values) - 1, values.shape[1]))
    basis = leading_components(centred, size)
    names, label = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    projected = values @ basis
    means = np.stack([projected[label == index].mean(axis=0) for index in range(len(names))])
    rest = projected - means[label]
    covariance = rest.T @ rest / len(rest)
    variance = max(float(np.trace(covariance)) / size, LEAST_VARIANCE)
    covariance = (1.0 - SHRINKAGE) * covariance + SHRINKAGE * variance * np.eye(size)
    whiten = np.linalg.cholesky(np.linalg.inv(covariance))
    return Mahalanobis(
        np.ascontiguousarray(basis @ whiten, dtype=np.float32),
        np.ascontiguousarray(means @ whiten, dtype=np.float32),
    )


def leading_components(centred: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Principal directions of centred float64 (n, d), largest first: float64 (d, count)."""
    from scipy.linalg import eigh

    dimension = centred.shape[1]
    last = (max(0, dimension - count), dimension - 1)
    _, vectors = eigh(centred.T @ centred, subset_by_index=last)
    return np.asarray(vectors[:, ::-1], dtype=np.float64)


def fit_neighbours(embedding: NDArray[np.float32], *, k: int = NEIGHBOURS) -> Neighbours:
    """Keep reference cells, float32 (n, d), for the distance to the k-th nearest."""
    return Neighbours(unit_rows(embedding), min(k, len(embedding)))


def energy(logits: NDArray[np.float32], *, temperature: float = 1.0) -> NDArray[np.float32]:
    """Energy −T ln Σ exp(z / T): float32 (n, k) to (n,); larger is farther."""
    scaled = logits / np.float32(temperature)
    top = scaled.max(axis=1)
    total = np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
    result: NDArray[np.float32] = (-temperature * total).astype(np.float32)
    return result


def unit_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale the rows of (n, d) to length 1."""
    length = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    result: NDArray[np.float32] = (values / length).astype(np.float32)
    return result


def rank_among(values: NDArray[np.float32], ranked: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of `ranked` (ascending) that lies below each value: float32 (n,), in 0..1."""
    below = np.searchsorted(ranked, values, side="left")
    share: NDArray[np.float32] = (below / max(len(ranked), 1)).astype(np.float32)
    return share
