"""What accepting a whole group means: cells shown, sure and with one class only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.review.test_queue import random_index
from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement, Section
from wbc_desktop.domain.review.group_accept import (
    THRESHOLDS,
    confident_groups,
    next_threshold,
    plan_accept,
)
from wbc_desktop.domain.review.review import Status

ACCEPTED = STATUS_ORDER.index(Status.ACCEPTED)


def one_group(index: CellIndex, *, shown: int | None = None) -> Arrangement:
    rows = np.arange(len(index) if shown is None else shown, dtype=np.int32)
    return Arrangement(rows, (Section(0, 0, len(rows)),) if len(rows) else ())


def eight() -> CellIndex:
    """Cells 1 to 8 of class 0, of which just the first two can be accepted at 95 %."""
    return CellIndex.of(
        range(1, 9),
        predicted=[0, 0, 0, 0, 0, 0, 1, 0],
        prob=[0.99, 0.95, 0.94, 0.99, 0.99, 0.99, 0.99, 0.99],
        pred_set=[1, 1, 1, 3, 1, 1, 1, 1],
        flagged=[False, False, False, False, True, False, False, False],
        status=[0, 0, 0, 0, 0, ACCEPTED, 0, 0],
    )


def test_it_says_which_cells_and_why_the_others_stay() -> None:
    cells = eight()
    shown = one_group(cells, shown=7)  # the eighth is hidden by the filter
    found = plan_accept(cells, shown, shown.sections[0], threshold=0.95, by_class=True)
    assert found.cell_ids.tolist() == [1, 2]
    assert (found.below, found.ambiguous, found.flagged, found.regrouped) == (1, 1, 1, 1)
    assert found.waiting == 6


def test_a_group_that_is_no_class_takes_each_cell_as_the_model_calls_it() -> None:
    cells = eight()
    shown = one_group(cells, shown=7)
    found = plan_accept(cells, shown, shown.sections[0], threshold=0.95, by_class=False)
    assert found.cell_ids.tolist() == [1, 2, 7]
    assert found.regrouped == 0


@given(
    index=st.builds(random_index, st.integers(1, 80), st.integers(0, 10_000)),
    shown=st.integers(0, 80),
    percent=st.sampled_from(THRESHOLDS),
    by_class=st.booleans(),
)
def test_nothing_outside_of_what_is_shown_is_ever_offered(
    index: CellIndex, shown: int, percent: int, by_class: bool
) -> None:
    made = one_group(index, shown=min(shown, len(index)))
    groups = confident_groups(index, made, threshold=percent / 100, by_class=by_class)
    plans = [
        plan_accept(index, made, s, threshold=percent / 100, by_class=by_class) for s in groups
    ]
    assert all(len(each.cell_ids) for each in plans)
    ids = {int(i) for each in plans for i in each.cell_ids}
    assert ids <= set(index.cell_id[made.rows].tolist())
    rows = index.rows_of(sorted(ids))
    assert (index.status[rows] == 0).all()
    assert (index.predicted[rows] != NO_CLASS).all()
    assert (index.prob[rows] >= np.float32(percent / 100)).all()


def test_groups_without_a_sure_cell_are_not_among_the_confident_ones() -> None:
    cells = eight()
    rows = np.array([2, 3, 0, 1], np.int32)
    made = Arrangement(rows, (Section(0, 0, 2), Section(NO_CLASS, 2, 4)))
    found = confident_groups(cells, made, threshold=0.95, by_class=False)
    assert [section.ordinal for section in found] == [NO_CLASS]
    assert confident_groups(cells, Arrangement.empty(), threshold=0.95, by_class=True) == ()


@pytest.mark.parametrize(
    ("percent", "by", "expected"),
    [(95, 1, 97), (95, -1, 90), (93, 1, 95), (93, -1, 90), (50, -1, 50), (99, 1, 99)],
)
def test_the_keys_step_through_the_thresholds(percent: int, by: int, expected: int) -> None:
    assert next_threshold(percent, by) == expected
