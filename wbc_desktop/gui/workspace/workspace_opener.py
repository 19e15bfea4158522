"""Which workspace opens, where the reader was in it, and what becomes of dropped folders and files.

Groups and order are the same in every workspace and stand in the settings by themselves.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import filter_text, parse_filter
from wbc_desktop.gui.context import AppContext
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace.path_sorting import (
    SortedPaths,
    can_create_workspace,
    is_workspace,
    sort_paths,
)
from wbc_desktop.gui.workspace.recent_list import RecentDialog, RecentList
from wbc_desktop.gui.workspace.recent_workspaces import RecentWorkspaces
from wbc_desktop.gui.workspace.workspace_folders import default_workspace, with_tilde
from wbc_desktop.gui.workspace_controller import WorkspaceController

if TYPE_CHECKING:
    from wbc_desktop.gui.tasks import Task


class WorkspaceHost(Protocol):
    """Where workspaces are opened."""

    open_workspace: WorkspaceController | None

    def open(self, path: Path, *, create: bool) -> None:
        """Open a workspace in place of the present one, or say why not."""


class WorkspaceOpener:
    """Opens what the reader asks for, at the start and later.

    Args:
        host: Opens workspaces.
        context: The window.
        start_demo: Opens the demo patient.
    """

    def __init__(
        self,
        host: WorkspaceHost,
        context: AppContext,
        *,
        start_demo: Callable[[], None],
    ) -> None:
        self.recent = RecentWorkspaces(context.settings)
        self._host = host
        self._window, self._runner = context.window, context.runner
        self._settings, self._dialogs = context.settings, context.dialogs
        self._on_error = context.on_error
        self._start_demo = start_demo
        self._looking: Task | None = None
        self._listen(self._window.welcome.recent)
        # Later: the program that the things are dragged from waits for the drop to end.
        self._window.paths_dropped.connect(
            lambda dropped: QTimer.singleShot(0, self._window, lambda: self.take(dropped))
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
            elif len(named) == 1 and can_create_workspace(named[0]):
                self._host.open(named[0], create=True)
            elif named:
                found = sort_paths(named)
                if found.workspace is None:
                    self._open_last()
                self._take(found)
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
            self._take(sort_paths(dropped))
        except UserError as error:
            self._dialogs.error(error)

    def import_with(self, act: Callable[[WorkspaceController], None]) -> Callable[[], None]:
        """Return a handler that imports; the default workspace is opened if none is."""

        def handler() -> None:
            open_workspace = self._any_workspace()
            if open_workspace is not None:
                act(open_workspace)

        return handler

    def choose(self) -> None:
        """Ask for a workspace and open it."""
        open_workspace = self._host.open_workspace
        near = (
            open_workspace.workspace.folder if open_workspace else default_workspace(self._settings)
        )
        start = near.parent if near.parent.is_dir() else Path.home()
        folder = self._dialogs.choose_folder("Open workspace", start=str(start))
        if folder is not None:
            self._guarded(lambda: self._host.open(folder, create=can_create_workspace(folder)))

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
        self._host.open(Path(folder), create=False)

    def _forget(self, folder: str, shown: RecentList) -> None:
        self.recent.forget(folder)
        self._list(shown)

    def _list(self, shown: RecentList) -> None:
        """Fill a list, and mark what is missing once a worker has looked: disks can be slow."""
        open_workspace = self._host.open_workspace
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
            self._host.open(Path(last) if last else default_workspace(self._settings), create=True)
        if self._host.open_workspace is None:
            self.show_recent()
            self._window.welcome.open_button.setFocus()

    def _take(self, found: SortedPaths) -> None:
        if found.workspace is not None:
            self._host.open(found.workspace, create=False)
            return
        open_workspace = self._any_workspace()
        if open_workspace is not None:
            if found.left_out:
                self._window.notice.warn(found.left_out)
            open_workspace.importing.begin(found.imports)

    def _any_workspace(self) -> WorkspaceController | None:
        """Return the open workspace; the default one is opened if none is."""
        if self._host.open_workspace is None:
            self._host.open(default_workspace(self._settings), create=True)
        return self._host.open_workspace

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._dialogs.error(error)


def remember_view(
    open_workspace: WorkspaceController, window: MainWindow, recent: RecentWorkspaces
) -> None:
    """Remember the filter and the chosen cell of a workspace that is being left."""
    recent.left(
        open_workspace.workspace.folder.absolute(),
        cells=len(open_workspace.browser.index),
        filter_text=filter_text(open_workspace.filter.wanted, open_workspace.filter.names),
        cell=window.gallery.current_id(),
    )


def restore_view(
    open_workspace: WorkspaceController, window: MainWindow, recent: RecentWorkspaces
) -> None:
    """Show what was shown, as far as it is still there, and put the workspace in front."""
    folder = open_workspace.workspace.folder.absolute()
    before = recent.of(folder)
    recent.opened(folder, cells=len(open_workspace.browser.index))
    if before is None:
        return
    _apply_filter(open_workspace, before.filter)
    if before.cell:
        window.gallery.select([before.cell])  # nothing, if it is not shown any more
        window.gallery.scroll_to(before.cell)


def _apply_filter(open_workspace: WorkspaceController, text: str) -> None:
    """Apply a filter again, unless it names what is gone or would hide every cell."""
    try:
        wanted = parse_filter(text, open_workspace.filter.names)
    except FilterTextError:
        return
    if len(wanted.rows(open_workspace.browser.index)):
        open_workspace.filter.apply(wanted)
