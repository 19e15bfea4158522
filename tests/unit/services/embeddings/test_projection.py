"""The map: the same every time, groups apart, landmarks for many cells."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.services.alike_cells import grouped_cells
from wbc_desktop.services.embeddings.projection import layout, overview
from wbc_desktop.services.embeddings.similarity import Likeness

SIZES = (60, 50, 40, 30)


def laid_out(likeness: Likeness, *, landmarks: int = 4000) -> NDArray[np.float32]:
    *_, last = layout(likeness, overview(likeness), landmarks=landmarks)
    assert last.done == 1.0
    return last.places


def purity(places: NDArray[np.float32], group: NDArray[np.int64], k: int = 10) -> float:
    away = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(away, np.inf)
    near = np.argsort(away, axis=1)[:, :k]
    return float((group[near] == group[:, None]).mean())


@pytest.mark.parametrize("landmarks", [4000, 90])
def test_cells_that_look_alike_lie_together(landmarks: int) -> None:
    likeness, group = grouped_cells(SIZES)
    assert purity(laid_out(likeness, landmarks=landmarks), group) > 0.95


def test_it_draws_apart_what_two_directions_cannot() -> None:
    likeness, group = grouped_cells((25,) * 16, spread=0.4)
    assert purity(laid_out(likeness), group) > purity(overview(likeness), group) + 0.05


def test_the_same_cells_give_the_same_map() -> None:
    likeness, _ = grouped_cells(SIZES)
    np.testing.assert_array_equal(laid_out(likeness), laid_out(likeness))
    np.testing.assert_array_equal(
        laid_out(likeness, landmarks=90), laid_out(likeness, landmarks=90)
    )


def test_every_step_is_a_whole_map_within_its_bounds() -> None:
    likeness, _ = grouped_cells(SIZES)
    start = overview(likeness)
    steps = [*layout(likeness, start)]
    assert len(steps) > 3
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    for places in (start, *(step.places for step in steps)):
        assert places.shape == (sum(SIZES), 2)
        assert places.dtype == np.float32
        assert np.isfinite(places).all()
        assert np.abs(places).max() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 15, 16])
def test_few_cells_have_a_map_too(n: int) -> None:
    likeness, _ = grouped_cells((n,))
    places = laid_out(likeness)
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()


def test_cells_that_share_a_crop_are_no_trouble() -> None:
    likeness = Likeness(np.arange(40), np.ones((40, 5), np.float16))
    assert np.isfinite(laid_out(likeness)).all()
