"""The three scorers, and the rank that is shown."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.uncertainty.ood import (
    OodReference,
    cross_fitted_distances,
    energy,
    fit_mahalanobis,
    fit_neighbours,
    rank_among,
)


def two_classes(n: int, *, seed: int) -> tuple[NDArray[np.float32], list[str]]:
    """Two stretched clouds in 100 dimensions: float32 (n, 100) and labels."""
    rng = np.random.default_rng(seed)
    stretch = np.concatenate([np.full(5, 4.0), np.full(95, 0.3)])
    label = rng.integers(0, 2, n)
    centre = np.zeros((2, 100))
    centre[0, 0], centre[1, 1] = 12.0, 12.0
    cells = centre[label] + rng.normal(size=(n, 100)) * stretch
    return cells.astype(np.float32), [("a", "b")[index] for index in label]


def test_mahalanobis_is_the_distance_to_the_nearest_mean_in_units_of_the_spread() -> None:
    cells, labels = two_classes(2000, seed=1)
    scorer = fit_mahalanobis(cells, labels)
    projected = cells @ scorer.projection
    naive = np.square(projected[:, None] - scorer.means[None]).sum(axis=2).min(axis=1)
    np.testing.assert_allclose(scorer.distance(cells), naive, rtol=1e-2, atol=1e-2)
    along, across = cells[:1].copy(), cells[:1].copy()
    along[0, 2] += 4.0  # one spread of a wide direction
    across[0, 50] += 4.0  # thirteen of a narrow one
    assert scorer.distance(across)[0] > 2 * scorer.distance(along)[0]


def test_neighbours_measure_the_angle_to_the_kth() -> None:
    bank = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]], dtype=np.float32)
    scorer = fit_neighbours(bank, k=2)
    probe = np.array([[5.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(scorer.distance(probe), [1.0, 1.0 - np.sqrt(0.5)], atol=1e-6)
    assert fit_neighbours(bank).k == 3


def test_energy_falls_with_any_large_logit_and_does_not_overflow() -> None:
    logits = np.array([[0.0, 0.0], [3.0, 0.0], [1000.0, 0.0]], dtype=np.float32)
    got = energy(logits, temperature=2.0)
    assert got[0] == pytest.approx(-2.0 * np.log(2.0), abs=1e-6)
    assert got[1] == pytest.approx(-2.0 * np.log(np.exp(1.5) + 1.0), abs=1e-5)
    assert got[2] == pytest.approx(-1000.0)


def test_the_score_of_fresh_source_cells_is_even_and_that_of_strangers_high() -> None:
    cells, labels = two_classes(1000, seed=2)
    ranked = np.sort(cross_fitted_distances(cells, labels))
    reference = OodReference(fit_mahalanobis(cells, labels), ranked)
    fresh = reference.score(two_classes(2000, seed=3)[0])
    assert abs(float(fresh.mean()) - 0.5) < 0.05
    assert fresh.dtype == np.float32
    assert reference.score(two_classes(50, seed=4)[0] + 9.0).min() > 0.95


def test_the_rank_is_the_share_of_cells_that_are_nearer() -> None:
    ranked = np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32)
    values = np.array([0.5, 2.0, 3.5, 9.0], dtype=np.float32)
    assert rank_among(values, ranked).tolist() == [0.0, 0.25, 0.75, 1.0]


@pytest.mark.parametrize("count", [1, 3])
def test_a_handful_of_cells_is_enough_to_run(count: int) -> None:
    cells, labels = two_classes(count, seed=5)
    distances = cross_fitted_distances(cells, labels)
    assert np.isfinite(distances).all()
    assert np.isfinite(fit_mahalanobis(cells, labels).distance(cells)).all()
