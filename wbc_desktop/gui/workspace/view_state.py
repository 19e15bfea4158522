"""Where the reader was in a workspace: kept as it is left, found again as it is opened.

Groups and order are the same in every workspace and stand in the settings by themselves.
"""

from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import filter_text, parse_filter
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace.recent_workspaces import RecentWorkspaces
from wbc_desktop.gui.workspace_controller import WorkspaceController


def keep(open_workspace: WorkspaceController, window: MainWindow, recent: RecentWorkspaces) -> None:
    """Remember the filter and the chosen cell."""
    recent.left(
        open_workspace.workspace.folder.absolute(),
        cells=len(open_workspace.browser.index),
        filter_text=filter_text(open_workspace.filter.wanted, open_workspace.filter.names),
        cell=window.gallery.current_id(),
    )


def restore(
    open_workspace: WorkspaceController, window: MainWindow, recent: RecentWorkspaces
) -> None:
    """Show what was shown, as far as it is still there, and put the workspace in front."""
    folder = open_workspace.workspace.folder.absolute()
    before = recent.of(folder)
    recent.opened(folder, cells=len(open_workspace.browser.index))
    if before is None:
        return
    _filter(open_workspace, before.filter)
    if before.cell:
        window.gallery.select([before.cell])  # nothing, if it is not shown any more
        window.gallery.scroll_to(before.cell)


def _filter(open_workspace: WorkspaceController, text: str) -> None:
    """Apply a filter again, unless it names what is gone or would hide every cell."""
    try:
        wanted = parse_filter(text, open_workspace.filter.names)
    except FilterTextError:
        return
    if len(wanted.rows(open_workspace.browser.index)):
        open_workspace.filter.apply(wanted)
