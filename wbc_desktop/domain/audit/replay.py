"""Rebuild what people said of every cell from the events alone.

The tables of the workspace are a convenience; the events are the record. Replay is what
``wbc verify`` compares the tables with. A new type of user event needs nothing here as long as it
carries an ``Edit``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from wbc_desktop.domain.audit.edits import Edit, Field, Value
from wbc_desktop.domain.audit.events import USER_TYPES, Event, EventType, Json
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.review.review import Review

EDITING_TYPES = USER_TYPES | {EventType.UNDO, EventType.REDO}
_MAX_RUN = 1_000_000
"""Cells in a row that one event may name: a forged event must not fill the memory."""


@dataclass(frozen=True)
class CellState:
    """What people have said of one cell.

    Attributes:
        review: The human label, or None.
        flagged: A person flagged the cell.
        note: Free text, or None.
        reference: Its place in the reference library, or None.
        attributes: Ids of morphology attributes, sorted.
    """

    review: Review | None = None
    flagged: bool = False
    note: str | None = None
    reference: Reference | None = None
    attributes: tuple[str, ...] = ()


def replay(events: Iterable[Event]) -> dict[int, CellState]:
    """Apply the events in order and return the state of every cell that is not blank.

    Args:
        events: In order of their sequence numbers; types that carry no edit are skipped.

    Returns:
        State by cell row id.

    Raises:
        ValueError: If an event that should carry an edit does not; the message names it.
    """
    states: dict[int, CellState] = {}
    for event in events:
        if event.type not in EDITING_TYPES:
            continue
        try:
            edit = Edit.from_payload(event.payload)
        except ValueError as error:
            raise ValueError(f"event {event.seq}: {error}") from error
        for cell_id, value in edit.after.items() if edit.field.of_cells else ():
            states[cell_id] = _with(states.get(cell_id, CellState()), edit.field, value)
    return {cell_id: state for cell_id, state in states.items() if state != CellState()}


def replay_definitions(events: Iterable[Event], field: Field) -> dict[int, str]:
    """Return what the workspace has defined for itself, by key.

    Args:
        events: In order of their sequence numbers; types that carry no edit are skipped.
        field: Which kind of definition.

    Raises:
        ValueError: If an event that should carry an edit does not; the message names it.
    """
    defined: dict[int, str] = {}
    for event in events:
        if event.type not in EDITING_TYPES or event.payload.get("field") != field.value:
            continue
        try:
            edit = Edit.from_payload(event.payload)
        except ValueError as error:
            raise ValueError(f"event {event.seq}: {error}") from error
        for key, value in edit.after.items():
            defined.pop(key, None)
            if value is not None:
                defined[key] = str(value)
    return defined


def replay_predictions(events: Iterable[Event]) -> dict[int, str]:
    """Return the label that the last prediction gave each cell, by cell row id.

    Args:
        events: In order of their sequence numbers; types that predict nothing are skipped.

    Raises:
        ValueError: If an event that should name labels does not; the message names it.
    """
    labels: dict[int, str] = {}
    for event in events:
        if event.type is not EventType.PREDICTIONS_STORED:
            continue
        try:
            named = cast("Mapping[str, Sequence[tuple[int, int]]]", event.payload["labels"])
            for label, ranges in named.items():
                for first, last in ranges:
                    labels.update(dict.fromkeys(_run(first, last), label))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"event {event.seq}: it names no labels") from error
    return labels


def _run(first: int, last: int) -> range:
    if last - first >= _MAX_RUN:
        raise ValueError(f"a run of {last - first + 1} cells")
    return range(first, last + 1)


@dataclass(frozen=True, kw_only=True)
class LoggedShift:
    """What the log says of one slide.

    Attributes:
        model_sha256: The model that assessed it.
        at: UTC time.
        shift: The assessment.
    """

    model_sha256: str
    at: str
    shift: SlideShift


def replay_shifts(events: Iterable[Event]) -> dict[int, LoggedShift]:
    """Return the last assessment of each slide, by slide row id; slides without one are missing.

    Args:
        events: In order of their sequence numbers; types that assess nothing are skipped.

    Raises:
        ValueError: If an event that should assess slides does not; the message names it.
    """
    found: dict[int, LoggedShift] = {}
    for event in events:
        if event.type is not EventType.SLIDES_ASSESSED:
            continue
        try:
            model_sha256 = str(event.payload["model_sha256"])
            slides = cast("Sequence[Mapping[str, Json]]", event.payload["slides"])
            for facts in slides:
                slide, said = int(str(facts["slide"])), facts["shift"]
                found.pop(slide, None)
                if said is not None:
                    shift = SlideShift.from_payload(cast("Mapping[str, Json]", said))
                    found[slide] = LoggedShift(model_sha256=model_sha256, at=event.at, shift=shift)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"event {event.seq}: it assesses no slides") from error
    return found


@dataclass(frozen=True, kw_only=True)
class LoggedImport:
    """What the log says of one import of one patient.

    Attributes:
        patient: The patient's code.
        site: Name of the site, or the empty string where none was named.
        at: UTC time.
        first: Row id of the first cell.
        last: Row id of the last cell.
        digest: Over the facts of these cells, lower-case hex.
    """

    patient: str
    site: str
    at: str
    first: int
    last: int
    digest: str


def replay_imports(events: Iterable[Event]) -> Iterator[LoggedImport]:
    """Yield what was imported, in order.

    Args:
        events: In order of their sequence numbers; types that import nothing are skipped.

    Raises:
        ValueError: If an event that should describe an import does not; the message names it.
    """
    for event in events:
        if event.type is not EventType.PATIENT_IMPORTED:
            continue
        try:
            facts = event.payload
            yield LoggedImport(
                patient=str(facts["patient"]),
                site=str(facts["site"]),
                at=event.at,
                first=int(str(facts["first"])),
                last=int(str(facts["last"])),
                digest=str(facts["digest"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"event {event.seq}: it describes no import") from error


def _with(state: CellState, field: Field, value: Value) -> CellState:
    match field:
        case Field.REVIEW:
            return replace(state, review=cast("Review | None", value))
        case Field.FLAG:
            return replace(state, flagged=bool(value))
        case Field.NOTE:
            return replace(state, note=cast("str | None", value))
        case Field.REFERENCE:
            return replace(state, reference=cast("Reference | None", value))
        case Field.ATTRIBUTES:
            return replace(state, attributes=cast("tuple[str, ...]", value))
        case Field.VOCABULARY | Field.CLASSES:
            raise ValueError("it is about no cell")
