"""Turns the reader's gestures into commands of the session, and says what they did.

Each act is one command, saved at once. After a label the selection moves on to the next cell, or to
the next one of the review queue; undo and redo come back to what they changed. An act for several
cells never reaches one that the filter hides, wherever the cells come from.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.review.accept_group_controller import AcceptGroupController
from wbc_desktop.gui.review.queue_controller import ReviewQueueController
from wbc_desktop.gui.review.review_target import HoverLabels, ReviewTarget

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.commands import UserCommand

_ELSEWHERE = "Go back to the gallery with Esc first."
_ALL_HIDDEN = "The filter hides these cells. Show them first with Ctrl+Shift+F."
BULK = 20  # changes of more cells than this offer an Undo button


class ReviewController:
    """Acts on the selected cells.

    Args:
        context: The session that records, the cells shown and the notice line.
        gallery: Gives and takes the selection.
        queue: Leads to the next cell while it runs.
    """

    def __init__(
        self, context: WorkspaceContext, *, gallery: ReviewTarget, queue: ReviewQueueController
    ) -> None:
        self._session = context.session
        self._browser = context.browser
        self._home = self._gallery = gallery
        self._queue = queue
        self._notice = context.window.notice
        self._ensure_reader = context.ensure_reader
        self._explain = context.dialogs.error
        self._visited: list[int] = []

    def set_target(self, target: ReviewTarget | None) -> None:
        """Let every act be for the cells selected in this view from now on; None: the gallery."""
        self._gallery = self._home if target is None else target

    def selected(self) -> Sequence[int]:
        """Return the cells that the next act is for."""
        return self._selected()

    def current(self) -> int | None:
        """Return the cell with the focus, or None."""
        return self._gallery.current_id()

    def carry_out(self, command: "Callable[[], UserCommand]") -> Changes | None:
        """Do a command in the reader's name and say so; None if it was refused."""
        return self._do(command)

    @property
    def at_home(self) -> bool:
        """Tell whether the acts are for the gallery, not for a view in its place."""
        return self._gallery is self._home

    def label(self, class_id: str) -> None:
        """Label the selected cells and go on to the next one."""
        self.label_cells(self._selected(), class_id)

    def label_cells(self, cell_ids: Sequence[int], class_id: str) -> None:
        """Label some cells and go on to the next one."""
        from wbc_desktop.services.session.commands import Relabel

        self._act(cell_ids, lambda ids: Relabel(cell_ids=ids, label=class_id, mode=self._mode(ids)))

    def accept(self) -> None:
        """Accept the model's label of the selected cells and go on to the next one."""
        from wbc_desktop.services.session.commands import Accept

        self._act(self._selected(), lambda ids: Accept(cell_ids=ids, mode=self._mode(ids)))

    def flag(self) -> None:
        """Flag the selected cells; unflag them if all are flagged."""
        from wbc_desktop.services.session.commands import SetFlag

        cell_ids = self._selected()
        if cell_ids:
            rows = self._browser.index.rows_of(cell_ids)
            flagged = not bool(self._browser.index.flagged[rows].all())
            self._do(lambda: SetFlag(cell_ids=tuple(cell_ids), flagged=flagged))

    def write_note(self, cell_id: int, text: str) -> None:
        """Write a note on a cell; an empty text removes it."""
        from wbc_desktop.services.session.commands import SetNote

        self._do(lambda: SetNote(cell_id=cell_id, note=text))

    def previous(self) -> None:
        """Go back to the cell the reader came from."""
        if self.at_home and self._queue.running:
            self._queue.back()
            return
        while self._visited:
            cell_id = self._visited.pop()
            shown = self._browser.shown_among([cell_id])
            if shown and cell_id != self._gallery.current_id():
                self._show((cell_id,))
                return
        self._notice.say("There is no earlier cell to go back to.")

    def undo(self) -> None:
        """Take back the reader's last act and show what it changed."""
        self._step(self._session.undo)

    def redo(self) -> None:
        """Do the last undone act again and show what it changed."""
        self._step(self._session.redo)

    def _act(
        self, cell_ids: Sequence[int], command: "Callable[[tuple[int, ...]], UserCommand]"
    ) -> None:
        """Do a command that finishes these cells, then select the next one."""
        ids = self._reachable(cell_ids)
        if not ids:
            self._notice.say(_ALL_HIDDEN if cell_ids else "Select a cell first.")
            return
        if self._is_in_queue(ids):
            self._queue.review_current(lambda: self._do(lambda: command(ids)) is not None)
            return
        next_cell = self._gallery.next_after(ids)
        current = self._gallery.current_id()
        if self._do(lambda: command(ids), n_hidden=len(cell_ids) - len(ids)) is None:
            return
        if current is not None:
            self._visited.append(current)
        if self.at_home and self._queue.running:
            self._queue.return_to()
        elif next_cell is not None:
            self._show((next_cell,))

    def _reachable(self, cell_ids: Sequence[int]) -> tuple[int, ...]:
        """Leave out of several cells those that the filter hides: nobody sees what becomes of them.

        A single cell that the reader acts on is the one they look at, wherever it is shown.
        """
        return tuple(cell_ids) if len(cell_ids) == 1 else self._browser.shown_among(cell_ids)

    def _do(self, command: "Callable[[], UserCommand]", *, n_hidden: int = 0) -> Changes | None:
        if not self._ensure_reader():
            return None
        try:
            changes = self._session.do(command())
        except UserError as error:
            self._notice.warn(str(error))
            return None
        tail = f" {counted(n_hidden, 'cell')} hidden by the filter left alone." if n_hidden else ""
        if changes.kinds:
            undo = len(changes.cell_ids) > BULK
            self._notice.say(f"Saved: {changes.text}.{tail}", undo=undo)
        return changes

    def _step(self, step: Callable[[], Changes]) -> None:
        try:
            changes = step()
        except UserError as error:
            self._explain(error)
            return
        visible = self._browser.shown_among(changes.cell_ids)
        hidden = len(changes.cell_ids) - len(visible)
        tail = f" ({hidden:,} of the cells are hidden by the filter)" if hidden else ""
        self._notice.say(f"{changes.text}{tail}.")
        if self.at_home and self._queue.running:
            self._queue.return_to(changes.cell_ids)
        elif visible:
            self._show(visible)

    def _show(self, cell_ids: Sequence[int]) -> None:
        self._gallery.select(cell_ids)
        self._gallery.scroll_to(cell_ids[0])

    def _selected(self) -> tuple[int, ...]:
        return tuple(self._gallery.selected_ids())

    def _is_in_queue(self, cell_ids: Sequence[int]) -> bool:
        return self.at_home and self._queue.is_at(cell_ids)

    def _mode(self, cell_ids: Sequence[int]) -> ReviewMode:
        if self._is_in_queue(cell_ids):
            return self._queue.mode
        return ReviewMode.SINGLE if len(cell_ids) == 1 else ReviewMode.BULK


