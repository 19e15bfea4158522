"""The history of a workspace on the screen: reads it in a worker, and takes back what is chosen."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.history.history_dialog import HistoryDialog
from wbc_desktop.gui.history.history_text import local_time

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.history import HistoryPage, HistoryReader
    from wbc_desktop.services.session.revert_step import RevertScope

_PAGES, _SCOPE = "history", "history scope"
_NO_STEPS = Kind.PREDICTIONS | Kind.SLIDES | Kind.PATIENTS  # what the program does is no step


class HistoryController(Controller):
    """Opens the list of steps and acts on it.

    Args:
        context: The open workspace; the list lies over its window.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__()
        self._context = context
        self._session = context.session
        self._catalogue = context.catalogue
        self._window = context.window
        self._runner = context.runner
        self._on_error = context.on_error
        self._reading: HistoryReader | None = None
        self._scope: RevertScope | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self.dialog: HistoryDialog | None = None
        self.on_close(self._put_away)

    def open(self) -> None:
        """Show the list; its newest step is chosen."""
        if self.dialog is not None:
            return
        dialog = self.dialog = HistoryDialog(self._window)
        dialog.page_asked.connect(self._read)
        dialog.chosen.connect(self._ask_scope)
        dialog.show_asked.connect(self._show)
        dialog.undo_asked.connect(self._undo)
        dialog.finished.connect(self._closed)
        dialog.show_readers(self._catalogue.events.readers())
        self._unsubscribe = self._session.subscribe(self._take)
        dialog.open()
        dialog.restart()

    def _put_away(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _closed(self) -> None:
        self._unsubscribe()
        dialog, self.dialog, self._reading, self._scope = self.dialog, None, None, None
        if dialog is not None:
            dialog.deleteLater()

    def _take(self, changes: Changes) -> None:
        if self.dialog is not None and changes.kinds & ~_NO_STEPS:
            self.dialog.restart()

    def _read(self, first: bool) -> None:
        from wbc_desktop.services.session.history import HistoryReader

        if self.dialog is None:
            return
        if first or self._reading is None:
            self._reading = HistoryReader(
                self._catalogue, reader=self.dialog.reader, text=self.dialog.search
            )
        self._runner.call(
            self._reading.next_page, on_result=self._add, on_error=self._on_error, key=_PAGES
        )

    def _add(self, page: "HistoryPage") -> None:
        if self.dialog is not None:
            self.dialog.add(page)

    def _ask_scope(self, seq: int) -> None:
        """Find out what taking back a step would reach."""
        from wbc_desktop.services.session.revert_step import revert_scope

        self._scope = None
        if self.dialog is None:
            return
        self.dialog.show_scope("")
        if seq:
            self._runner.call(
                lambda: revert_scope(self._catalogue, seq),
                on_result=self._show_scope,
                on_error=self._no_scope,
                key=_SCOPE,
            )

    def _show_scope(self, scope: "RevertScope") -> None:
        if self.dialog is None or self.dialog.chosen_seq() != scope.step.seq:
            return
        self._scope = scope
        own, left = scope.step.reader == self._session.reader, len(scope.open_ids)
        step = self.dialog.chosen_step()
        gone = step is not None and step.reverted is not None
        self.dialog.show_scope(
            scope_words(scope, own=own, gone=gone),
            n_show=len(scope.cell_ids),
            n_undo=left if own else 0,
            warning=own and 0 < left < len(scope.cell_ids),
        )

    def _no_scope(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            self._on_error(error)
        elif self.dialog is not None:
            self.dialog.show_scope(str(error))

    def _show(self) -> None:
        scope = self._scope
        if scope is None:
            return
        self._context.refresh()  # the step may be another program's, on cells it has just imported
        if self.dialog is not None:  # else the workspace was opened anew with other classes
            self.dialog.accept()  # it would lie over the cells
            self._show_cells(scope.cell_ids, f"{scope.text}, by {scope.step.reader}")

    def _undo(self) -> None:
        scope = self._scope
        if scope is None or not scope.open_ids:
            return
        try:
            changes = self._session.undo_step(scope.step.seq, leave_changed=bool(scope.changed))
        except UserError as error:
            self._context.dialogs.error(error)
            return
        self._show_cells(changes.cell_ids, changes.text)

    def _show_cells(self, cell_ids: Sequence[int], text: str) -> None:
        """Select cells, scroll to them and let them glow; where all are hidden the filter goes.

        Args:
            cell_ids: Row ids.
            text: What they are, for the line below the gallery.
        """
        window, browser = self._window, self._context.browser
        window.commands["focus_gallery"].trigger()  # also out of a view that stands in its place
        visible = browser.shown_among(cell_ids)
        if cell_ids and not visible:
            window.commands["clear_filter"].trigger()
            visible = browser.shown_among(cell_ids)
        hidden = len(cell_ids) - len(visible)
        tail = f"; {counted(hidden, 'cell')} hidden by the filter" if hidden else ""
        window.notice.say(f"{text}{tail}.")
        if visible:
            window.gallery.select(visible)
            window.gallery.scroll_to(visible[0])
            window.gallery.flash(visible)


def scope_words(scope: "RevertScope", *, own: bool, gone: bool) -> str:
    """Return what taking back a step would reach, and what not, in one or two sentences.

    Args:
        scope: Of the step.
        own: The step is the present reader's.
        gone: It was taken back, at least in part.
    """
    total, left = len(scope.cell_ids), len(scope.open_ids)
    cells = counted(total, "cell")
    if not own:
        name = scope.step.reader
        return f"A step of {name} on {cells}: only {name} can take it back."
    if not scope.changed:
        return f"Undo takes back what this step said of {cells}."
    by = ""
    if scope.changed_by is not None:
        by = f", last by {scope.changed_by[0]} at {local_time(scope.changed_by[1])}"
    if not left and gone:
        return f"This step on {cells} was taken back; nothing of it is left to undo."
    if not left:
        return f"Nothing of this step on {cells} is left to undo: all were changed since{by}."
    stay = total - left
    rest = "1 was changed since and stays as it is"
    if stay > 1:
        rest = f"{stay:,} were changed since and stay as they are"
    return f"Undo takes back {left:,} of {cells}. {rest}{by}."
