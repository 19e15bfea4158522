"""The columns of all cells."""

import numpy as np
import pytest

from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Status


def index() -> CellIndex:
    return CellIndex.of([3, 5, 9, 40], predicted=[0, 1, NO_CLASS, 2], prob=[0.9, 0.4, np.nan, 1])


def test_columns_that_are_not_given_start_unlabelled_and_unreviewed() -> None:
    cells = CellIndex.of([1, 2])
    assert cells.human.tolist() == cells.predicted.tolist() == [NO_CLASS, NO_CLASS]
    assert np.isnan(cells.prob).all()
    assert STATUS_ORDER[UNREVIEWED] is Status.UNREVIEWED
    assert cells.status.tolist() == [UNREVIEWED, UNREVIEWED]
    assert not cells.flagged.any()


def test_rows_come_in_the_order_asked() -> None:
    assert index().rows_of([40, 3]).tolist() == [3, 0]
    assert index().rows_of([]).tolist() == []


@pytest.mark.parametrize("stranger", [0, 4, 41])
def test_a_cell_that_is_not_there_is_an_error(stranger: int) -> None:
    with pytest.raises(KeyError, match=str(stranger)):
        index().rows_of([3, stranger])


def test_the_human_label_counts_before_the_model() -> None:
    cells = index()
    cells.set_rows([5], human=7, status=STATUS_ORDER.index(Status.CORRECTED))
    assert cells.current().tolist() == [0, 7, NO_CLASS, 2]
    assert [cells.label_of(row) for row in range(4)] == [0, 7, NO_CLASS, 2]
    assert cells.status.tolist() == [0, 2, 0, 0]


def test_rows_take_one_value_or_one_each() -> None:
    cells = index()
    cells.set_rows([9, 3], prob=[0.25, 0.75], flagged=True)
    assert cells.prob[[0, 2]].tolist() == [0.75, 0.25]
    assert cells.flagged.tolist() == [True, False, True, False]


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(KeyError, match="colour"):
        index().set_rows([3], colour=1)
    with pytest.raises(ValueError, match="colour"):
        CellIndex.of([1], colour=[1])


def test_ids_must_ascend_and_columns_must_match() -> None:
    with pytest.raises(ValueError, match="ascend"):
        CellIndex.of([2, 2])
    with pytest.raises(ValueError, match="prob"):
        CellIndex.of([1, 2], prob=[0.5])


def test_an_empty_index_has_no_cells() -> None:
    assert len(CellIndex.empty()) == 0


def test_a_parted_index_shares_all_but_the_named_columns() -> None:
    cells = index()
    other = cells.parted("prob")
    cells.set_rows([3], prob=0.1, flagged=True)
    assert other.prob[0] == np.float32(0.9)
    assert other.flagged[0]
    assert other.readers is cells.readers


def test_ids_without_gaps_are_found_without_a_search_and_strangers_refused() -> None:
    cells = CellIndex.of([7, 8, 9])
    assert cells.rows_of([9, 7]).tolist() == [2, 0]
    for stranger in (6, 10, -1):
        with pytest.raises(KeyError, match=str(stranger)):
            cells.rows_of([stranger])


def test_readers_are_numbered_as_they_are_met() -> None:
    cells = index()
    assert [cells.reader_code(name) for name in ("Ada", "Bo", "Ada")] == [0, 1, 0]
    assert cells.readers == ["Ada", "Bo"]
    cells.readers[:] = [str(i) for i in range(32_768)]
    with pytest.raises(UserError, match="too many readers"):
        cells.reader_code("one more")
