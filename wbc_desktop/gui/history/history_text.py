"""The history of one cell in sentences, newest first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wbc_desktop.domain.audit.edits import Edit, Value
from wbc_desktop.domain.audit.events import Event, EventType, Json
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.review.review import Review
from wbc_desktop.domain.taxonomy.classes import Taxonomy


def local_time(at: str) -> str:
    """Return a UTC time of the log in local time, to the minute."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def sentences(events: Iterable[Event], cell_id: int, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return one sentence for each event, in the order given.

    Args:
        events: Events that name the cell.
        cell_id: The cell.
        taxonomy: Gives the names of classes.
    """
    return tuple(f"{local_time(e.at)}  {_words(e, cell_id, taxonomy)}" for e in events)


def _words(event: Event, cell_id: int, taxonomy: Taxonomy) -> str:
    match event.type:
        case EventType.PATIENT_IMPORTED:
            return "imported"
        case EventType.PREDICTIONS_STORED:
            return _classified(event, cell_id, taxonomy)
        case EventType.UNDO | EventType.REDO | EventType.TAKE_BACK:
            return f"{event.reader} {_AGAIN[event.type]}: {_change(event, cell_id, taxonomy)}"
        case EventType.ACCEPT:
            return f"{event.reader} accepted {_change(event, cell_id, taxonomy)}"
        case EventType.RELABEL | EventType.FLAG | EventType.NOTE | EventType.ATTRIBUTE:
            return f"{event.reader}: {_change(event, cell_id, taxonomy)}"
        case EventType.REFERENCE:
            return f"{event.reader}: {_change(event, cell_id, taxonomy)}"
        case _:
            return str(event.type).replace("_", " ")


_AGAIN = {
    EventType.UNDO: "undid",
    EventType.REDO: "redid",
    EventType.TAKE_BACK: "took back",
}


def _classified(event: Event, cell_id: int, taxonomy: Taxonomy) -> str:
    words = f"classified by {event.payload.get('model', 'a model')}"
    labels = event.payload.get("labels")
    for class_id, runs in labels.items() if isinstance(labels, Mapping) else ():
        if _within(cell_id, runs):
            known = taxonomy.by_id.get(class_id)
            return f"{words} as {known.name if known else class_id}"
    return words


def _within(cell_id: int, runs: Json) -> bool:
    """Tell whether a cell is in one of some runs of ids, each ``[first, last]``."""
    for run in runs if isinstance(runs, Sequence) else ():
        match run:
            case [int(first), int(last)] if first <= cell_id <= last:
                return True
    return False


def _change(event: Event, cell_id: int, taxonomy: Taxonomy) -> str:
    edit = Edit.from_payload(event.payload)
    before, after = edit.before.get(cell_id), edit.after.get(cell_id)
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _attributes(before, after)
    if isinstance(before, bool) or isinstance(after, bool):
        return "flagged" if after else "flag removed"
    if isinstance(before, Review) or isinstance(after, Review):
        was = "" if before is None else f" (was {_value(before, taxonomy)})"
        return f"{_value(after, taxonomy)}{was}"
    if isinstance(after, Reference):
        known = taxonomy.by_id.get(after.label)
        return f"added to the reference cells of {known.name if known else after.label}"
    if isinstance(before, Reference):
        return "removed from the reference cells"
    return f"note “{after}”" if after else "note removed"


def _attributes(before: Sequence[str], after: Sequence[str]) -> str:
    words = [f"shows {own_id}" for own_id in after if own_id not in before]
    words += [f"{own_id} taken away" for own_id in before if own_id not in after]
    return ", ".join(words).replace("_", " ")


def _value(value: Value, taxonomy: Taxonomy) -> str:
    if not isinstance(value, Review):
        return "label removed"
    known = taxonomy.by_id.get(value.label)
    return known.name if known else value.label
