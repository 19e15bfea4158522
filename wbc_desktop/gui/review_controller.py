"""Turns the reader's gestures into commands of the session, and says what they did.

Each act is one command, saved at once. After a label the selection moves on to the next cell; undo
and redo come back to what they changed.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.changes import Changes
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review import ReviewMode
from wbc_desktop.gui.cell_browser import CellBrowser
from wbc_desktop.gui.notice_strip import NoticeStrip
from wbc_desktop.gui.review_target import ReviewTarget

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.commands import UserCommand
    from wbc_desktop.services.session import Session

BULK = 20  # changes of more cells than this offer an Undo button


class ReviewController:
    """Acts on the selected cells.

    Args:
        session: Executes and records.
        browser: The cells shown.
        gallery: Gives and takes the selection.
        notice: Says what was done.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
        explain: Tells why an undo was refused.
    """

    def __init__(
        self,
        *,
        session: "Session",
        browser: CellBrowser,
        gallery: ReviewTarget,
        notice: NoticeStrip,
        ensure_reader: Callable[[], bool],
        explain: Callable[[UserError], None],
    ) -> None:
        self._session = session
        self._browser = browser
        self._gallery = gallery
        self._notice = notice
        self._ensure_reader = ensure_reader
        self._explain = explain
        self._visited: list[int] = []

    def work_on(self, target: ReviewTarget) -> None:
        """Let every act be for the cells selected in this view from now on."""
        self._gallery = target

    def label(self, class_id: str) -> None:
        """Label the selected cells and go on to the next one."""
        self.label_cells(self._selected(), class_id)

    def label_cells(self, cell_ids: Sequence[int], class_id: str) -> None:
        """Label some cells and go on to the next one."""
        from wbc_desktop.services.commands import Relabel

        self._act(
            cell_ids,
            lambda: Relabel(cell_ids=tuple(cell_ids), label=class_id, mode=_mode(cell_ids)),
        )

    def accept(self) -> None:
        """Accept the model's label of the selected cells and go on to the next one."""
        self._accept(self._selected())

    def accept_group(self) -> None:
        """Accept the model's label of every shown cell of the current group."""
        current = self._gallery.current_id()
        if current is not None:
            self._accept(self._browser.group_of(current))

    def flag(self) -> None:
        """Flag the selected cells; unflag them if all are flagged."""
        from wbc_desktop.services.commands import SetFlag

        cell_ids = self._selected()
        if cell_ids:
            rows = self._browser.index.rows_of(cell_ids)
            flagged = not bool(self._browser.index.flagged[rows].all())
            self._do(lambda: SetFlag(cell_ids=tuple(cell_ids), flagged=flagged))

    def write_note(self, cell_id: int, text: str) -> None:
        """Write a note on a cell; an empty text removes it."""
        from wbc_desktop.services.commands import SetNote

        self._do(lambda: SetNote(cell_id=cell_id, note=text))

    def previous(self) -> None:
        """Go back to the cell the reader came from."""
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

    def _accept(self, cell_ids: Sequence[int]) -> None:
        from wbc_desktop.services.commands import Accept

        self._act(cell_ids, lambda: Accept(cell_ids=tuple(cell_ids), mode=_mode(cell_ids)))

    def _act(self, cell_ids: Sequence[int], command: "Callable[[], UserCommand]") -> None:
        """Do a command that finishes these cells, then select the next one."""
        if not cell_ids:
            self._notice.say("Select a cell first.")
            return
        following = self._gallery.next_after(cell_ids)
        current = self._gallery.current_id()
        if self._do(command) is None:
            return
        if current is not None:
            self._visited.append(current)
        if following is not None:
            self._show((following,))

    def _do(self, command: "Callable[[], UserCommand]") -> Changes | None:
        if not self._ensure_reader():
            return None
        try:
            changes = self._session.do(command())
        except UserError as error:
            self._notice.warn(str(error))
            return None
        if changes.kinds:
            self._notice.say(f"Saved: {changes.text}.", undo=len(changes.cell_ids) > BULK)
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
        if visible:
            self._show(visible)

    def _show(self, cell_ids: Sequence[int]) -> None:
        self._gallery.select(cell_ids)
        self._gallery.scroll_to(cell_ids[0])

    def _selected(self) -> tuple[int, ...]:
        return tuple(self._gallery.selected_ids())


def _mode(cell_ids: Sequence[int]) -> ReviewMode:
    return ReviewMode.SINGLE if len(cell_ids) == 1 else ReviewMode.BULK
