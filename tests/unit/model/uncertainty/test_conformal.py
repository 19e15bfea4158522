"""Prediction sets keep their promise where the cells are like those calibrated on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.network.head import softmax
from model.uncertainty.conformal import (
    MIN_OF_CLASS,
    conformal_quantile,
    covered,
    fit_thresholds,
    prediction_sets,
    wilson_interval,
)


def noisy_cells(n: int, *, seed: int, k: int = 4) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Probabilities of a model that is often unsure, and the true leaves."""
    rng = np.random.default_rng(seed)
    leaf = rng.choice(k, size=n, p=[0.6, 0.25, 0.14, 0.01])
    logits = rng.normal(size=(n, k)) + 1.5 * np.eye(k)[leaf] * (1 + (leaf == 0))[:, None]
    return softmax(logits.astype(np.float32)), np.eye(k, dtype=np.bool_)[leaf]


def test_new_cells_are_covered_as_promised_each_frequent_leaf_for_itself() -> None:
    probs, target = noisy_cells(4000, seed=1)
    thresholds = fit_thresholds(probs, target)
    assert thresholds.own.tolist() == [True, True, True, target[:, 3].sum() >= MIN_OF_CLASS]
    fresh, truth = noisy_cells(20_000, seed=2)
    inside = covered(prediction_sets(fresh, thresholds), truth)
    alone = covered(1.0 - fresh <= thresholds.score, truth)  # without the best leaf put in
    assert 0.89 < inside.mean() < 0.95
    for leaf in range(3):
        assert 0.87 < alone[truth[:, leaf]].mean() < 0.93
        assert inside[truth[:, leaf]].mean() >= alone[truth[:, leaf]].mean()


def test_a_leaf_of_few_cells_takes_the_marginal_threshold() -> None:
    probs, target = noisy_cells(400, seed=3)
    thresholds = fit_thresholds(probs, target)
    rare = target.sum(axis=0) < MIN_OF_CLASS
    assert rare.any()
    assert thresholds.own.tolist() == (~rare).tolist()
    assert len(set(thresholds.score[rare].tolist())) == 1


def test_cells_labelled_at_parent_depth_calibrate_by_their_likeliest_leaf() -> None:
    probs = np.tile(np.array([[0.6, 0.3, 0.1]], dtype=np.float32), (100, 1))
    parent = np.tile(np.array([[True, True, False]]), (100, 1))
    thresholds = fit_thresholds(probs, parent)
    assert not thresholds.own.any()
    np.testing.assert_allclose(thresholds.score, 0.4, atol=1e-6)


def test_a_set_is_never_empty_and_holds_the_best_leaf() -> None:
    sure = np.eye(3, dtype=np.bool_)[np.zeros(100, dtype=int)]
    thresholds = fit_thresholds(sure.astype(np.float32), sure)
    even = np.full((5, 3), 1 / 3, dtype=np.float32)
    even[:, 1] += 0.01
    assert prediction_sets(even, thresholds).tolist() == [[False, True, False]] * 5
    assert prediction_sets(even[:0], thresholds).shape == (0, 3)


def test_the_quantile_counts_the_cell_to_come_and_obeys_weights() -> None:
    scores = np.arange(1, 20) / 20.0  # 19 scores: the 18th is the 90 % quantile of 20
    assert conformal_quantile(scores, np.ones(19), 0.9) == pytest.approx(0.90)
    assert conformal_quantile(scores[:5], np.ones(5), 0.9) == 1.0
    heavy = np.where(scores > 0.5, 10.0, 0.01)
    light = np.where(scores > 0.5, 0.01, 10.0)
    assert conformal_quantile(scores, light, 0.8) < conformal_quantile(scores, heavy, 0.8)


def test_no_cells_cannot_calibrate() -> None:
    with pytest.raises(ValueError, match="no cells"):
        fit_thresholds(np.empty((0, 3), np.float32), np.empty((0, 3), np.bool_))


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)
