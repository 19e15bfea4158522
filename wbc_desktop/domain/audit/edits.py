"""One edit of some cells, its inverse, and the form in which an event carries it.

An edit says for each cell what a field held before and what it holds after. It is what a user
command does, what undo turns round and what replay repeats. To make another thing about a cell
editable, add it to ``Field`` and say in ``_to_json`` and ``_from_json`` how its value is written.

An edit of the workspace's own attributes and classes works the same way: there the keys are bits or
ordinals instead of cells, and the values are definitions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from wbc_desktop.domain.audit.events import Json
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.review.review import Review, ReviewMode, Status

Value: TypeAlias = Review | Reference | bool | str | tuple[str, ...] | None


class Field(StrEnum):
    """What a person can change about a cell, or about what can be said of cells."""

    REVIEW = "review"
    FLAG = "flag"
    NOTE = "note"
    REFERENCE = "reference"
    ATTRIBUTES = "attributes"
    VOCABULARY = "vocabulary"
    CLASSES = "classes"

    @property
    def of_cells(self) -> bool:
        """True if the keys of an edit are cells."""
        return self not in (Field.VOCABULARY, Field.CLASSES)


@dataclass(frozen=True)
class Edit:
    """What changes, cell by cell.

    Attributes:
        field: Which thing about the cells.
        before: The value each cell has now: a ``Review`` or None, True or False, text or None,
            ids in order, a ``Reference`` or None.
        after: The value each cell is to have; the same cells.
    """

    field: Field
    before: Mapping[int, Value]
    after: Mapping[int, Value]

    @property
    def cell_ids(self) -> tuple[int, ...]:
        """The cells concerned; none if the edit is not about cells."""
        return tuple(self.after) if self.field.of_cells else ()

    @property
    def n(self) -> int:
        """How many cells, or definitions, change."""
        return len(self.after)

    def inverse(self) -> "Edit":
        """Return the edit that takes this one back."""
        return Edit(field=self.field, before=self.after, after=self.before)

    def payload(self) -> dict[str, Json]:
        """Return the part of an event's payload that carries this edit."""
        return {
            "field": self.field.value,
            "before": _groups(self.before),
            "after": _groups(self.after),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> "Edit":
        """Read an edit back from an event.

        Raises:
            ValueError: If the payload holds no edit.
        """
        try:
            field = Field(str(payload["field"]))
            before = _ungrouped(field, payload["before"])
            after = _ungrouped(field, payload["after"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the event holds no edit: {error!r}") from error
        return cls(field=field, before=before, after=after)


def _groups(values: Mapping[int, Value]) -> list[Json]:
    """Group cells of equal value, so that a label for 10,000 cells is written once."""
    groups: dict[Value, list[int]] = {}
    for cell_id, value in values.items():
        groups.setdefault(value, []).append(cell_id)
    return [[_to_json(value), ids] for value, ids in groups.items()]


def _ungrouped(field: Field, groups: Json) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for group in _list(groups):
        written, cell_ids = _list(group)
        value = _from_json(field, written)
        values.update((int(str(cell_id)), value) for cell_id in _list(cell_ids))
    return values


def _list(value: Json) -> Sequence[Json]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return value


def review_json(value: Review) -> dict[str, Json]:
    """Return a review as events carry it; the names are those of its attributes."""
    return {
        "label": value.label,
        "status": value.status.value,
        "reviewer": value.reviewer,
        "reviewed_at": value.reviewed_at,
        "mode": value.mode.value,
        "n_reviews": value.n_reviews,
    }


def _to_json(value: Value) -> Json:
    if isinstance(value, Review):
        return review_json(value)
    if isinstance(value, Reference):
        return {"label": value.label, "reader": value.reader, "at": value.at}
    return list(value) if isinstance(value, tuple) else value


def _from_json(field: Field, value: Json) -> Value:
    if field is Field.FLAG:
        return bool(value)
    if field is Field.ATTRIBUTES:
        return tuple(str(part) for part in _list(value))
    if value is None:
        return None
    if field in (Field.NOTE, Field.VOCABULARY, Field.CLASSES):
        return str(value)
    if not isinstance(value, Mapping):
        raise TypeError(f"not a {field.value}: {value!r}")
    if field is Field.REFERENCE:
        names = ("label", "reader", "at")
        return Reference(**{name: str(value[name]) for name in names})
    return Review(
        label=str(value["label"]),
        status=Status(str(value["status"])),
        reviewer=str(value["reviewer"]),
        reviewed_at=str(value["reviewed_at"]),
        mode=ReviewMode(str(value["mode"])),
        n_reviews=int(str(value["n_reviews"])),
    )
