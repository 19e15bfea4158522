"""Temperature and calibration error."""

import numpy as np
import pytest

from model.calibrate import expected_calibration_error, fit_temperature
from model.head import softmax


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
