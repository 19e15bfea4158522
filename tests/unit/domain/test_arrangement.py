"""Filtering, sorting and grouping cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.arrangement import Arrangement, Filter, Section, SortKey, arrange
from wbc_desktop.domain.cell_index import NO_CLASS, STATUS_ORDER, CellIndex
from wbc_desktop.domain.review import Status

N_CLASSES = 4


def index() -> CellIndex:
    status = [STATUS_ORDER.index(s) for s in (Status.UNREVIEWED, Status.ACCEPTED)]
    return CellIndex.of(
        [1, 2, 3, 4, 5, 6],
        patient=[1, 1, 1, 2, 2, 3],
        slide=[10, 10, 11, 20, 21, 30],
        predicted=[2, 0, 2, 0, NO_CLASS, 2],
        prob=[0.5, 0.9, 0.7, 0.95, np.nan, 0.7],
        status=[status[0], status[1], status[0], status[0], status[0], status[1]],
        flagged=[False, True, False, False, True, False],
        ood=[0.2, 0.995, 0.99, 1.0, np.nan, 0.0],
    )


def ids(cells: CellIndex, arrangement: Arrangement) -> list[int]:
    return [int(i) for i in cells.cell_id[arrangement.rows]]


def shown(filter_: Filter, sort: SortKey = SortKey.IMPORT_ORDER) -> list[int]:
    cells = index()
    made = arrange(cells, groups=cells.current(), filter=filter_, sort=sort, n_classes=N_CLASSES)
    return ids(cells, made)


def test_groups_follow_the_taxonomy_and_cells_without_a_class_come_last() -> None:
    cells = index()
    made = arrange(
        cells,
        groups=cells.current(),
        filter=Filter(),
        sort=SortKey.IMPORT_ORDER,
        n_classes=N_CLASSES,
    )
    assert made.sections == (Section(0, 0, 2), Section(2, 2, 5), Section(NO_CLASS, 5, 6))
    assert ids(cells, made) == [2, 4, 1, 3, 6, 5]


def test_confidence_sorts_either_way_with_ties_in_import_order() -> None:
    assert shown(Filter(), SortKey.CONFIDENCE_DESC) == [4, 2, 3, 6, 1, 5]
    assert shown(Filter(), SortKey.CONFIDENCE_ASC) == [2, 4, 1, 3, 6, 5]


def test_the_most_unusual_cells_come_first_and_those_not_judged_last() -> None:
    assert shown(Filter(), SortKey.UNUSUAL_FIRST) == [4, 2, 3, 1, 6, 5]


def test_cells_without_a_confidence_come_last_in_their_group_either_way() -> None:
    cells = CellIndex.of([1, 2, 3], prob=[np.nan, 0.0, 1.0])
    for sort, wanted in ((SortKey.CONFIDENCE_DESC, [3, 2, 1]), (SortKey.CONFIDENCE_ASC, [2, 3, 1])):
        made = arrange(cells, groups=np.zeros(3, np.int16), filter=Filter(), sort=sort, n_classes=1)
        assert ids(cells, made) == wanted


@pytest.mark.parametrize(
    ("filter_", "wanted"),
    [
        (Filter(classes=frozenset({0})), {2, 4}),
        (Filter(classes=frozenset({NO_CLASS})), {5}),
        (Filter(classes=frozenset()), set()),
        (Filter(patients=frozenset({1})), {1, 2, 3}),
        (Filter(slides=frozenset({11, 20})), {3, 4}),
        (Filter(patients=frozenset({3}), slides=frozenset({11})), {3, 6}),
        (Filter(min_conf=0.7), {2, 3, 4, 6}),
        (Filter(max_conf=0.7), {1, 3, 6}),
        (Filter(min_conf=0.0), {1, 2, 3, 4, 6}),
        (Filter(statuses=frozenset({Status.ACCEPTED})), {2, 6}),
        (Filter(flagged=True), {2, 5}),
        (Filter(unusual=True), {2, 4}),
        (Filter(unusual=False, flagged=False), {1, 3, 6}),
        (Filter(flagged=False, statuses=frozenset({Status.ACCEPTED})), {6}),
    ],
)
def test_filters_combine(filter_: Filter, wanted: set[int]) -> None:
    assert set(shown(filter_)) == wanted


def test_grouping_may_differ_from_the_labels() -> None:
    # While results stream in, the window keeps the groups as they were.
    cells = index()
    frozen = np.full(6, NO_CLASS, np.int16)
    made = arrange(
        cells, groups=frozen, filter=Filter(), sort=SortKey.IMPORT_ORDER, n_classes=N_CLASSES
    )
    assert made.sections == (Section(NO_CLASS, 0, 6),)
    assert ids(cells, made) == [1, 2, 3, 4, 5, 6]


def test_groups_out_of_range_or_of_another_length_are_refused() -> None:
    cells = index()
    for groups in (np.full(6, N_CLASSES, np.int16), np.full(6, -2, np.int16)):
        with pytest.raises(ValueError, match="below 4"):
            arrange(
                cells,
                groups=groups,
                filter=Filter(),
                sort=SortKey.IMPORT_ORDER,
                n_classes=N_CLASSES,
            )
    with pytest.raises(ValueError, match="6 cells"):
        arrange(
            cells,
            groups=np.zeros(5, np.int16),
            filter=Filter(),
            sort=SortKey.IMPORT_ORDER,
            n_classes=N_CLASSES,
        )


def test_an_empty_workspace_has_no_sections() -> None:
    cells = CellIndex.empty()
    made = arrange(
        cells,
        groups=cells.current(),
        filter=Filter(),
        sort=SortKey.CONFIDENCE_DESC,
        n_classes=N_CLASSES,
    )
    assert len(made) == 0
    assert made.sections == ()


@given(
    st.lists(
        st.tuples(
            st.integers(-1, 3),
            st.one_of(st.just(float("nan")), st.floats(0, 1, width=32)),
        ),
        max_size=60,
    ),
    st.sampled_from(SortKey),
)
def test_the_order_is_that_of_a_plain_stable_sort(
    cells: list[tuple[int, float]], sort: SortKey
) -> None:
    n = len(cells)
    values = [value for _, value in cells]
    column = "ood" if sort is SortKey.UNUSUAL_FIRST else "prob"
    made = CellIndex.of(np.arange(n), predicted=[c for c, _ in cells], **{column: values})
    got = arrange(made, groups=made.current(), filter=Filter(), sort=sort, n_classes=N_CLASSES)

    def key(row: int) -> tuple[int, bool, float]:
        group, prob = cells[row]
        group = N_CLASSES if group == NO_CLASS else group
        if sort is SortKey.IMPORT_ORDER or np.isnan(prob):
            return group, bool(np.isnan(prob)) and sort is not SortKey.IMPORT_ORDER, 0.0
        return group, False, prob if sort is SortKey.CONFIDENCE_ASC else -prob

    assert got.rows.tolist() == sorted(range(n), key=key)
    covered = [p for s in got.sections for p in range(s.start, s.stop)]
    assert covered == list(range(n))
