"""Adds cells to the reference library of the workspace, and takes cells out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.main_window import MainWindow

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.commands import UserCommand
    from wbc_desktop.services.session.session import Session


class ReferenceLibrary:
    """Turns the reader's wishes about reference cells into commands, and says what they did.

    Args:
        session: Executes and records.
        window: Gives the selected cells and the notice line.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
    """

    def __init__(
        self, *, session: "Session", window: MainWindow, ensure_reader: Callable[[], bool]
    ) -> None:
        self._session = session
        self._window = window
        self._ensure_reader = ensure_reader

    def add(self) -> None:
        """Add the selected cells that a person labelled."""
        from wbc_desktop.services.session.reference_commands import AddReferences, examples

        cells = self._selected()
        changes = self._do(AddReferences(cells)) if cells else None
        if changes is None:
            return
        left = len(cells) - len(examples(self._session.workspace.catalogue, cells))
        tail = f"; {counted(left, 'cell')} without such a label left out" if left else ""
        done = f"Saved: {changes.text}" if changes.kinds else "Already reference cells"
        self._window.notice.say(f"{done}{tail}.")

    def remove(self) -> None:
        """Take the selected cells out."""
        cells = self._selected()
        if cells:
            self._remove(cells)

    def remove_one(self, cell_id: int) -> None:
        """Take one cell out; the keyboard leaves the tile, which goes with it."""
        self._remove((cell_id,))
        self._window.focus_cells()

    def _remove(self, cells: tuple[int, ...]) -> None:
        from wbc_desktop.services.session.reference_commands import RemoveReferences

        changes = self._do(RemoveReferences(cells))
        if changes is None:
            return
        none = "None of the selected cells is a reference cell"
        self._window.notice.say(f"{f'Saved: {changes.text}' if changes.kinds else none}.")

    def _selected(self) -> tuple[int, ...]:
        compare, gallery = self._window.compare, self._window.gallery
        cells = (compare if compare.isVisible() else gallery).selected_ids()
        if not cells:
            self._window.notice.say("Select a cell first.")
        return tuple(cells)

    def _do(self, command: "UserCommand") -> Changes | None:
        if not self._ensure_reader():
            return None
        try:
            return self._session.do(command)
        except UserError as error:
            self._window.notice.warn(str(error))
            return None
