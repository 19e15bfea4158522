"""Rebuilding what people said from the events alone."""

from collections.abc import Mapping

import pytest

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import GENESIS, Event, EventType, Json
from wbc_desktop.domain.audit.replay import CellState, LoggedShift, replay, replay_shifts
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.review.review import Review, ReviewMode, Status

MONOCYTE = Review(
    label="monocyte",
    status=Status.CORRECTED,
    reviewer="Ada",
    reviewed_at="2026-11-21T09:30:00.000000Z",
    mode=ReviewMode.SINGLE,
    n_reviews=1,
)


def event(seq: int, type_: EventType, payload: Mapping[str, Json]) -> Event:
    return Event(seq, "2026-11-21T09:30:00.000000Z", "Ada", type_, payload, GENESIS, GENESIS)


def test_the_last_word_on_a_cell_holds() -> None:
    label = Edit(Field.REVIEW, {1: None, 2: None}, {1: MONOCYTE, 2: MONOCYTE})
    undo = Edit(Field.REVIEW, {2: MONOCYTE}, {2: None})
    states = replay(
        [
            event(1, EventType.RELABEL, label.payload()),
            event(2, EventType.UNDO, {**undo.payload(), "undoes": 1}),
        ]
    )
    assert states == {1: CellState(review=MONOCYTE)}


def test_label_flag_and_note_of_a_cell_stand_side_by_side() -> None:
    states = replay(
        [
            event(1, EventType.FLAG, Edit(Field.FLAG, {7: False}, {7: True}).payload()),
            event(2, EventType.NOTE, Edit(Field.NOTE, {7: None}, {7: "smeared"}).payload()),
            event(3, EventType.ACCEPT, Edit(Field.REVIEW, {7: None}, {7: MONOCYTE}).payload()),
        ]
    )
    assert states == {7: CellState(review=MONOCYTE, flagged=True, note="smeared")}


def test_imports_predictions_and_exports_say_nothing_about_labels() -> None:
    assert replay([event(1, EventType.PREDICTIONS_STORED, {"labels": {"blast": [[1, 9]]}})]) == {}


def test_an_event_without_its_edit_is_named() -> None:
    with pytest.raises(ValueError, match="event 4"):
        replay([event(4, EventType.RELABEL, {"text": "Relabel 1 cell"})])


def assessed(seq: int, shifts: dict[int, SlideShift | None]) -> Event:
    slides: list[Json] = [
        {"slide": slide, "shift": None if shift is None else shift.payload()}
        for slide, shift in shifts.items()
    ]
    return event(seq, EventType.SLIDES_ASSESSED, {"model_sha256": "ab", "slides": slides})


def test_the_last_assessment_of_a_slide_holds() -> None:
    first = SlideShift(n=20, score=1.5, alarm=True, statistic="s", text="t", advice="a")
    later = SlideShift(n=40, score=0.5, alarm=False, statistic="s", text="t", advice="a")
    events = [assessed(1, {1: first, 2: first, 3: first}), assessed(2, {1: later, 2: None})]
    found = {slide: logged.shift for slide, logged in replay_shifts(events).items()}
    assert found == {1: later, 3: first}
    at = "2026-11-21T09:30:00.000000Z"
    assert replay_shifts(events)[1] == LoggedShift(model_sha256="ab", at=at, shift=later)


@pytest.mark.parametrize(
    "payload",
    [{}, {"model_sha256": "ab", "slides": [{"slide": 1}]}, {"model_sha256": "ab", "slides": 3}],
)
def test_an_event_that_assesses_nothing_is_named(payload: Mapping[str, Json]) -> None:
    with pytest.raises(ValueError, match="event 5: it assesses no slides"):
        replay_shifts([event(5, EventType.SLIDES_ASSESSED, payload)])
