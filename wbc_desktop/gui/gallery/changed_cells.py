"""Shows the cells of a step of the history in the gallery, wherever the reader is."""

from collections.abc import Sequence

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow


class ChangedCells:
    """Selects cells, scrolls to them and lets them glow.

    Args:
        browser: Knows what the filter shows.
        window: The gallery, and the line that says what happened.
    """

    def __init__(self, browser: CellBrowser, window: MainWindow) -> None:
        self._browser = browser
        self._window = window

    def show(self, cell_ids: Sequence[int], text: str) -> None:
        """Show cells; if the filter hides all of them, the filter goes.

        Args:
            cell_ids: Row ids.
            text: What they are, for the line below the gallery.
        """
        window = self._window
        window.commands["focus_gallery"].trigger()  # also out of a view that stands in its place
        visible = self._browser.shown_among(cell_ids)
        if cell_ids and not visible:
            window.commands["clear_filter"].trigger()
            visible = self._browser.shown_among(cell_ids)
        hidden = len(cell_ids) - len(visible)
        tail = f"; {counted(hidden, 'cell')} hidden by the filter" if hidden else ""
        window.notice.say(f"{text}{tail}.")
        if visible:
            window.gallery.select(visible)
            window.gallery.scroll_to(visible[0])
            window.gallery.flash(visible)
