"""Rebuilding what people said from the events alone."""

from collections.abc import Mapping

import pytest

from wbc_desktop.domain.edits import Edit, Field
from wbc_desktop.domain.events import GENESIS, Event, EventType, Json
from wbc_desktop.domain.replay import CellState, replay
from wbc_desktop.domain.review import Review, ReviewMode, Status

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
