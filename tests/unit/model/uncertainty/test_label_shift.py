"""Class shares of a slide whose mix differs from that of calibration."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.uncertainty.label_shift import counted_shares, expected_shares

PRIOR = np.array([0.5, 0.3, 0.2])


def posterior(shares: NDArray[np.float64], n: int, *, seed: int) -> NDArray[np.float64]:
    """Probabilities, calibrated under PRIOR, of n cells drawn with other shares."""
    rng = np.random.default_rng(seed)
    leaf = rng.choice(3, size=n, p=shares)
    seen = 1.2 * np.eye(3)[leaf] + rng.normal(size=(n, 3))
    joint = np.exp(1.2 * seen) * PRIOR  # Gaussian likelihood of equal spread, up to a factor
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def test_shares_are_found_again_where_counting_is_biased() -> None:
    shares = np.array([0.1, 0.2, 0.7])
    probs = posterior(shares, 20_000, seed=1)
    expected, counted = expected_shares(probs, PRIOR), counted_shares(probs)
    assert expected.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(expected, shares, atol=0.02)
    assert np.abs(counted - shares).max() > 3 * np.abs(expected - shares).max()


def test_each_step_is_bayes_rule_and_the_end_is_a_fixed_point() -> None:
    probs = posterior(PRIOR[::-1], 50, seed=2)
    shares = expected_shares(probs, PRIOR)
    weighted = probs * shares / PRIOR
    again = (weighted / weighted.sum(axis=1, keepdims=True)).mean(axis=0)
    np.testing.assert_allclose(again, shares, atol=1e-5)


def test_no_cells_leave_the_prior_and_a_leaf_never_seen_does_no_harm() -> None:
    np.testing.assert_allclose(expected_shares(np.empty((0, 3)), PRIOR), PRIOR)
    assert counted_shares(np.empty((0, 3))).tolist() == [0.0, 0.0, 0.0]
    got = expected_shares(np.array([[0.9, 0.1, 0.0]] * 30), np.array([0.6, 0.4, 0.0]))
    assert np.isfinite(got).all()
    assert got[2] < 1e-3
