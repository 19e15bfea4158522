"""Audit events: canonical text, hash chain, and the edits they carry.

An event is never changed or deleted. Its hash covers sequence, time, reader, type, payload and
the hash before it, so a change anywhere breaks the chain from there on. What that proves and what
it cannot prove stands in ``docs/audit.md``. To add a type of event, add it to ``EventType``,
and to ``USER_TYPES`` if a person can undo it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

GENESIS = "0" * 64


class EventType(StrEnum):
    """Everything the log records."""

    WORKSPACE_CREATED = "workspace_created"
    PATIENT_IMPORTED = "patient_imported"
    PREDICTIONS_STORED = "predictions_stored"
    SLIDES_ASSESSED = "slides_assessed"
    EXPORTED = "exported"
    JOB_STARTED = "job_started"
    JOB_ENDED = "job_ended"
    MODEL_REGISTERED = "model_registered"
    MODEL_IMPORTED = "model_imported"
    MODEL_PROMOTED = "model_promoted"
    MODEL_ROLLED_BACK = "model_rolled_back"
    RELABEL = "relabel"
    ACCEPT = "accept"
    FLAG = "flag"
    NOTE = "note"
    REFERENCE = "reference"
    ATTRIBUTE = "attribute"
    ATTRIBUTE_DEFINED = "attribute_defined"
    CLASSES_EDITED = "classes_edited"
    UNDO = "undo"
    REDO = "redo"
    TAKE_BACK = "take_back"


USER_TYPES = frozenset(
    {
        EventType.RELABEL,
        EventType.ACCEPT,
        EventType.FLAG,
        EventType.NOTE,
        EventType.REFERENCE,
        EventType.ATTRIBUTE,
        EventType.ATTRIBUTE_DEFINED,
        EventType.CLASSES_EDITED,
        EventType.TAKE_BACK,
    }
)


@dataclass(frozen=True)
class Event:
    """One line of the audit log.

    Attributes:
        seq: 1, 2, 3 … without gaps.
        at: UTC time, ISO 8601 with microseconds and a trailing Z.
        reader: Who acted; for system commands the reader whose session it was.
        type: What was done.
        payload: JSON without floats.
        prev_hash: Hash of the event before, or ``GENESIS``.
        hash: SHA-256 over all of the above, lower-case hex.
    """

    seq: int
    at: str
    reader: str
    type: EventType
    payload: Mapping[str, Json]
    prev_hash: str
    hash: str


def canonical(value: Json) -> str:
    """Return the one text of a JSON value: sorted keys, no spaces, UTF-8 unescaped.

    Raises:
        TypeError: If it holds a float: its text could differ between machines.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(*, seq: int, at: str, reader: str, type_: str, payload: str, prev_hash: str) -> str:
    """Return the hash of an event.

    The fields go into a JSON array, so that no choice of separators can make two different
    events read alike.

    Args:
        seq: Sequence number.
        at: UTC time.
        reader: Who acted.
        type_: The event's type.
        payload: Canonical JSON text.
        prev_hash: Hash of the event before.
    """
    text = canonical([seq, at, reader, type_, payload, prev_hash])
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"an event must not hold a float: {value!r}")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            if type(item) is not int:  # the ids of ten thousand cells are passed over quickly
                _refuse_floats(item)