class ReviewWorkflow:
    """The review controller, the queue, the acceptance of groups, and keys at the mouse.

    Attributes:
        review: Acts on the selected cells.
        queue: Leads from one doubtful cell to the next.
        hover: Lets the keys label the cell under the mouse.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        self._notice = context.window.notice
        self.queue = ReviewQueueController(context)
        self.hover = HoverLabels(context, queue_runs=lambda: self.queue.running)
        self.review = ReviewController(context, gallery=self.hover, queue=self.queue)
        self._groups = AcceptGroupController(context, accept=self._accept)
        self.queue.subscribe(self.hover.refresh)
        self.queue.on_finished(self._groups.ask_first)

    def close(self) -> None:
        """Let go of the window."""
        self._groups.close()
        self.queue.close()

    def refresh(self) -> None:
        """Take note of another arrangement of the cells."""
        self.queue.refresh()
        self._groups.refresh()

    def accept_group(self) -> None:
        """Ask whether to accept the group of the current cell."""
        self._in_gallery(self._groups.ask_current)

    def toggle_queue(self) -> None:
        """Start the review queue, or leave it."""
        self._in_gallery(self.queue.toggle)

    def _in_gallery(self, act: Callable[[], None]) -> None:
        if self.review.at_home:
            act()
        else:
            self._notice.say(_ELSEWHERE)

    def _accept(self, cell_ids: Sequence[int]) -> bool:
        from wbc_desktop.services.session.commands import Accept

        ids = tuple(cell_ids)
        return self.review.carry_out(lambda: Accept(ids, ReviewMode.BULK)) is not None
