"""Opens the comparison of the selected cells, keeps it up to date, and comes back from it.

While it is open the keys of the reader are for the pane with the focus, through the same
``ReviewController``: one act, one command, one undo step. The selection of the gallery is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtGui import QImage

from wbc_desktop.domain.audit.changes import Changes
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.compare.compare_view import MAX_CELLS, MIN_CELLS
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.gallery.crop_loader import THUMBNAIL_SIDE, crop_loader
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.review.review_controller import ReviewController

TOO_FEW = (
    f"Select {MIN_CELLS} to {MAX_CELLS} cells to compare them: hold Ctrl and click, or Shift and "
    "press the arrow keys."
)


class CompareController(Controller):
    """Puts selected cells side by side in the place of the gallery.

    Args:
        context: The workspace and the window.
        review: Where the keys of the reader lead.
        show_current: Shows the cell with the focus in the other panels.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        review: ReviewController,
        show_current: Callable[[int | None], None],
    ) -> None:
        super().__init__()
        self._session = context.session
        self._workspace = context.workspace
        self._browser = context.browser
        self._window = window = context.window
        self._review = review
        self._runner = context.runner
        self._on_error = context.on_error
        self._selected: tuple[int, ...] = ()
        self.running = False
        self.on_close(self._session.subscribe(self._on_changes))
        self.connect(window.compare.left, self.leave)
        self.connect(window.compare.current_changed, show_current)
        self.connect(window.gallery.selection_changed, self._on_selection_changed)
        self.connect(window.tree.chosen, self.leave)
        self.connect(window.filter_bar.filter_changed, self.leave)
        self.connect(window.view_bar.sort_changed, self.leave)

    def toggle(self) -> None:
        """Compare the selected cells, or go back to the gallery."""
        if self.running:
            self.leave()
        else:
            self._open()

    def leave(self, *_: object) -> None:
        """Go back to the gallery, with the selection it had and the cell last looked at."""
        if not self.running:
            return
        window = self._window
        current = window.compare.current_id()
        self._close_view()
        last = () if current is None else (current,)
        selected = self._browser.shown_among(self._selected)
        window.gallery.select(selected)
        for cell_id in self._browser.shown_among(last):
            window.gallery.look_at(cell_id)
            window.gallery.scroll_to(cell_id)
        window.compare.current_changed.emit(window.gallery.current_id())

    def go_to_gallery(self) -> None:
        """Give the keyboard to the gallery, from wherever it is."""
        self.leave()
        self._window.gallery.setFocus()

    def toggle_actual_size(self) -> None:
        """Show what is looked at pixel by pixel, or whole: the compared crops or the large one."""
        crop = self._window.compare if self.running else self._window.inspector.crop
        crop.toggle_actual_size()

    def close(self) -> None:
        """Let go of the window."""
        super().close()
        if self.running:
            self._close_view()

    def _on_selection_changed(self, selected: Sequence[int]) -> None:
        """Leave for whoever selects other cells meanwhile: the queue, the map, the history."""
        if self.running and not set(selected) <= set(self._selected):
            self._close_view()
            self._window.compare.current_changed.emit(self._window.gallery.current_id())

    def _close_view(self) -> None:
        self.running = False
        self._review.set_target(None)
        self._window.show_comparison(shown=False)
        self._window.compare.show_cells(
            (), "", taxonomy=self._session.taxonomy, rendered_only=frozenset()
        )

    def _open(self) -> None:
        from wbc_desktop.services.inference.rendered_only import rendered_only

        window = self._window
        selected = window.gallery.selected_ids()
        if len(selected) < MIN_CELLS:
            window.notice.say(TOO_FEW)
            return
        self._selected = tuple(selected)
        cells = _first_shown(window, selected)
        records = [self._workspace.catalogue.cells.get(cell_id) for cell_id in cells]
        window.compare.show_cells(
            records,
            _compared(len(cells), len(selected)),
            taxonomy=self._session.taxonomy,
            rendered_only=rendered_only(self._workspace, self._session.taxonomy),
        )
        self.running = True
        self._review.set_target(window.compare)
        window.show_comparison(shown=True)
        window.compare.focus_current()
        window.compare.current_changed.emit(cells[0])
        if len(selected) > MAX_CELLS:
            window.notice.warn(
                f"At most {MAX_CELLS} cells can be compared: these are the first {MAX_CELLS} of "
                f"the {len(selected):,} selected."
            )
        self._load(cells)

    def _load(self, cells: Sequence[int]) -> None:
        load = crop_loader(self._workspace.catalogue.cells.shas, self._workspace.crops)

        def show(images: Mapping[int, QImage]) -> None:
            for cell_id in cells:
                self._window.compare.show_image(cell_id, images.get(cell_id, QImage()))

        self._runner.call(
            partial(load, cells, THUMBNAIL_SIDE + 1),  # the crops themselves, not thumbnails
            on_result=show,
            on_error=self._on_error,
            key="compare",
        )

    def _on_changes(self, changes: Changes) -> None:
        """Write anew what a change names; the cell with the focus stays in the other panels."""
        if not self.running:
            return
        compare, catalogue = self._window.compare, self._workspace.catalogue
        shown = [pane.cell_id for pane in compare.panes]
        named = shown if not changes.cell_ids else set(changes.cell_ids).intersection(shown)
        records = (catalogue.cells.get(cell_id) for cell_id in named)
        compare.show_records(records, self._session.taxonomy)
        compare.current_changed.emit(compare.current_id())


def _compared(n: int, selected: int) -> str:
    if n == selected:
        return f"{counted(n, 'cell')} side by side"
    return f"The first {n} of {selected:,} selected cells"


def _first_shown(window: MainWindow, selected: Sequence[int]) -> list[int]:
    """Return the first of the selected cells, in the order of the gallery."""
    model = window.gallery.scene.model
    positions = sorted(model.positions_of(selected).tolist())[:MAX_CELLS]
    return [model.cell_id(position) for position in positions]
