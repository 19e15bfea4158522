"""The workspaces opened last, and what was shown in each: kept in the settings.

What was shown is a filter text and the id of a cell; both are read again with care, because the
workspace may have changed meanwhile.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from wbc_desktop.settings import Settings

SETTING = "recent_workspaces"
KEPT = 8


@dataclass(frozen=True, kw_only=True)
class RecentWorkspace:
    """One workspace that was open before.

    Attributes:
        folder: Where it was.
        cells: How many cells it held.
        opened: When it was opened last, UTC, as ISO 8601.
        filter: The filter that was in force, as typed text.
        cell: Id of the chosen cell, or 0.
    """

    folder: str
    cells: int
    opened: str
    filter: str = ""
    cell: int = 0

    @property
    def day(self) -> str:
        """The day of the last opening here, such as 2026-11-21; empty if it is not known."""
        try:
            return datetime.fromisoformat(self.opened).astimezone().strftime("%Y-%m-%d")
        except ValueError:
            return ""


class RecentWorkspaces:
    """The list, the one opened last first.

    Args:
        settings: Keeps it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def entries(self) -> Sequence[RecentWorkspace]:
        """Return all of them."""
        return _read(self._settings.text(SETTING))

    def of(self, folder: Path) -> RecentWorkspace | None:
        """Return the entry of a folder, or None."""
        return next((each for each in self.entries() if each.folder == str(folder)), None)

    def opened(self, folder: Path, *, cells: int) -> None:
        """Put a workspace in front; what was shown in it is kept."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        before = self.of(folder) or RecentWorkspace(folder=str(folder), cells=0, opened="")
        rest = [each for each in self.entries() if each.folder != str(folder)]
        self._write([replace(before, cells=cells, opened=now), *rest])

    def left(self, folder: Path, *, cells: int, filter_text: str, cell: int | None) -> None:
        """Remember what was shown in a workspace that is being closed."""
        self._write(
            [
                replace(each, cells=cells, filter=filter_text, cell=cell or 0)
                if each.folder == str(folder)
                else each
                for each in self.entries()
            ]
        )

    def forget(self, folder: str) -> None:
        """Take a workspace off the list; the workspace itself is not touched."""
        self._write([each for each in self.entries() if each.folder != folder])

    def _write(self, entries: Sequence[RecentWorkspace]) -> None:
        rows = [asdict(each) for each in entries[:KEPT]]
        self._settings.set(SETTING, json.dumps(rows, ensure_ascii=False))


def _read(text: str) -> Sequence[RecentWorkspace]:
    """Return the entries that can be used; a text that somebody has spoiled holds none."""
    try:
        rows = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return ()
    found = (_entry(row) for row in rows) if isinstance(rows, list) else ()
    return tuple(each for each in found if each is not None)


def _entry(row: object) -> RecentWorkspace | None:
    kinds = {"folder": str, "cells": int, "opened": str, "filter": str, "cell": int}
    if not isinstance(row, dict) or row.keys() != kinds.keys():
        return None
    if any(type(row[key]) is not kind for key, kind in kinds.items()) or not row["folder"]:
        return None
    return RecentWorkspace(**row)
