"""Walking through a queue: on, back, past what others did; and how long the rest takes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wbc_desktop.domain.review.queue import Reason, ReviewQueue
from wbc_desktop.domain.review.queue_progress import QueueProgress, ReviewPace


def progress(n: int = 5) -> QueueProgress:
    ids = np.arange(10, 10 + n)
    return QueueProgress(ReviewQueue(ids, np.full(n, Reason.UNSURE, np.uint8)))


def open_but(*closed: int, n: int = 5) -> NDArray[np.bool_]:
    open_ = np.ones(n, np.bool_)
    open_[list(closed)] = False
    return open_


def test_it_goes_on_past_cells_that_others_dealt_with() -> None:
    at = progress()
    at.seek_unreviewed(open_but(0, 1))
    assert (at.current, at.position) == (12, 2)
    at.mark_reviewed()
    at.seek_unreviewed(open_but(0, 1, 2, 3))
    assert at.current == 14
    assert at.left(open_but(0, 1, 2, 3)) == 1


def test_an_act_that_changed_nothing_leaves_the_reader_where_they_are() -> None:
    at = progress()
    at.seek_unreviewed(open_but())
    at.seek_unreviewed(open_but())
    assert at.current == 10


def test_it_ends_when_nothing_is_left_ahead() -> None:
    at = progress(2)
    at.mark_reviewed()
    at.seek_unreviewed(open_but(0, 1, n=2))
    assert at.ended
    assert at.current is None
    assert at.done.tolist() == [10]


def test_a_skipped_cell_stays_open_and_is_not_done() -> None:
    at = progress(2)
    at.skip(open_but(n=2))
    assert at.current == 11
    at.skip(open_but(n=2))
    assert at.ended
    assert at.done.tolist() == []


def test_back_leads_to_the_cell_before_and_on_again_to_where_the_reader_was() -> None:
    at = progress()
    at.mark_reviewed()
    at.seek_unreviewed(open_but(0))
    at.mark_reviewed()
    at.seek_unreviewed(open_but(0, 1))
    assert at.back()
    assert at.current == 11
    assert at.back()
    assert at.current == 10
    assert not at.back()
    at.mark_reviewed()
    at.seek_unreviewed(open_but(0, 1))
    assert at.current == 12
    assert sorted(at.done.tolist()) == [10, 11]


def test_after_an_undo_the_reader_stands_at_the_first_cell_that_came_back() -> None:
    at = progress()
    at.position = 4
    assert at.move_to([99, 13, 11])
    assert at.current == 11
    assert not at.move_to([99])
    assert at.current == 11


def test_the_pace_is_the_median_of_the_last_gaps() -> None:
    pace = ReviewPace()
    for now in (0.0, 1.0, 3.0):
        pace.tick(now)
    assert pace.seconds(10) is None  # two gaps are too few
    pace.tick(4.5)
    assert pace.seconds(10) == pytest.approx(15.0)


def test_a_break_does_not_count_and_old_gaps_are_forgotten() -> None:
    pace = ReviewPace()
    now = 0.0
    for gap in (30.0,) * 15 + (2.0,) * 8 + (5000.0,):
        pace.tick(now := now + gap)
    assert pace.seconds(1) == pytest.approx(2.0)
