"""Exports what the workspace holds: asks where, writes in a worker, says where it went."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.system_commands import RecordExport

_TABLES = frozenset({"cells", "differential", "audit"})
_FOLDERS = "training-folders"
_TITLES = {
    "cells": "Export cells as CSV",
    "differential": "Export differential as CSV",
    "audit": "Export audit log as CSV",
    "report": "Write report",
    "training-hdf5": "Export training set as HDF5",
    _FOLDERS: "Folder to put the training set in",
}
_NAMES = {"training-hdf5": "training-set", _FOLDERS: "training-set"}
_SUFFIXES = {"report": "html", "training-hdf5": "h5"}


@dataclass(frozen=True)
class _Record:
    """What is recorded of an export, and what people are told of it beside where it went."""

    command: "RecordExport"
    told: str = ""


class ExportController:
    """Writes one file at a time.

    Args:
        context: The window and the open workspace.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        self._session, self._runner = context.session, context.runner
        self._window, self._dialogs = context.window, context.dialogs
        self._settings, self._on_error = context.settings, context.on_error
        self._running = False

    @property
    def running(self) -> bool:
        """True until the file is written and recorded."""
        return self._running

    def export(self, what: str) -> None:
        """Ask for a file and write one kind of export.

        Args:
            what: ``cells``, ``differential``, ``audit``, ``report``, ``training-hdf5`` or
                ``training-folders``.
        """
        if self._running:
            self._window.notice.warn("An export is being written. Wait until it is done.")
            return
        folder = Path(self._settings.text("last_folder") or Path.home())
        target = self._ask_for_folder(folder) if what == _FOLDERS else self._ask(folder, what)
        if target is not None:
            self._settings.set("last_folder", str(target.parent))
            self._write(target, what)

    def _ask(self, folder: Path, what: str) -> Path | None:
        suffix = _SUFFIXES.get(what, "csv")
        start = folder / f"{_NAMES.get(what, what)}.{suffix}"
        return self._dialogs.choose_target(_TITLES[what], start=str(start), suffix=suffix)

    def _ask_for_folder(self, start: Path) -> Path | None:
        """Ask where a new folder goes; its name is one that is free there."""
        parent = self._dialogs.choose_folder(_TITLES[_FOLDERS], start=str(start))
        if parent is None:
            return None
        name = _NAMES[_FOLDERS]
        names = (name, *(f"{name}-{number}" for number in range(2, 10_000)))
        return next((parent / one for one in names if not (parent / one).exists()), parent / name)

    def _write(self, target: Path, what: str) -> None:
        written: list[_Record] = []
        workspace, taxonomy = self._session.workspace, self._session.taxonomy

        def work() -> None:
            from wbc_desktop.services.export.export_kind import ExportKind
            from wbc_desktop.services.export.exporting import write_export
            from wbc_desktop.services.export.report import make_report

            if what == "report":
                written.append(_Record(make_report(workspace, target, taxonomy=taxonomy)))
            else:
                exported = write_export(workspace, target, what=ExportKind(what), taxonomy=taxonomy)
                written.append(_Record(exported.command(), exported.told))

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

    def _leave(self, written: list[_Record], target: Path) -> None:
        self._running = False
        for one in written:
            self._session.record(one.command)
            noun = "row" if one.command.what in _TABLES else "cell"
            text = f"{counted(one.command.rows, noun)} written to {target}."
            self._window.notice.say(f"{text} {one.told}".rstrip())
