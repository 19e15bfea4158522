"""Exports what the workspace holds: asks where, writes, says where it went."""

from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.dialogs import Dialogs
from wbc_desktop.gui.notice_strip import NoticeStrip
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session import Session

_TITLES = {
    "cells": "Export cells as CSV",
    "differential": "Export differential as CSV",
    "audit": "Export audit log as CSV",
}


class ExportController:
    """Writes one CSV at a time.

    Args:
        session: What is exported; records that it was.
        dialogs: Asks for the file.
        notice: Says where it went.
        settings: Remembers the folder.
    """

    def __init__(
        self, *, session: "Session", dialogs: Dialogs, notice: NoticeStrip, settings: Settings
    ) -> None:
        self._session = session
        self._dialogs = dialogs
        self._notice = notice
        self._settings = settings

    def export(self, what: str) -> None:
        """Ask for a file and write one kind of export.

        Args:
            what: ``cells``, ``differential`` or ``audit``.
        """
        start = Path(self._settings.text("last_folder") or Path.home()) / f"{what}.csv"
        target = self._dialogs.choose_target(_TITLES[what], start=str(start), suffix="csv")
        if target is None:
            return
        from wbc_desktop.services.export.exporting import What, export

        try:
            done = export(self._session, target, what=What(what))
        except UserError as error:
            self._dialogs.error(error)
            return
        self._settings.set("last_folder", str(target.parent))
        self._notice.say(f"{done.written.rows:,} rows written to {target}.")
