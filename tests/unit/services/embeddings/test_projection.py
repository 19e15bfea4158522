"""The map: the same every time, groups apart, landmarks for many cells."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.services.alike_cells import grouped_cells
from wbc_desktop.services.embeddings.projection import layout, overview
from wbc_desktop.services.embeddings.similarity import Similarity

SIZES = (60, 50, 40, 30)


def laid_out(similarity: Similarity, *, landmarks: int = 4000) -> NDArray[np.float32]:
    *_, last = layout(similarity, overview(similarity), landmarks=landmarks)
    assert last.done == 1.0
    return last.positions


def purity(positions: NDArray[np.float32], group: NDArray[np.int64], k: int = 10) -> float:
    away = ((positions[:, None] - positions[None]) ** 2).sum(axis=2)
    np.fill_diagonal(away, np.inf)
    near = np.argsort(away, axis=1)[:, :k]
    return float((group[near] == group[:, None]).mean())


@pytest.mark.parametrize("landmarks", [4000, 90])
def test_cells_that_look_alike_lie_together(landmarks: int) -> None:
    similarity, group = grouped_cells(SIZES)
    assert purity(laid_out(similarity, landmarks=landmarks), group) > 0.95


def test_it_draws_apart_what_two_directions_cannot() -> None:
    similarity, group = grouped_cells((25,) * 16, spread=0.4)
    assert purity(laid_out(similarity), group) > purity(overview(similarity), group) + 0.05


def test_the_same_cells_give_the_same_map() -> None:
    similarity, _ = grouped_cells(SIZES)
    np.testing.assert_array_equal(laid_out(similarity), laid_out(similarity))
    np.testing.assert_array_equal(
        laid_out(similarity, landmarks=90), laid_out(similarity, landmarks=90)
    )


def test_every_step_is_a_whole_map_within_its_bounds() -> None:
    similarity, _ = grouped_cells(SIZES)
    start = overview(similarity)
    steps = [*layout(similarity, start)]
    assert len(steps) > 3
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    for positions in (start, *(step.positions for step in steps)):
        assert positions.shape == (sum(SIZES), 2)
        assert positions.dtype == np.float32
        assert np.isfinite(positions).all()
        assert np.abs(positions).max() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 15, 16])
def test_few_cells_have_a_map_too(n: int) -> None:
    similarity, _ = grouped_cells((n,))
    positions = laid_out(similarity)
    assert positions.shape == (n, 2)
    assert np.isfinite(positions).all()


def test_cells_that_share_a_crop_are_no_trouble() -> None:
    similarity = Similarity(np.arange(40), np.ones((40, 5), np.float16))
    assert np.isfinite(laid_out(similarity)).all()
