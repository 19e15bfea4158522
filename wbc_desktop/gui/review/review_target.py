"""Where the reader's keys go: the selected cells, the cell under the mouse, or another view.

``HoverLabels`` stands between the review controller and the gallery: while the reader has switched
that on, the cell under the mouse takes the place of the selection, unless it is one of the selected
cells; then the act is for all of these, as with a drag. In the review queue the keys are for the
cell of the queue, wherever the mouse rests.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from wbc_desktop.gui.context import WorkspaceContext

ON, OFF = "on", "off"
_NOTICES = {
    ON: "Keys label the cell under the mouse, where there is one; it has a double frame.",
    OFF: "Keys label the selected cells.",
}


class ReviewTarget(Protocol):
    """What a view of cells must be able to do so that cells can be labelled in it."""

    def current_id(self) -> int | None:
        """Return the cell with the focus, or None."""

    def selected_ids(self) -> Sequence[int]:
        """Return the cells that the next act is for."""

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell to look at once these are dealt with, or None."""

    def select(self, cell_ids: Iterable[int]) -> None:
        """Select these, as far as they are shown; the first of them gets the focus."""

    def scroll_to(self, cell_id: int) -> None:
        """Bring a cell into view, if it is shown."""


class HoverLabels:
    """The gallery as the review controller sees it (a ``ReviewTarget``).

    Args:
        context: The gallery, and the settings that remember whether it is on.
        queue_runs: Tells whether the review queue is running.
    """

    def __init__(self, context: WorkspaceContext, *, queue_runs: Callable[[], bool]) -> None:
        self._gallery = context.window.gallery
        self._settings = context.settings
        self._notice = context.window.notice
        self._queue_runs = queue_runs
        self._action = context.window.commands["hover_labels"]
        self._action.setCheckable(True)
        self._action.setChecked(self.on)
        self.refresh()

    @property
    def on(self) -> bool:
        """Tell whether the reader has switched it on."""
        return self._settings.text("hover_labels") == ON

    def toggle(self) -> None:
        """Switch it on or off, and say which."""
        state = OFF if self.on else ON
        self._settings.set("hover_labels", state)
        self._notice.say(_NOTICES[state])
        self.refresh()
        self._action.setChecked(self.on)

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
