"""Calibration: one temperature, fitted so that confidence matches how often the model is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RANGE: Final = (0.2, 10.0)  # temperatures worth considering
GOLDEN: Final = (np.sqrt(5.0) - 1.0) / 2.0


def negative_log_likelihood(
    logits: NDArray[np.float32],
    target: NDArray[np.bool_],
    *,
    temperature: float,
    weights: NDArray[np.float64],
) -> float:
    """Weighted mean of -log Σ of the label's leaf probabilities, nothing masked.

    Args:
        logits: float (n, k).
        target: bool (n, k), leaves of each label.
        temperature: > 0.
        weights: float (n,), sums to 1.
    """
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponent = np.exp(scaled)
    label = np.maximum((exponent * target).sum(axis=1), 1e-300)
    return float(weights @ (np.log(exponent.sum(axis=1)) - np.log(label)))


def fit_temperature(
    logits: NDArray[np.float32], target: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """Find the temperature of least weighted NLL by golden-section search (Guo et al. 2017).

    Args:
        logits: float (n, k) on crops not trained on.
        target: bool (n, k).
        weights: float (n,), sums to 1; give each domain its say.

    Returns:
        A temperature within `RANGE`.
    """

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(
            logits, target, temperature=float(np.exp(log_temperature)), weights=weights
        )

    low, high = (float(np.log(edge)) for edge in RANGE)
    while high - low > 1e-4:
        inner_low, inner_high = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if loss(inner_low) < loss(inner_high):
            high = inner_high
        else:
            low = inner_low
    return float(np.exp((low + high) / 2.0))


def expected_calibration_error(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], *, bins: int = 15
) -> float:
    """Mean distance between confidence and accuracy over equal-width bins, weighted by size.

    Args:
        confidence: float (n,), in 0..1.
        correct: bool (n,).
        bins: number of bins.

    Returns:
        In 0..1; 0 is perfect, NaN for no crops.
    """
    if not len(confidence):
        return float("nan")
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for bin_ in np.unique(index):
        inside = index == bin_
        total += inside.mean() * abs(float(confidence[inside].mean() - correct[inside].mean()))
    return float(total)
