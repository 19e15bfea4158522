"""Exports what the workspace holds: asks where, writes in a worker, says where it went."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.gui.dialogs import Dialogs
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.export.exporting import Exported
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
        window: Shows progress and where the file went.
        runner: Runs the worker.
        dialogs: Asks for the file.
        settings: Remembers the folder.
        on_error: Shows an error.
    """

    def __init__(
        self,
        *,
        session: "Session",
        window: MainWindow,
        runner: TaskRunner,
        dialogs: Dialogs,
        settings: Settings,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._window = window
        self._runner = runner
        self._dialogs = dialogs
        self._settings = settings
        self._on_error = on_error
        self._running = False

    @property
    def running(self) -> bool:
        """True until the file is written and recorded."""
        return self._running

    def export(self, what: str) -> None:
        """Ask for a file and write one kind of export.

        Args:
            what: ``cells``, ``differential`` or ``audit``.
        """
        if self._running:
            self._window.notice.warn("An export is being written. Wait until it is done.")
            return
        start = Path(self._settings.text("last_folder") or Path.home()) / f"{what}.csv"
        target = self._dialogs.choose_target(_TITLES[what], start=str(start), suffix="csv")
        if target is not None:
            self._settings.set("last_folder", str(target.parent))
            self._write(target, what)

    def _write(self, target: Path, what: str) -> None:
        written: list[Exported] = []
        workspace, taxonomy = self._session.workspace, self._session.taxonomy

        def work() -> None:
            from wbc_desktop.services.export.exporting import What, write_export

            written.append(write_export(workspace, target, what=What(what), taxonomy=taxonomy))

        # Recorded when the worker has left, not by its result: a file that was written while the
        # window closed is recorded all the same.
        self._running = True
        self._window.notice.say(f"Writing {target} …")
        self._runner.call(
            work,
            on_result=lambda _: None,
            on_error=self._on_error,
            on_left=lambda: self._leave(written),
        )

    def _leave(self, written: "list[Exported]") -> None:
        self._running = False
        for exported in written:
            self._session.record(exported.command())
            csv = exported.written
            self._window.notice.say(f"{csv.rows:,} rows written to {csv.path}.")
