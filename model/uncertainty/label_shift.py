"""Label shift: the class shares of a slide, estimated from calibrated probabilities.

Counting best leaves is biased wherever the model is unsure, towards the classes that were frequent
in calibration. Expectation maximisation finds the shares under which the probabilities make most
sense together (Saerens, Latinne and Decaestecker, Neural Computation 14 (2002) 21-41); it wants
probabilities that are calibrated class by class, which `model.uncertainty.calibration.fit_bias`
sees to
(Alexandari et al., ICML 2020). It assumes that a class looks on this slide as it did in training;
where the slide alarm is raised, the shares are no better than the counts. Only numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STEPS: Final = 1000
TOLERANCE: Final = 1e-7  # largest change of any share at which the search ends
LEAST_PRIOR: Final = 1e-6


def expected_shares(
    probs: NDArray[np.floating], source_prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate class shares.

    Args:
        probs: float (n, k) of n cells of one slide, calibrated and bias-corrected.
        source_prior: float64 (k,), shares under which they are calibrated; sums to 1.

    Returns:
        float64 (k,), sums to 1; the prior itself for no cells.
    """
    prior: NDArray[np.float64] = np.maximum(source_prior, LEAST_PRIOR)
    prior = prior / prior.sum()
    if not len(probs):
        return prior
    likelihood = probs.astype(np.float64) / prior  # (n, k), up to a factor per cell
    likelihood /= np.maximum(likelihood.max(axis=1, keepdims=True), 1e-300)
    shares = prior
    for _ in range(MAX_STEPS):
        posterior = likelihood * shares
        posterior /= np.maximum(posterior.sum(axis=1, keepdims=True), 1e-300)
        following: NDArray[np.float64] = posterior.mean(axis=0)
        if np.abs(following - shares).max() < TOLERANCE:
            return following
        shares = following
    return shares


def counted_shares(probs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of cells whose best leaf each is: float64 (k,); zeros for no cells."""
    counts = np.bincount(probs.argmax(axis=1), minlength=probs.shape[1]) if len(probs) else 0
    result: NDArray[np.float64] = np.zeros(probs.shape[1]) + counts
    return result / max(len(probs), 1)
