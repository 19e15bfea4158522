"""Reads of what the workspace keeps by key, such as saved views, and of its definitions."""

from sqlalchemy import select

from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads


class MetaReads(Reads):
    """Texts by key."""

    def get(self, key: str) -> str | None:
        """Return the text of a key, or None if there is none."""
        row = self._first(select(s.meta.c.value).where(s.meta.c.key == key))
        return None if row is None else row[0]

    def definitions(self, kind: Field) -> dict[int, str]:
        """Return what the workspace defines for itself, by key."""
        statement = select(s.definition.c.key, s.definition.c.text)
        return {row[0]: row[1] for row in self._all(statement.where(s.definition.c.kind == kind))}
