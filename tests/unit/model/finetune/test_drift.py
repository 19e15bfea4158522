"""Where stored embeddings lie after a backbone was fine-tuned."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.finetune.drift import fit_drift


def embeddings(n: int, *, d: int = 40, seed: int = 1) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    few = rng.normal(size=(n, 6)) @ np.random.default_rng(0).normal(size=(6, d))
    return np.asarray(np.abs(few + 0.1 * rng.normal(size=(n, d))), np.float32)


def test_embeddings_that_did_not_move_stay_where_they_are() -> None:
    known, stored = embeddings(50), embeddings(20, seed=2)
    np.testing.assert_array_equal(fit_drift(known, known).moved(stored), stored)


def test_a_linear_movement_is_found_from_other_cells() -> None:
    known, stored = embeddings(400), embeddings(50, seed=2)
    turn = 0.1 * np.random.default_rng(3).normal(size=(40, 40)).astype(np.float32)

    def move(cells: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cells + cells @ turn + np.float32(0.3), np.float32)

    moved = fit_drift(known, move(known)).moved(stored)
    wanted = np.maximum(move(stored), 0.0)
    assert np.square(moved - wanted).mean() < 0.05 * np.square(stored - wanted).mean()


def test_no_feature_falls_below_what_the_network_can_give() -> None:
    known = embeddings(50)
    assert fit_drift(known, known - np.float32(5.0)).moved(known).min() >= 0.0


def test_too_few_cells_tell_nothing() -> None:
    with pytest.raises(ValueError, match="3 cells"):
        fit_drift(embeddings(3), embeddings(3))
