"""Which workspace opens, and what becomes of folders and files that come in from outside."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QTimer

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import Task, TaskRunner
from wbc_desktop.gui.widgets.dialogs import Dialogs
from wbc_desktop.gui.widgets.workspace_name import with_tilde
from wbc_desktop.gui.workspace.default_workspace import usual_workspace
from wbc_desktop.gui.workspace.dropped_paths import Arrival, can_begin, is_workspace, sorted_out
from wbc_desktop.gui.workspace.recent_dialog import RecentDialog
from wbc_desktop.gui.workspace.recent_list import RecentList
from wbc_desktop.gui.workspace.recent_workspaces import RecentWorkspaces
from wbc_desktop.gui.workspace_controller import WorkspaceController
from wbc_desktop.settings import Settings


class OpensWorkspaces(Protocol):
    """Where workspaces are opened."""

    open_workspace: WorkspaceController | None

    def open(self, path: Path, *, create: bool) -> None:
        """Open a workspace in place of the present one, or say why not."""


class Opening:
    """Opens what the reader asks for, at the start and later.

    Args:
        controller: Opens workspaces.
        window: Where things are dropped, and the welcome page.
        settings: Remembers the workspaces.
        dialogs: Asks for folders, and shows errors.
        runner: Looks whether the recent workspaces are there.
        start_demo: Opens the demo patient.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        controller: OpensWorkspaces,
        *,
        window: MainWindow,
        settings: Settings,
        dialogs: Dialogs,
        runner: TaskRunner,
        start_demo: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.recent = RecentWorkspaces(settings)
        self._controller = controller
        self._window = window
        self._settings = settings
        self._dialogs = dialogs
        self._runner = runner
        self._start_demo = start_demo
        self._on_error = on_error
        self._looking: Task | None = None
        self._listen(window.welcome.recent)
        # Later: the program that the things are dragged from waits for the drop to end.
        window.paths_dropped.connect(
            lambda dropped: QTimer.singleShot(0, window, lambda: self.take(dropped))
        )

    def announce(self, named: Sequence[Path], *, demo: bool) -> None:
        """Say what ``start`` is going to open."""
        if demo:
            return
        one = named[0] if len(named) == 1 and is_workspace(named[0]) else None
        last = self._settings.text("last_workspace")
        if one is not None or last:
            self._window.show_opening(one or Path(last))

    def start(self, named: Sequence[Path], *, demo: bool) -> None:
        """Open what the reader asked for at start, or where they were last.

        Args:
            named: What the command line names.
            demo: Open the demo patient instead.
        """
        try:
            if demo:
                self._start_demo()
            elif len(named) == 1 and can_begin(named[0]):
                self._controller.open(named[0], create=True)
            elif named:
                arrival = sorted_out(named)
                if arrival.workspace is None:
                    self._open_last()
                self._take(arrival)
            else:
                self._open_last()
        except UserError as error:
            self._dialogs.error(error)
            self._open_last()
        finally:
            self._window.show_opening(None)

    def take(self, dropped: Sequence[Path]) -> None:
        """Open or import what was dropped onto the window, or say why not."""
        try:
            self._take(sorted_out(dropped))
        except UserError as error:
            self._dialogs.error(error)

    def import_with(self, act: Callable[[WorkspaceController], None]) -> Callable[[], None]:
        """Return a handler that imports; the usual workspace is opened if none is."""

        def handler() -> None:
            open_workspace = self._any_workspace()
            if open_workspace is not None:
                act(open_workspace)

        return handler

    def choose(self) -> None:
        """Ask for a workspace and open it."""
        open_workspace = self._controller.open_workspace
        near = (
            open_workspace.workspace.folder if open_workspace else usual_workspace(self._settings)
        )
        start = near.parent if near.parent.is_dir() else Path.home()
        folder = self._dialogs.choose_folder("Open workspace", start=str(start))
        if folder is not None:
            self._guarded(lambda: self._controller.open(folder, create=can_begin(folder)))

    def choose_recent(self) -> None:
        """List the recent workspaces over the window."""
        dialog = RecentDialog(self._window)
        self._listen(dialog.list)
        dialog.list.open_asked.connect(lambda _folder: dialog.accept())
        dialog.browse_asked.connect(dialog.accept)
        dialog.browse_asked.connect(self.choose)
        dialog.finished.connect(lambda _result: self._stop_looking())
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        self._list(dialog.list)
        dialog.open()

    def show_recent(self) -> None:
        """Bring the welcome page in line with the list of workspaces."""
        self._list(self._window.welcome.recent)

    def _listen(self, shown: RecentList) -> None:
        # Later: a click or a key must be done with the list before it is filled anew.
        shown.open_asked.connect(
            lambda folder: QTimer.singleShot(0, self._window, lambda: self._open_listed(folder))
        )
        shown.remove_asked.connect(lambda folder: self._forget(folder, shown))

    def _open_listed(self, folder: str) -> None:
        self._controller.open(Path(folder), create=False)

    def _forget(self, folder: str, shown: RecentList) -> None:
        self.recent.forget(folder)
        self._list(shown)

    def _list(self, shown: RecentList) -> None:
        """Fill a list, and mark what is missing once a worker has looked: disks can be slow."""
        open_workspace = self._controller.open_workspace
        present = str(open_workspace.workspace.folder.absolute()) if open_workspace else ""
        self._stop_looking()
        entries = [each for each in self.recent.entries() if each.folder != present]
        shown.show_entries(entries)
        self._window.welcome.show_recent(there_are_some=bool(entries))
        self._looking = self._runner.call(
            lambda: {each.folder: is_workspace(Path(each.folder)) for each in entries},
            on_result=shown.mark_missing,
            on_error=self._on_error,
        )

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _open_last(self) -> None:
        last = self._settings.text("last_workspace")
        if last and not is_workspace(Path(last)):
            self._window.notice.warn(
                f"The workspace {with_tilde(Path(last))} is not there now. Connect its disk and "
                "open it again, or begin here."
            )
        else:
            self._controller.open(
                Path(last) if last else usual_workspace(self._settings), create=True
            )
        if self._controller.open_workspace is None:
            self.show_recent()
            self._window.welcome.open_button.setFocus()

    def _take(self, arrival: Arrival) -> None:
        if arrival.workspace is not None:
            self._controller.open(arrival.workspace, create=False)
            return
        open_workspace = self._any_workspace()
        if open_workspace is not None:
            if arrival.left_out:
                self._window.notice.warn(arrival.left_out)
            open_workspace.importing.begin(arrival.imports)

    def _any_workspace(self) -> WorkspaceController | None:
        """Return the open workspace; the usual one is opened if none is."""
        if self._controller.open_workspace is None:
            self._controller.open(usual_workspace(self._settings), create=True)
        return self._controller.open_workspace

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._dialogs.error(error)
