"""Walking through a queue: on, back, past what others did; and how long the rest takes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wbc_desktop.domain.review.queue import Reason, ReviewQueue
from wbc_desktop.domain.review.queue_progress import Pace, ReviewWalk


def walk(n: int = 5) -> ReviewWalk:
    ids = np.arange(10, 10 + n)
    return ReviewWalk(ReviewQueue(ids, np.full(n, Reason.UNSURE, np.uint8)))


def open_but(*closed: int, n: int = 5) -> NDArray[np.bool_]:
    open_ = np.ones(n, np.bool_)
    open_[list(closed)] = False
    return open_


def test_it_goes_on_past_cells_that_others_dealt_with() -> None:
    way = walk()
    way.seek(open_but(0, 1))
    assert (way.current, way.place) == (12, 2)
    way.finish()
    way.seek(open_but(0, 1, 2, 3))
    assert way.current == 14
    assert way.left(open_but(0, 1, 2, 3)) == 1


def test_an_act_that_changed_nothing_leaves_the_reader_where_they_are() -> None:
    way = walk()
    way.seek(open_but())
    way.seek(open_but())
    assert way.current == 10


def test_it_ends_when_nothing_is_left_ahead() -> None:
    way = walk(2)
    way.finish()
    way.seek(open_but(0, 1, n=2))
    assert way.ended
    assert way.current is None
    assert way.done.tolist() == [10]


def test_a_cell_passed_over_stays_open_and_is_not_done() -> None:
    way = walk(2)
    way.pass_over(open_but(n=2))
    assert way.current == 11
    way.pass_over(open_but(n=2))
    assert way.ended
    assert way.done.tolist() == []


def test_back_leads_to_the_cell_before_and_on_again_to_where_the_reader_was() -> None:
    way = walk()
    way.finish()
    way.seek(open_but(0))
    way.finish()
    way.seek(open_but(0, 1))
    assert way.back()
    assert way.current == 11
    assert way.back()
    assert way.current == 10
    assert not way.back()
    way.finish()
    way.seek(open_but(0, 1))
    assert way.current == 12
    assert sorted(way.done.tolist()) == [10, 11]


def test_after_an_undo_the_walk_stands_at_the_first_cell_that_came_back() -> None:
    way = walk()
    way.place = 4
    assert way.move_to([99, 13, 11])
    assert way.current == 11
    assert not way.move_to([99])
    assert way.current == 11


def test_the_pace_is_the_median_of_the_last_gaps() -> None:
    pace = Pace()
    for now in (0.0, 1.0, 3.0):
        pace.tick(now)
    assert pace.seconds(10) is None  # two gaps are too few
    pace.tick(4.5)
    assert pace.seconds(10) == pytest.approx(15.0)


def test_a_break_does_not_count_and_old_gaps_are_forgotten() -> None:
    pace = Pace()
    now = 0.0
    for gap in (30.0,) * 15 + (2.0,) * 8 + (5000.0,):
        pace.tick(now := now + gap)
    assert pace.seconds(1) == pytest.approx(2.0)
