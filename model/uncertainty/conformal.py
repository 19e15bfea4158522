"""Prediction sets: the leaves that cannot be ruled out at 90 %.

Split conformal prediction with the least ambiguous sets (LAC; Sadinle et al. 2019; Angelopoulos
and Bates, "A gentle introduction to conformal prediction", arXiv 2107.07511, section 1). The score
of a labelled cell is 1 − the largest leaf probability within its label, so that cells labelled at
parent depth calibrate too; such a cell counts as covered where any of its leaves is in the set. A
leaf with enough calibration cells gets a threshold of its own (class-conditional, the same text,
section 4.2), the others share the marginal one. Only numpy.

The promise is marginal and for cells like those calibrated on: at another site it may fail, which
is what the OOD score and the slide alarm are for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVERAGE: Final = 0.90
MIN_OF_CLASS: Final = 50  # calibration cells a leaf must have for a threshold of its own


@dataclass(frozen=True)
class Thresholds:
    """Where a leaf drops out of the set.

    Attributes:
        score: float32 (k,), in 0..1: a leaf is in the set while 1 − its probability is no larger.
        own: bool (k,), whether the threshold is the leaf's own or the marginal one.
        coverage: the share of cells that the sets were made to cover.
        n: cells calibrated on.
    """

    score: NDArray[np.float32]
    own: NDArray[np.bool_]
    coverage: float
    n: int


def fit_thresholds(
    probs: NDArray[np.float32],
    target: NDArray[np.bool_],
    *,
    weights: NDArray[np.float64] | None = None,
    coverage: float = COVERAGE,
) -> Thresholds:
    """Fit the thresholds on held-out cells.

    Args:
        probs: float32 (n, k), calibrated.
        target: bool (n, k), the leaves of each label.
        weights: float (n,), >= 0, of the cells in the marginal threshold; all alike if left out.
        coverage: in 0..1.

    Raises:
        ValueError: there are no cells.
    """
    if not len(probs):
        raise ValueError("no cells to calibrate on")
    scores = nonconformity(probs, target)
    weights = np.ones(len(scores)) if weights is None else weights
    marginal = conformal_quantile(scores, weights, coverage)
    score = np.full(probs.shape[1], marginal, dtype=np.float32)
    own = np.zeros(probs.shape[1], dtype=np.bool_)
    single = target.sum(axis=1) == 1
    for leaf in range(probs.shape[1]):
        carrying = single & target[:, leaf]
        if np.count_nonzero(carrying) >= MIN_OF_CLASS:
            own[leaf] = True
            score[leaf] = conformal_quantile(scores[carrying], weights[carrying], coverage)
    return Thresholds(score, own, coverage, len(scores))


def nonconformity(probs: NDArray[np.float32], target: NDArray[np.bool_]) -> NDArray[np.float64]:
    """1 − the largest leaf probability within each label: float64 (n,), in 0..1."""
    score: NDArray[np.float64] = 1.0 - np.where(target, probs, 0.0).max(axis=1).astype(np.float64)
    return score


def conformal_quantile(
    scores: NDArray[np.float64], weights: NDArray[np.float64], coverage: float
) -> float:
    """Smallest score that covers enough of the weight, one more cell of unknown score counted in.

    For equal weights this is the ⌈(n + 1) coverage⌉-th smallest score. The unknown cell weighs as
    much as the mean one (Tibshirani et al. 2019 treat weights from known likelihood ratios; ours
    only give each site its say).

    Args:
        scores: float64 (n,).
        weights: float64 (n,), >= 0, not all 0.
        coverage: in 0..1.

    Returns:
        A score; 1, which rules nothing out, where the cells are too few.
    """
    order = np.argsort(scores)
    mean = weights[weights > 0].mean()
    reached = np.cumsum(weights[order]) / (weights.sum() + mean)
    place = int(np.searchsorted(reached, coverage - 1e-12))
    return float(scores[order[place]]) if place < len(scores) else 1.0


def prediction_sets(probs: NDArray[np.float32], thresholds: Thresholds) -> NDArray[np.bool_]:
    """Return the sets: bool (n, k), never empty, for the best leaf is always in.

    Args:
        probs: float32 (n, k), calibrated.
        thresholds: of `fit_thresholds`.
    """
    sets: NDArray[np.bool_] = np.float32(1.0) - probs <= thresholds.score
    if len(sets):
        sets[np.arange(len(sets)), probs.argmax(axis=1)] = True
    return sets


def covered(sets: NDArray[np.bool_], target: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each set holds a leaf of the label: bool (n,)."""
    held: NDArray[np.bool_] = np.any(sets & target, axis=1)
    return held


def wilson_interval(successes: int, n: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927); (0, 1) for no trials."""
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)
