"""Reads about the reference cells of a workspace."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among


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

    def references_of(self, class_ids: Sequence[str]) -> dict[int, Reference]:
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
