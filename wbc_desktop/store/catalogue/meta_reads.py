"""Reads of what the workspace keeps by key: facts about itself, and saved views."""

from sqlalchemy import select

from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads


class MetaReads(Reads):
    """Texts by key."""

    def meta(self, key: str) -> str | None:
        """Return the text of a key, or None if there is none."""
        row = self._first(select(s.meta.c.value).where(s.meta.c.key == key))
        return None if row is None else row[0]
