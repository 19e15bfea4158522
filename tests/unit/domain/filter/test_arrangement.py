"""Filtering, sorting and grouping cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement, Filter, Section, SortKey, arrange
from wbc_desktop.domain.filter.grouping import GroupBy, PatientSlideNames, grouped
from wbc_desktop.domain.filter.sorting import Orders
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

N_CLASSES = 4
_FALLS_OR_RISES = {
    SortKey.CONFIDENCE_DESC: ("prob", -1),
    SortKey.CONFIDENCE_ASC: ("prob", 1),
    SortKey.UNUSUAL_FIRST: ("ood", -1),
    SortKey.LEAST_MARGIN: ("margin", 1),
    SortKey.MOST_ENTROPY: ("entropy", -1),
    SortKey.DISAGREEMENT: ("prob", -1),
    SortKey.SIMILARITY: ("scores", -1),
    SortKey.LARGEST_CROP: ("scores", -1),
}


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
    made = arrange(cells, groups=cells.current(), filter=filter_, sort=sort, n_groups=N_CLASSES)
    return ids(cells, made)


def test_groups_follow_the_taxonomy_and_cells_without_a_class_come_last() -> None:
    cells = index()
    made = arrange(
        cells,
        groups=cells.current(),
        filter=Filter(),
        sort=SortKey.IMPORT_ORDER,
        n_groups=N_CLASSES,
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
        made = arrange(cells, groups=np.zeros(3, np.int16), filter=Filter(), sort=sort, n_groups=1)
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
        cells, groups=frozen, filter=Filter(), sort=SortKey.IMPORT_ORDER, n_groups=N_CLASSES
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
                n_groups=N_CLASSES,
            )
    with pytest.raises(ValueError, match="6 cells"):
        arrange(
            cells,
            groups=np.zeros(5, np.int16),
            filter=Filter(),
            sort=SortKey.IMPORT_ORDER,
            n_groups=N_CLASSES,
        )


def test_an_empty_workspace_has_no_sections() -> None:
    cells = CellIndex.empty()
    made = arrange(
        cells,
        groups=cells.current(),
        filter=Filter(),
        sort=SortKey.CONFIDENCE_DESC,
        n_groups=N_CLASSES,
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
    st.sampled_from(sorted(_FALLS_OR_RISES, key=lambda sort: sort.value)),
)
def test_the_order_is_that_of_a_plain_stable_sort(
    cells: list[tuple[int, float]], sort: SortKey
) -> None:
    n = len(cells)
    column, sign = _FALLS_OR_RISES[sort]
    scores = {column: np.array([value for _, value in cells], np.float32)}
    asked = scores.pop("scores", None)
    made = CellIndex.of(np.arange(n), predicted=[c for c, _ in cells], **scores)
    got = arrange(
        made,
        groups=made.current(),
        filter=Filter(),
        sort=sort,
        n_groups=N_CLASSES,
        scores=asked,
    )

    def key(row: int) -> tuple[int, bool, float]:
        group, value = cells[row]
        group = N_CLASSES if group == NO_CLASS else group
        return group, bool(np.isnan(value)), 0.0 if np.isnan(value) else sign * value

    assert got.rows.tolist() == sorted(range(n), key=key)
    covered = [p for s in got.sections for p in range(s.start, s.stop)]
    assert covered == list(range(n))


def test_import_order_and_similarity_to_nothing_leave_the_cells_as_they_came() -> None:
    for sort in (SortKey.IMPORT_ORDER, SortKey.SIMILARITY, SortKey.LARGEST_CROP):
        assert shown(Filter(), sort) == [2, 4, 1, 3, 6, 5]


def test_similarity_may_be_below_zero() -> None:
    cells = CellIndex.of([1, 2, 3, 4])
    made = arrange(
        cells,
        groups=cells.current(),
        filter=Filter(),
        sort=SortKey.SIMILARITY,
        n_groups=N_CLASSES,
        scores=np.array([-0.5, 1, np.nan, -0.25], np.float32),
    )
    assert ids(cells, made) == [2, 4, 1, 3]


def test_one_score_is_needed_for_each_cell() -> None:
    cells = index()
    with pytest.raises(ValueError, match="score for each of 6"):
        Orders(cells).rows(SortKey.SIMILARITY, scores=np.zeros(5, np.float32))


def reviewed() -> CellIndex:
    return CellIndex.of(
        [1, 2, 3, 4, 5],
        predicted=[0, 1, 1, 0, NO_CLASS],
        human=[0, 2, 3, NO_CLASS, 1],
        prob=[0.9, 0.6, 0.8, 1.0, np.nan],
        margin=[0.8, 0.1, 0.5, 1.0, np.nan],
        pred_set=[0b1, 0b110, 0b111, 0b1, 0],
        noted=[False, True, False, False, False],
        reader=[0, 1, 0, -1, 1],
        reviewed_at=[30, 20, 30, 0, 40],
        readers=["Ada", "Bo"],
    )


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        (SortKey.DISAGREEMENT, [3, 2, 4, 1, 5]),
        (SortKey.REVIEWED_LAST_FIRST, [5, 1, 3, 2, 4]),
        (SortKey.LARGEST_SET, [3, 2, 1, 4, 5]),
    ],
)
def test_orders_of_reviews_and_sets(sort: SortKey, wanted: list[int]) -> None:
    cells = reviewed()
    made = arrange(cells, groups=np.zeros(5, np.int16), filter=Filter(), sort=sort, n_groups=1)
    assert ids(cells, made) == wanted


@pytest.mark.parametrize(
    ("filter_", "wanted"),
    [
        (Filter(readers=frozenset({"Ada"})), {1, 3}),
        (Filter(readers=frozenset({"Bo", "Cy"})), {2, 5}),
        (Filter(readers=frozenset()), set()),
        (Filter(disagrees=True), {2, 3}),
        (Filter(disagrees=False), {1, 4, 5}),
        (Filter(noted=True), {2}),
        (Filter(noted=False, disagrees=True), {3}),
        (Filter(min_margin=0.5), {1, 3, 4}),
        (Filter(max_margin=0.5), {2, 3}),
        (Filter(min_set=2), {2, 3}),
        (Filter(max_set=1), {1, 4}),
        (Filter(min_set=2, max_set=2), {2}),
    ],
)
def test_filters_of_reviews_and_sets(filter_: Filter, wanted: set[int]) -> None:
    assert {int(i) for i in reviewed().cell_id[filter_.rows(reviewed())]} == wanted


def test_an_order_is_sorted_once_until_its_columns_are_written() -> None:
    cells = reviewed()
    orders = Orders(cells)
    first = orders.rows(SortKey.DISAGREEMENT)
    surest = orders.rows(SortKey.CONFIDENCE_DESC)
    cells.set_rows([1], human=3)
    orders.forget(["human", "status"])
    assert orders.rows(SortKey.CONFIDENCE_DESC) is surest
    assert orders.rows(SortKey.DISAGREEMENT) is not first
    assert orders.rows(SortKey.DISAGREEMENT) is orders.rows(SortKey.DISAGREEMENT)


def test_other_scores_make_another_order() -> None:
    orders = Orders(CellIndex.of([1, 2]))
    for scores, wanted in (([0.1, 0.2], [1, 0]), ([0.2, 0.1], [0, 1])):
        order = orders.rows(SortKey.SIMILARITY, scores=np.array(scores, np.float32))
        assert order is not None
        assert order.tolist() == wanted


def test_groups_may_be_more_than_sixteen_bits_hold() -> None:
    n = 70_000
    cells = CellIndex.of(np.arange(n + 1), prob=np.linspace(0, 1, n + 1))
    groups = np.append(np.arange(n)[::-1], -1).astype(np.int32)
    made = arrange(cells, groups=groups, filter=Filter(), sort=SortKey.CONFIDENCE_DESC, n_groups=n)
    assert made.rows.tolist() == [*range(n - 1, -1, -1), n]
    assert made.sections[0] == Section(0, 0, 1)
    assert made.sections[-1] == Section(NO_CLASS, n, n + 1)


def test_groups_are_named_and_ordered_by_what_decides() -> None:
    cells = index()
    cells.set_rows([1], reader=cells.reader_code("Ada"))
    names = PatientSlideNames(patients={1: "P2", 2: "P10", 3: "P1"}, slides={10: "b", 11: "a"})

    def told(by: GroupBy) -> list[str]:
        made = grouped(cells, by, taxonomy=taxonomy_v1(), names=names)
        return [made.name(int(code)) for code in made.codes]

    assert told(GroupBy.PATIENT) == ["P2", "P2", "P2", "P10", "P10", "P1"]
    assert told(GroupBy.SLIDE) == ["b", "b", "a", "None", "None", "None"]
    assert told(GroupBy.STATUS)[:2] == ["Unreviewed", "Accepted"]
    assert told(GroupBy.READER) == ["Ada", *["Not reviewed yet"] * 5]
    assert told(GroupBy.CLASS)[4] == "Not classified yet"
    made = grouped(cells, GroupBy.PATIENT, taxonomy=taxonomy_v1(), names=names)
    assert made.names == ("P1", "P10", "P2")
    assert made.codes.tolist() == [2, 2, 2, 1, 1, 0]
