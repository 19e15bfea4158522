"""Which cells are worth a visit, in which order, and which may be accepted together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.review.queue import (
    DRAWN_MOST,
    INITIAL_SAMPLE,
    Reason,
    ReviewQueue,
    build_queue,
    confident,
    initial_sample,
    random_sample,
)
from wbc_desktop.domain.review.review import Status

ACCEPTED = STATUS_ORDER.index(Status.ACCEPTED)
THRESHOLD = 0.95


def random_index(n: int, seed: int) -> CellIndex:
    """Cells as a workspace holds them: some reviewed, some not classified, ids with gaps."""
    rng = np.random.default_rng(seed)
    predicted = rng.integers(-1, 5, n)
    known = predicted != NO_CLASS
    return CellIndex.of(
        np.cumsum(rng.integers(1, 5, n)),
        patient=rng.integers(1, 4, n),
        predicted=predicted,
        prob=np.where(known, rng.uniform(0.3, 1.0, n), np.nan),
        status=rng.choice([UNREVIEWED, ACCEPTED], n, p=[0.7, 0.3]),
        flagged=rng.random(n) < 0.05,
        pred_set=np.where(known, rng.choice([1, 2, 3, 6], n, p=[0.4, 0.4, 0.1, 0.1]), 0),
        ood=np.where(known, rng.uniform(0, 1, n), np.nan),
    )


def all_confident(n: int) -> CellIndex:
    return CellIndex.of(
        np.arange(1, n + 1),
        patient=np.ones(n),
        predicted=np.zeros(n),
        prob=np.full(n, 0.99),
        pred_set=np.ones(n),
        ood=np.zeros(n),
    )


def every_row(index: CellIndex) -> NDArray[np.int32]:
    return np.arange(len(index), dtype=np.int32)


def queue_of(index: CellIndex, **changed: frozenset[int]) -> ReviewQueue:
    return build_queue(index, every_row(index), threshold=THRESHOLD, **changed)


indexes = st.builds(random_index, st.integers(0, 120), st.integers(0, 10_000))


@given(index=indexes, part=st.integers(1, 4))
def test_only_shown_unreviewed_classified_cells_stand_in_it_and_each_once(
    index: CellIndex, part: int
) -> None:
    shown = every_row(index)[::part]
    queue = build_queue(index, shown, threshold=THRESHOLD)
    assert len(set(queue.cell_ids.tolist())) == len(queue)
    assert set(queue.cell_ids.tolist()) <= set(index.cell_id[shown].tolist())
    rows = index.rows_of(queue.cell_ids)
    assert (index.status[rows] == UNREVIEWED).all()
    assert (index.predicted[rows] != NO_CLASS).all()
    assert queue.reasons.all()


@given(index=indexes)
def test_whatever_is_left_out_may_be_accepted_together(index: CellIndex) -> None:
    queue = queue_of(index)
    left_out = np.isin(index.cell_id, queue.cell_ids, invert=True)
    waiting = (index.status == UNREVIEWED) & (index.predicted != NO_CLASS)
    rows = every_row(index)[left_out & waiting]
    assert confident(index, rows, threshold=THRESHOLD).all()


@given(index=indexes, seed=st.integers(0, 100))
def test_the_order_depends_on_the_cells_and_not_on_how_they_are_sorted(
    index: CellIndex, seed: int
) -> None:
    shuffled = np.random.default_rng(seed).permutation(every_row(index))
    again = build_queue(index, shuffled, threshold=THRESHOLD)
    assert again.cell_ids.tolist() == queue_of(index).cell_ids.tolist()


@given(index=indexes)
def test_one_in_ten_of_the_waiting_cells_is_drawn(index: CellIndex) -> None:
    queue = queue_of(index)
    waiting = (index.status == UNREVIEWED) & (index.predicted != NO_CLASS)
    n_drawn = np.count_nonzero(queue.reasons & Reason.DRAWN)
    assert n_drawn == round(0.1 * np.count_nonzero(waiting))


def test_what_the_model_says_has_no_part_in_the_draw() -> None:
    sure, doubtful = all_confident(500), all_confident(500)
    doubtful.set_rows(doubtful.cell_id[::2], prob=0.4, pred_set=7)
    drawn_ids = [
        set(queue.cell_ids[(queue.reasons & Reason.DRAWN) != 0].tolist())
        for queue in (queue_of(sure), queue_of(doubtful))
    ]
    assert drawn_ids[0] == drawn_ids[1]
    assert len(drawn_ids[0]) == 50


def test_the_draw_is_even_over_the_workspace_and_never_larger_than_a_sample_needs() -> None:
    ids = np.arange(1, 100_001)
    chosen = ids[random_sample(ids)]
    assert len(chosen) == DRAWN_MOST
    quarters = np.bincount((chosen - 1) // 25_000, minlength=4)
    # 50 expected in each; a fair draw leaves 26 … 74 less than once in ten thousand times.
    assert quarters.min() > 26
    assert quarters.max() < 74


def doubtful_cells(queue: ReviewQueue) -> list[int]:
    """Return the cells of a queue but those that only a lot brought in, in their order."""
    return [
        int(cell)
        for cell, reasons in zip(queue.cell_ids, queue.reasons, strict=True)
        if reasons != Reason.DRAWN
    ]


def with_doubts(n: int) -> CellIndex:
    """Cells of which 5 to 8 are doubtful, 6 most of all, and the sure 9 is flagged."""
    index = all_confident(n)
    index.set_rows([5, 6, 7, 8], prob=[0.6, 0.4, 0.8, 0.7])
    index.set_rows([9], flagged=True)
    return index


def test_once_enough_cells_are_reviewed_the_least_sure_come_first_after_flagged_ones() -> None:
    index = with_doubts(60)
    index.set_rows(np.arange(36, 61), status=ACCEPTED)
    assert doubtful_cells(queue_of(index)) == [9, 6, 5, 8, 7]


def test_before_that_the_surest_and_the_least_sure_of_them_come_in_turn() -> None:
    assert doubtful_cells(queue_of(with_doubts(60))) == [9, 7, 6, 8, 5]


def test_the_initial_sample_goes_only_as_far_as_reviewed_cells_are_lacking() -> None:
    index = with_doubts(60)
    index.set_rows(np.arange(38, 61), status=ACCEPTED)  # 23 of 25
    assert doubtful_cells(queue_of(index)) == [9, 7, 6, 5, 8]


@given(index=indexes)
def test_every_predicted_class_has_cells_among_the_first(index: CellIndex) -> None:
    index.set_rows(index.cell_id, status=UNREVIEWED, flagged=False)
    cells = doubtful_cells(queue_of(index))
    classes = index.predicted[index.rows_of(np.array(cells, np.int64))]
    assert {*classes.tolist()} == {*classes[:INITIAL_SAMPLE].tolist()}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("prob", 0.9, Reason.UNSURE),
        ("pred_set", 3, Reason.AMBIGUOUS),
        ("ood", 0.995, Reason.UNUSUAL),
        ("flagged", True, Reason.FLAGGED),
        ("predicted", 3, Reason.RARE),
    ],
)
def test_each_reason_brings_a_cell_in(column: str, value: float, reason: Reason) -> None:
    index = all_confident(300)
    index.set_rows([17], **{column: value})
    queue = queue_of(index)
    place = queue.cell_ids.tolist().index(17)
    assert reason in queue.reason(place)


def test_classes_learned_from_rendered_cells_only_are_visited() -> None:
    queue = queue_of(all_confident(30), rendered_only=frozenset({0}))
    assert len(queue) == 30
    assert Reason.RENDERED_ONLY in queue.reason(0)


def test_a_class_is_rare_within_its_own_patient() -> None:
    index = all_confident(200)
    index.set_rows(np.arange(101, 201), patient=2, predicted=1)
    index.set_rows([150, 151, 152], predicted=0)
    rare = queue_of(index)
    marked = rare.cell_ids[(rare.reasons & Reason.RARE) != 0]
    assert marked.tolist() == []  # three of a hundred are more than 2 %
    index.set_rows([152], predicted=1)
    rare = queue_of(index)
    marked = rare.cell_ids[(rare.reasons & Reason.RARE) != 0]
    assert sorted(marked.tolist()) == [150, 151]


def test_drawn_cells_stand_at_even_distances_between_the_others() -> None:
    index = all_confident(400)
    index.set_rows(np.arange(1, 401, 2), prob=0.5)
    queue = queue_of(index)
    by_lot = np.flatnonzero(queue.reasons == Reason.DRAWN)
    first_half = np.count_nonzero(by_lot < len(queue) // 2)
    assert abs(first_half - len(by_lot) / 2) <= 1


def test_neither_rivals_nor_flags_nor_doubt_may_be_accepted_together() -> None:
    index = all_confident(6)
    index.set_rows([2], pred_set=3)
    index.set_rows([3], flagged=True)
    index.set_rows([4], prob=0.949)
    index.set_rows([5], status=ACCEPTED)
    index.set_rows([6], predicted=NO_CLASS, prob=np.nan)
    assert confident(index, every_row(index), threshold=THRESHOLD).tolist() == [True] + [False] * 5
    assert confident(index, every_row(index), threshold=0.9).tolist() == (
        [True, False, False, True, False, False]
    )


PREDICTED_CELLS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9])), max_size=60
)


def initial_positions(found: list[tuple[int, float]], n: int) -> list[int]:
    predicted = np.array([kind for kind, _ in found], np.int16)
    doubt = np.array([value for _, value in found], np.float32)
    order = np.argsort(-doubt, kind="stable")
    return [int(position) for position in order[initial_sample(predicted[order], n=n)]]


def turn_by_turn(found: list[tuple[int, float]], n: int) -> list[int]:
    """Choose one cell after another, the slow way: whose class is furthest behind its √k."""
    left: dict[int, list[int]] = {}
    for position in sorted(range(len(found)), key=lambda i: (-found[i][1], i)):
        left.setdefault(found[position][0], []).append(position)
    size = {kind: len(own) for kind, own in left.items()}
    chosen: list[int] = []
    while len(chosen) < min(n, len(found)):
        ready = []
        for kind, own in left.items():
            if own:
                taken = size[kind] - len(own)
                due = (taken + 0.5) / np.sqrt(size[kind])
                position = own[-1] if taken % 2 == 0 else own[0]
                ready.append((due, -found[position][1], position))
        position = min(ready)[2]
        left[found[position][0]].remove(position)
        chosen.append(position)
    return chosen


@given(found=PREDICTED_CELLS, n=st.integers(0, 70))
def test_it_is_what_choosing_one_cell_after_another_gives(
    found: list[tuple[int, float]], n: int
) -> None:
    assert initial_positions(found, n) == turn_by_turn(found, n)


@given(found=PREDICTED_CELLS, n=st.integers(0, 70), more=st.integers(0, 10))
def test_asking_for_more_cells_changes_nothing_of_the_first(
    found: list[tuple[int, float]], n: int, more: int
) -> None:
    assert initial_positions(found, n + more)[
        : len(initial_positions(found, n))
    ] == initial_positions(found, n)


def test_the_oddest_cells_cannot_fill_it_and_the_sure_ones_of_a_class_are_in_it() -> None:
    odd = [(0, 0.7)] * 20
    sure_and_many = [(1, 0.3), *[(1, 0.1)] * 98, (1, 0.0)]
    first = initial_positions(odd + sure_and_many, 10)
    assert sum(position < 20 for position in first) == 3  # √20 : √100 of ten
    assert {20, 119} <= set(first)


def test_a_class_named_once_has_its_turn_among_many() -> None:
    frequent = [(kind, 0.5) for kind in range(3) for _ in range(64)]
    assert len(frequent) in initial_positions([*frequent, (4, 0.1)], 15)
