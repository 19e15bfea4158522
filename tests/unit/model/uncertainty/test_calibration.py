"""Temperature and calibration error."""

import numpy as np
import pytest

from model.network.head import softmax
from model.uncertainty.calibration import (
    expected_calibration_error,
    fit_bias,
    fit_temperature,
)


def test_the_temperature_that_made_the_labels_is_found_again() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(scale=4.0, size=(6000, 5)).astype(np.float32)
    probs = softmax(logits / np.float32(2.5))
    labels = [rng.choice(5, p=row / row.sum()) for row in probs.astype(np.float64)]
    target = np.eye(5, dtype=np.bool_)[labels]
    weights = np.full(len(logits), 1.0 / len(logits))
    assert fit_temperature(logits, target, weights) == pytest.approx(2.5, rel=0.08)


def test_perfect_confidence_has_no_error_and_boasting_has_its_excess() -> None:
    correct = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), correct) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(100, 0.9), correct) == pytest.approx(0.4)


def test_no_crops_have_no_calibration_error() -> None:
    assert np.isnan(expected_calibration_error(np.array([]), np.array([], dtype=np.bool_)))


def test_the_bias_that_tilted_the_probabilities_is_undone() -> None:
    rng = np.random.default_rng(5)
    true = softmax(rng.normal(scale=2.0, size=(8000, 3)).astype(np.float32)).astype(np.float64)
    labels = [rng.choice(3, p=row / row.sum()) for row in true]
    target = np.eye(3, dtype=np.bool_)[labels]
    tilted = softmax(1.5 * np.log(true) + np.array([1.0, 0.0, -1.0]))
    correction = fit_bias(tilted, target, np.full(8000, 1 / 8000))
    corrected = correction.apply(tilted)
    np.testing.assert_allclose(corrected.mean(axis=0), target.mean(axis=0), atol=0.01)
    assert correction.temperature == pytest.approx(1.5, rel=0.1)
    assert np.abs(corrected - true).mean() < 0.2 * np.abs(tilted - true).mean()


def test_labels_at_parent_depth_leave_the_division_among_their_leaves_alone() -> None:
    rng = np.random.default_rng(6)
    true = softmax(rng.normal(scale=2.0, size=(4000, 3)).astype(np.float32)).astype(np.float64)
    third = rng.random(4000) < true[:, 2]
    target = np.stack([~third, ~third, third], axis=1)
    bias = fit_bias(
        softmax(np.log(true) + np.array([0.0, 0.0, 1.0])), target, np.full(4000, 1 / 4000)
    ).bias
    assert abs(bias[0] - bias[1]) < 0.1
    assert bias[2] - bias[:2].mean() == pytest.approx(-1.0, abs=0.15)
