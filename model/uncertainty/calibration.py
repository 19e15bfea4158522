"""Calibration: a temperature, and for estimating shares of classes also a bias for each leaf.

The temperature makes confidence match how often the model is right (Guo et al. 2017) and is all
that probabilities shown to people get. Estimating the class shares of a slide needs each class to
be calibrated on average too: bias-corrected temperature scaling (BCTS; Alexandari et al., ICML
2020) softens by a temperature and adds a bias to each leaf.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.network.head import softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

RANGE: Final = (0.2, 10.0)  # temperatures worth considering
BIAS_PENALTY: Final = 0.003  # on squared biases and log temperature, per cell of weight
LEAST_PROBABILITY: Final = 1e-12


@dataclass(frozen=True)
class BiasCorrection:
    """BCTS on top of calibrated probabilities: softmax(ln p / temperature + bias).

    Attributes:
        temperature: > 0, beyond that of the head.
        bias: float64 (k,), in natural-log units.
    """

    temperature: float
    bias: NDArray[np.float64]

    def apply(self, probs: NDArray[np.floating]) -> NDArray[np.float64]:
        """Correct probabilities: float (n, k) to float64 (n, k), rows sum to 1."""
        return softmax(log_probabilities(probs) / self.temperature + self.bias)


def log_probabilities(probs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Natural logarithm of float (n, k) probabilities, bounded below."""
    logs: NDArray[np.float64] = np.log(np.maximum(probs.astype(np.float64), LEAST_PROBABILITY))
    return logs


def fit_bias(
    probs: NDArray[np.floating], target: NDArray[np.bool_], weights: NDArray[np.float64]
) -> BiasCorrection:
    """Fit BCTS by least weighted NLL of the labels, with a small pull towards no correction.

    The pull decides what the labels leave open: leaves that few cells carry, and how a parent's
    probability divides among its leaves.

    Args:
        probs: float (n, k) on crops not trained on.
        target: bool (n, k).
        weights: float (n,), sums to 1.
    """
    from scipy.optimize import minimize

    logs = log_probabilities(probs)
    k = logs.shape[1]

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, bias = float(np.exp(parameters[0])), parameters[1:]
        corrected = softmax(logs * slope + bias)
        label = np.maximum((corrected * target).sum(axis=1), 1e-300)
        # d NLL / d score = softmax − softmax within the label
        gradient = weights[:, None] * (corrected - corrected * target / label[:, None])
        value = -float(weights @ np.log(label)) + BIAS_PENALTY * float(parameters @ parameters)
        along = np.concatenate([[slope * float((gradient * logs).sum())], gradient.sum(axis=0)])
        return value, along + 2.0 * BIAS_PENALTY * parameters

    found = minimize(loss, np.zeros(k + 1), jac=True, method="L-BFGS-B")
    return BiasCorrection(float(np.exp(-found.x[0])), np.asarray(found.x[1:], dtype=np.float64))


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
    """Find the temperature of least weighted NLL (Guo et al. 2017).

    Args:
        logits: float (n, k) on crops not trained on.
        target: bool (n, k).
        weights: float (n,), sums to 1; give each domain its say.

    Returns:
        A temperature within `RANGE`.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(
            logits, target, temperature=float(np.exp(log_temperature)), weights=weights
        )

    low, high = (float(np.log(edge)) for edge in RANGE)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-5})
    return float(np.exp(found.x))


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
