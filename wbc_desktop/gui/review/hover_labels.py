"""Keys that label the cell under the mouse, while the reader has switched that on.

It stands between the review controller and the gallery: the cell under the mouse takes the place of
the selection, unless it is one of the selected cells; then the act is for all of these, as with a
drag. In the review queue the keys are for the cell of the queue, wherever the mouse rests.
"""

from collections.abc import Callable, Iterable, Sequence

from wbc_desktop.gui.gallery.view import GalleryView
from wbc_desktop.gui.widgets.notice_strip import NoticeStrip
from wbc_desktop.settings import Settings

ON, OFF = "on", "off"
_SAYS = {
    ON: "Keys label the cell under the mouse, where there is one; it has a double frame.",
    OFF: "Keys label the selected cells.",
}


class HoverLabels:
    """The gallery as the review controller sees it (a ``ReviewTarget``).

    Args:
        gallery: The gallery.
        settings: Remembers whether it is on.
        notice: Says whether it is on.
        queue_runs: Tells whether the review queue is running.
    """

    def __init__(
        self,
        *,
        gallery: GalleryView,
        settings: Settings,
        notice: NoticeStrip,
        queue_runs: Callable[[], bool],
    ) -> None:
        self._gallery = gallery
        self._settings = settings
        self._notice = notice
        self._queue_runs = queue_runs
        self.refresh()

    @property
    def on(self) -> bool:
        """Tell whether the reader has switched it on."""
        return self._settings.text("hover_labels") == ON

    def toggle(self) -> None:
        """Switch it on or off, and say which."""
        state = OFF if self.on else ON
        self._settings.set("hover_labels", state)
        self._notice.say(_SAYS[state])
        self.refresh()

    def refresh(self) -> None:
        """Show at the cell under the mouse whether the keys are for it."""
        self._gallery.aim_keys_at_mouse(self.on and not self._queue_runs())

    def current_id(self) -> int | None:
        """Return the cell that the next act is for, if it is one."""
        hovered = self._hovered()
        return self._gallery.current_id() if hovered is None else hovered

    def selected_ids(self) -> Sequence[int]:
        """Return the cell under the mouse, or the selected ones."""
        hovered = self._hovered()
        return self._gallery.selected_ids() if hovered is None else (hovered,)

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell to go on to; None where the mouse does that."""
        return self._gallery.next_after(cell_ids) if self._hovered() is None else None

    def select(self, cell_ids: Iterable[int]) -> None:
        """Select cells in the gallery."""
        self._gallery.select(cell_ids)

    def scroll_to(self, cell_id: int) -> None:
        """Bring a cell into view."""
        self._gallery.scroll_to(cell_id)

    def _hovered(self) -> int | None:
        if not self.on or self._queue_runs():
            return None
        hovered = self._gallery.hovered_id()
        return None if hovered in self._gallery.selected_ids() else hovered
