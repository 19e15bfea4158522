"""Which cells are looked at first in a workspace that a model has not been corrected in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.review.first_look import survey

cells = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9])), max_size=60
)


def places(found: list[tuple[int, float]], n: int) -> list[int]:
    predicted = np.array([kind for kind, _ in found], np.int16)
    doubt = np.array([value for _, value in found], np.float32)
    order = np.argsort(-doubt, kind="stable")
    return [int(place) for place in order[survey(predicted[order], n=n)]]


def turn_by_turn(found: list[tuple[int, float]], n: int) -> list[int]:
    """Choose one cell after another, the slow way: whose class is furthest behind its √k."""
    left: dict[int, list[int]] = {}
    for place in sorted(range(len(found)), key=lambda i: (-found[i][1], i)):
        left.setdefault(found[place][0], []).append(place)
    size = {kind: len(own) for kind, own in left.items()}
    chosen: list[int] = []
    while len(chosen) < min(n, len(found)):
        ready = []
        for kind, own in left.items():
            if own:
                taken = size[kind] - len(own)
                due = (taken + 0.5) / np.sqrt(size[kind])
                place = own[-1] if taken % 2 == 0 else own[0]
                ready.append((due, -found[place][1], place))
        place = min(ready)[2]
        left[found[place][0]].remove(place)
        chosen.append(place)
    return chosen


@given(found=cells, n=st.integers(0, 70))
def test_it_is_what_choosing_one_cell_after_another_gives(
    found: list[tuple[int, float]], n: int
) -> None:
    assert places(found, n) == turn_by_turn(found, n)


@given(found=cells, n=st.integers(0, 70), more=st.integers(0, 10))
def test_asking_for_more_cells_changes_nothing_of_the_first(
    found: list[tuple[int, float]], n: int, more: int
) -> None:
    assert places(found, n + more)[: len(places(found, n))] == places(found, n)


def test_the_oddest_cells_cannot_fill_it_and_the_sure_ones_of_a_class_are_in_it() -> None:
    odd = [(0, 0.7)] * 20
    sure_and_many = [(1, 0.3), *[(1, 0.1)] * 98, (1, 0.0)]
    first = places(odd + sure_and_many, 10)
    assert sum(place < 20 for place in first) == 3  # √20 : √100 of ten
    assert {20, 119} <= set(first)


def test_a_class_named_once_has_its_turn_among_many() -> None:
    frequent = [(kind, 0.5) for kind in range(3) for _ in range(64)]
    assert len(frequent) in places([*frequent, (4, 0.1)], 15)
