"""Where the reader was in a workspace: kept as it is left, found again as it is opened.

Groups and order are the same in every workspace and stand in the settings by themselves.
"""

from wbc_desktop.domain.filter.text import filter_text, parse_filter
from wbc_desktop.domain.filter.words import FilterTextError
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace.recent_workspaces import RecentWorkspaces
from wbc_desktop.gui.workspace_controller import Desk


def keep(desk: Desk, window: MainWindow, recent: RecentWorkspaces) -> None:
    """Remember the filter and the chosen cell."""
    recent.left(
        desk.workspace.folder.absolute(),
        cells=len(desk.browser.index),
        filter_text=filter_text(desk.find.wanted, desk.find.names),
        cell=window.gallery.current_id(),
    )


def restore(desk: Desk, window: MainWindow, recent: RecentWorkspaces) -> None:
    """Show what was shown, as far as it is still there, and put the workspace in front."""
    folder = desk.workspace.folder.absolute()
    before = recent.of(folder)
    recent.opened(folder, cells=len(desk.browser.index))
    if before is None:
        return
    _filter(desk, before.filter)
    if before.cell:
        window.gallery.select([before.cell])  # nothing, if it is not shown any more
        window.gallery.scroll_to(before.cell)


def _filter(desk: Desk, text: str) -> None:
    """Apply a filter again, unless it names what is gone or would hide every cell."""
    try:
        wanted = parse_filter(text, desk.find.names)
    except FilterTextError:
        return
    if len(wanted.rows(desk.browser.index)):
        desk.find.filter(wanted)
