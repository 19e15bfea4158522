"""Reads about what people have said of cells, and which they chose as references."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.review.review import Review, ReviewMode, Status
from wbc_desktop.domain.taxonomy.attributes import split
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among

# Tables, because an enumeration takes its time over ten thousand values.
_STATUSES = {status.value: status for status in Status}
_MODES = {mode.value: mode for mode in ReviewMode}


def review_of(columns: Sequence[Any]) -> Review:
    """Build a review from the columns of the table ``review`` that follow the cell's id."""
    label, status, reviewer, reviewed_at, mode, n_reviews = columns
    return Review(
        label=label,
        status=_STATUSES.get(status) or Status(status),
        reviewer=reviewer,
        reviewed_at=reviewed_at,
        mode=_MODES.get(mode) or ReviewMode(mode),
        n_reviews=n_reviews,
    )


class ReviewReads(Reads):
    """Labels, flags, notes and attributes, for the cells asked or for all."""

    def reviews_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, Review]:
        """Return the human labels of these cells, or of all; cells without one are missing."""
        statement = select(s.review)
        if cell_ids is not None:
            statement = statement.where(among(s.review.c.cell_id, cell_ids))
        return {row[0]: review_of(row[1:]) for row in self._all(statement)}

    def stored(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Yield every row of the table ``review`` as it stands in the file, for checking."""
        for row in self._stream(select(s.review)):
            columns = dict(row._mapping)  # noqa: SLF001  # public in spite of its name
            yield columns.pop("cell_id"), columns

    def flagged(self, cell_ids: Iterable[int] | None = None) -> set[int]:
        """Return those of these cells, or of all, that a person flagged."""
        statement = select(s.flag.c.cell_id)
        if cell_ids is not None:
            statement = statement.where(among(s.flag.c.cell_id, cell_ids))
        return set(self._column(statement))

    def notes_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, str]:
        """Return the notes of these cells, or of all; cells without one are missing."""
        statement = select(s.note.c.cell_id, s.note.c.text)
        if cell_ids is not None:
            statement = statement.where(among(s.note.c.cell_id, cell_ids))
        return {row[0]: row[1] for row in self._all(statement)}

    def attributes_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, tuple[str, ...]]:
        """Return the attributes of these cells, or of all; cells without any are missing."""
        statement = select(s.attribute.c.cell_id, s.attribute.c.ids)
        if cell_ids is not None:
            statement = statement.where(among(s.attribute.c.cell_id, cell_ids))
        return {row[0]: split(row[1]) for row in self._all(statement)}

    def classed_by_people(self) -> NDArray[np.int64]:
        """Return the cells that a person gave a class, undecided ones not, int64 ascending."""
        statement = select(s.review.c.cell_id).where(s.review.c.status != Status.UNDECIDED)
        return np.array(self._column(statement.order_by(s.review.c.cell_id)), np.int64)

    def count_labelled(self, class_id: str) -> int:
        """Return how many cells a person labelled so, or chose as an example of the class."""
        tables = (s.review, s.reference)
        return sum(
            self._column(select(func.count()).where(table.c.label == class_id))[0]
            for table in tables
        )


class ReferenceReads(Reads):
    """The cells that readers have added to the reference library."""

    def references_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, Reference]:
        """Return the places of these cells, or of all; cells outside the library are missing."""
        statement = select(s.reference)
        if cell_ids is not None:
            statement = statement.where(among(s.reference.c.cell_id, cell_ids))
        return {
            row.cell_id: Reference(label=row.label, reader=row.reader, at=row.at)
            for row in self._all(statement)
        }

    def of_classes(self, class_ids: Sequence[str]) -> dict[int, Reference]:
        """Return the reference cells of some classes, newest first."""
        statement = (
            select(s.reference)
            .where(s.reference.c.label.in_(class_ids))
            .order_by(s.reference.c.at.desc(), s.reference.c.cell_id.desc())
        )
        return {
            row.cell_id: Reference(label=row.label, reader=row.reader, at=row.at)
            for row in self._all(statement)
        }
