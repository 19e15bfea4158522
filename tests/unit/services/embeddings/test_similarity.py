"""Similarity: the cosine counted from the mean, in the order of the cells."""

import time

import numpy as np
import pytest

from tests.unit.services.alike_cells import grouped_cells
from wbc_desktop.services.embeddings.similarity import Similarity


def test_it_is_the_cosine_of_rows_counted_from_the_mean() -> None:
    similarity, _ = grouped_cells((7, 5, 9))
    values = similarity.reduced.astype(np.float64)
    values -= values.mean(axis=0)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    alike = similarity.to(int(similarity.cell_ids[4]))
    assert alike is not None
    np.testing.assert_allclose(alike, values @ values[4], atol=2e-3)


def test_a_cell_is_most_like_itself_and_then_its_group() -> None:
    similarity, group = grouped_cells((30, 20, 10))
    for row in (0, 17, 59):
        alike = similarity.to(int(similarity.cell_ids[row]))
        assert alike is not None
        nearest = np.argsort(-alike, kind="stable")
        assert nearest[0] == row
        own = int((group == group[row]).sum())
        assert set(group[nearest[:own]]) == {group[row]}


def test_a_cell_without_an_embedding_has_no_similarity() -> None:
    similarity, _ = grouped_cells((3,))
    assert similarity.to(11) is None
    assert similarity.to(10_000) is None
    assert similarity.rows_of(np.array([12, 11, 10, 999, 0])).tolist() == [1, -1, 0, -1, -1]


def test_cells_all_alike_and_no_cells_are_no_trouble() -> None:
    same = Similarity(np.arange(4), np.ones((4, 3), np.float16))
    alike = same.to(2)
    assert alike is not None
    assert np.isfinite(alike).all()
    nothing = Similarity(np.empty(0, np.int64), np.empty((0, 0), np.float16))
    assert nothing.to(1) is None


def test_ids_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        Similarity(np.array([2, 1]), np.zeros((2, 3), np.float16))


def test_a_hundred_thousand_cells_take_less_than_a_second_of_a_core() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(100_000, 64)).astype(np.float16)
    similarity = Similarity(np.arange(100_000), rows)
    started = time.process_time()
    assert similarity.to(77) is not None
    assert time.process_time() - started < 1.0
