"""Exports what the workspace holds: asks where, writes in a worker, says where it went."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.dialogs import Dialogs
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session import Session
    from wbc_desktop.services.system_commands import RecordExport

_TITLES = {
    "cells": "Export cells as CSV",
    "differential": "Export differential as CSV",
    "audit": "Export audit log as CSV",
    "report": "Write report",
}


class ExportController:
    """Writes one file at a time.

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
            what: ``cells``, ``differential``, ``audit`` or ``report``.
        """
        if self._running:
            self._window.notice.warn("An export is being written. Wait until it is done.")
            return
        suffix = "html" if what == "report" else "csv"
        start = Path(self._settings.text("last_folder") or Path.home()) / f"{what}.{suffix}"
        target = self._dialogs.choose_target(_TITLES[what], start=str(start), suffix=suffix)
        if target is not None:
            self._settings.set("last_folder", str(target.parent))
            self._write(target, what)

    def _write(self, target: Path, what: str) -> None:
        written: list[RecordExport] = []
        workspace, taxonomy = self._session.workspace, self._session.taxonomy

        def work() -> None:
            from wbc_desktop.services.export.exporting import What, write_export
            from wbc_desktop.services.report import make_report

            if what == "report":
                written.append(make_report(workspace, target, taxonomy=taxonomy))
            else:
                exported = write_export(workspace, target, what=What(what), taxonomy=taxonomy)
                written.append(exported.command())

        # Recorded when the worker has left, not by its result: a file that was written while the
        # window closed is recorded all the same.
        self._running = True
        self._window.notice.say(f"Writing {target} …")
        self._runner.call(
            work,
            on_result=lambda _: None,
            on_error=self._on_error,
            on_left=lambda: self._leave(written, target),
        )

    def _leave(self, written: "list[RecordExport]", target: Path) -> None:
        self._running = False
        for record in written:
            self._session.record(record)
            noun = "cell" if record.what == "report" else "row"
            self._window.notice.say(f"{counted(record.rows, noun)} written to {target}.")
