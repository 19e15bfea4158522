"""Reads of the audit log."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select

from wbc_desktop.domain.audit.cell_payload import payload_for_cell
from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.audit.events import GENESIS, USER_TYPES, Event, EventType, Json
from wbc_desktop.domain.audit.undo_stacks import Act
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among, json_field

_ACTS = [kind.value for kind in (*USER_TYPES, EventType.UNDO, EventType.REDO)]


class StoredEvent(NamedTuple):
    """One event exactly as it stands in the file, for checking.

    Attributes:
        seq: Sequence number.
        at: UTC time.
        reader: Who acted.
        type: The type's text; may be anything in a file that was tampered with.
        payload: The payload's text; the same holds.
        prev_hash: Hash of the event before.
        hash: The event's own hash.
    """

    seq: int
    at: str
    reader: str
    type: str
    payload: str
    prev_hash: str
    hash: str


class StoredAct(NamedTuple):
    """One act of a person as a list shows it; the values of its cells are not read.

    Attributes:
        seq: Sequence number.
        at: UTC time.
        reader: Who acted.
        type: The type's text.
        target: The command it undoes, redoes or takes back, or None.
        text: The act in the user's words.
        field: What it changed, or None.
        n: How many cells it changed.
    """

    seq: int
    at: str
    reader: str
    type: str
    target: int | None
    text: str
    field: str | None
    n: int


class EventReads(Reads):
    """The audit log, in order of sequence."""

    def head(self) -> tuple[int, str]:
        """Return sequence number and hash of the last event; 0 and ``GENESIS`` if there is none."""
        last = select(s.event.c.seq, s.event.c.hash).order_by(s.event.c.seq.desc()).limit(1)
        row = self._first(last)
        return (0, GENESIS) if row is None else (row[0], row[1])

    def all(self, after_seq: int = 0) -> Iterator[Event]:
        """Yield the events after a sequence number.

        Raises:
            UserError: If an event cannot be read.
        """
        statement = select(s.event).where(s.event.c.seq > after_seq).order_by(s.event.c.seq)
        return map(_event, self._stream(statement))

    def of_type(self, type_: EventType) -> Iterator[Event]:
        """Yield the events of a type, oldest first.

        Raises:
            UserError: If one cannot be read.
        """
        statement = select(s.event).where(s.event.c.type == type_.value).order_by(s.event.c.seq)
        return map(_event, self._stream(statement))

    def stored(self) -> Iterator[StoredEvent]:
        """Yield all events as they stand in the file, unread."""
        rows = self._stream(select(s.event).order_by(s.event.c.seq))
        return (StoredEvent._make(row) for row in rows)

    def get(self, seq: int) -> Event:
        """Return one event.

        Raises:
            UserError: If there is none, or it cannot be read.
        """
        row = self._first(select(s.event).where(s.event.c.seq == seq))
        if row is None:
            raise UserError("The audit log is damaged", f"event {seq} is missing", _RESTORE)
        return _event(row)

    def history(self, cell_id: int, *, limit: int | None = None) -> tuple[Event, ...]:
        """Return the events that concern a cell, newest first; of an edit only what it says of it.

        Args:
            cell_id: Row id.
            limit: At most so many; None for all.
        """
        rows = self._all(
            select(s.event)
            .join(s.event_cell, s.event_cell.c.event_seq == s.event.c.seq)
            .where(s.event_cell.c.cell_id == cell_id)
            .order_by(s.event.c.seq.desc())
            .limit(limit)
        )
        return tuple(_event(row, partial(payload_for_cell, cell_id=cell_id)) for row in rows)

    def cells_after(self, after_seq: int) -> list[int]:
        """Return the cells that the events after a sequence number concern, ascending."""
        statement = select(s.event_cell.c.cell_id).where(s.event_cell.c.event_seq > after_seq)
        return sorted(set(self._column(statement)))

    def acts_of(self, reader: str, *, after_seq: int = 0) -> list[Act]:
        """Return what the undo stacks need to know of a reader's own events, oldest first.

        Args:
            reader: The reader's name.
            after_seq: Only events after this one.
        """
        return self._acts(s.event.c.reader == reader, s.event.c.seq > after_seq)

    def acts_on(self, cell_ids: Iterable[int], *, field: Field, after_seq: int) -> list[Act]:
        """Return the acts of all readers on any of these cells, oldest first.

        Args:
            cell_ids: Row ids.
            field: Only acts on this field.
            after_seq: Only events after this one.
        """
        seqs = self._column(
            select(s.event_cell.c.event_seq)
            .where(among(s.event_cell.c.cell_id, cell_ids), s.event_cell.c.event_seq > after_seq)
            .distinct()
        )
        of_field = json_field(s.event.c.payload, "field") == field.value
        return self._acts(among(s.event.c.seq, seqs), of_field)

    def acts_by_cell(
        self, cell_ids: Iterable[int], *, field: Field, after_seq: int
    ) -> dict[int, list[Act]]:
        """Return the acts of all readers on each of these cells, oldest first.

        Args:
            cell_ids: Row ids; a cell without such an act is left out of the answer.
            field: Only acts on this field.
            after_seq: Only events after this one.
        """
        pairs = self._all(
            select(s.event_cell.c.cell_id, s.event_cell.c.event_seq)
            .where(among(s.event_cell.c.cell_id, cell_ids), s.event_cell.c.event_seq > after_seq)
            .order_by(s.event_cell.c.event_seq)
        )
        of_field = json_field(s.event.c.payload, "field") == field.value
        acts = self._acts(among(s.event.c.seq, {seq for _, seq in pairs}), of_field)
        by_seq = {act.seq: act for act in acts}
        found: dict[int, list[Act]] = {}
        for cell_id, seq in pairs:
            if seq in by_seq:
                found.setdefault(cell_id, []).append(by_seq[seq])
        return found

    def acts_before(
        self, seq: int, *, after_seq: int, reader: str, words: Iterable[str], limit: int
    ) -> list[StoredAct]:
        """Return acts of people, newest first.

        Args:
            seq: Only events before this one.
            after_seq: Only events after this one.
            reader: Only acts of this reader; of all if empty.
            words: Only acts whose text holds all of them.
            limit: At most so many.
        """
        event, payload = s.event.c, s.event.c.payload
        groups = func.json_each(payload, "$.after").table_valued("value")
        n = select(func.sum(func.json_array_length(groups.c.value, "$[1]"))).correlate(s.event)
        text = func.coalesce(json_field(payload, "text"), "")
        conditions = [event.seq < seq, event.seq > after_seq, event.type.in_(_ACTS)]
        conditions += [event.reader == reader] if reader else []
        conditions += [text.contains(word, autoescape=True) for word in words]
        columns = (event.seq, event.at, event.reader, event.type, _target(), text)
        rows = self._all(
            select(
                *columns,
                json_field(payload, "field"),
                func.coalesce(n.select_from(groups).scalar_subquery(), 0),
            )
            .where(*conditions)
            .order_by(event.seq.desc())
            .limit(limit)
        )
        return [StoredAct._make(row) for row in rows]

    def readers(self) -> list[str]:
        """Return everybody who acted, in the order of the alphabet."""
        named = s.event.c.reader != ""
        return sorted(self._column(select(s.event.c.reader).where(named).distinct()))

    def kinds_after(self, seq: int) -> Iterable[tuple[EventType, str | None]]:
        """Return type and edited field of each event after a sequence number, without doubles."""
        rows = self._all(
            select(s.event.c.type, json_field(s.event.c.payload, "field"))
            .where(s.event.c.seq > seq)
            .distinct()
        )
        return [(EventType(kind), field) for kind, field in rows]

    def _acts(self, *conditions: ColumnElement[bool]) -> list[Act]:
        payload = s.event.c.payload
        rows = self._all(
            select(
                s.event.c.seq,
                s.event.c.type,
                _target(),
                func.coalesce(json_field(payload, "text"), ""),
            )
            .where(s.event.c.type.in_(_ACTS), *conditions)
            .order_by(s.event.c.seq)
        )
        return [Act(seq, EventType(kind), target, text) for seq, kind, target, text in rows]


def _target() -> ColumnElement[Any]:
    """Return the number of the command that an undo, a redo or a take back is about."""
    names = ("undoes", "redoes", "takes_back")
    return func.coalesce(*(json_field(s.event.c.payload, name) for name in names))


_RESTORE = "Run wbc verify to see what is wrong, and restore the folder from a backup."


def _event(row: Row[Any], read_payload: Callable[[str], Mapping[str, Json]] = json.loads) -> Event:
    try:
        return Event(
            seq=row.seq,
            at=row.at,
            reader=row.reader,
            type=EventType(row.type),
            payload=read_payload(row.payload),
            prev_hash=row.prev_hash,
            hash=row.hash,
        )
    except ValueError as error:
        raise UserError(
            "The audit log is damaged", f"event {row.seq} cannot be read", _RESTORE
        ) from error
