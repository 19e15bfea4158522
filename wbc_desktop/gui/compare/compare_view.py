"""Two to eight cells side by side in one shared viewport, in the place of the gallery.

The pane with the focus is the cell that keys label; ``ReviewTarget`` says how. Whoever uses it
gives the records and the crops; it reads nothing itself.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.compare.compare_bar import CompareBar
from wbc_desktop.gui.compare.compare_pane import ComparePane, caption_height, caption_of
from wbc_desktop.gui.compare.shared_viewport import SharedViewport, Viewport, ZoomUnit
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, Theme
from wbc_desktop.store.records import CellRecord

MIN_CELLS, MAX_CELLS = 2, 8
_PAN = 48  # device-independent pixels for one key
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class CompareView(QWidget):
    """Panes in a grid below a bar.

    Signals:
        current_changed: Another pane has the focus; its cell id.
        left: The reader wants to go back to the gallery.
        context_menu_requested: At a place on the screen.
    """

    current_changed = Signal(object)
    left = Signal()
    context_menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rendered_only: frozenset[str] = frozenset()
        self.panes: list[ComparePane] = []
        self._current = 0
        self._columns = 1
        self._viewport = SharedViewport(lambda: self.panes, self._show_viewport)
        self.bar = CompareBar(theme, self)
        self.bar.unit_chosen.connect(self._viewport.choose_unit)
        self.bar.fit_asked.connect(self._viewport.fit)
        self.bar.left.connect(self.left)
        self._area = QWidget(self)
        self._grid = QGridLayout(self._area)
        self._grid.setContentsMargins(SMALL, 0, SMALL, SMALL)
        self._grid.setSpacing(TIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._area, 1)
        self.setAccessibleName("Compared cells")

    @property
    def viewport(self) -> Viewport:
        """Where every pane looks."""
        return self._viewport.viewport

    @property
    def columns(self) -> int:
        """Panes in a full row."""
        return self._columns

    def show_cells(
        self,
        records: Sequence[CellRecord],
        text: str,
        *,
        taxonomy: Taxonomy,
        rendered_only: frozenset[str],
    ) -> None:
        """Compare other cells; their crops come by ``show_image``. The first gets the focus.

        Args:
            records: Two to eight cells, in the order of the panes; none empties the view.
            text: How many of how many cells.
            taxonomy: The classes.
            rendered_only: Classes that the model knows from rendered cells only.
        """
        self._rendered_only = rendered_only
        for pane in self.panes:
            self._grid.removeWidget(pane)
            pane.hide()
            pane.deleteLater()
        self.panes = [self._pane(record) for record in records]
        self.show_records(records, taxonomy)
        self._current = 0
        scales = [record.um_per_px for record in records]
        self.bar.show_cells(text, n_without_scale=sum(scale is None for scale in scales))
        self._viewport.reset(scales)
        self._arrange()
        self._mark_current()

    def show_records(self, records: Iterable[CellRecord], taxonomy: Taxonomy) -> None:
        """Write anew what is known of some of the cells."""
        positions = {pane.cell_id: position for position, pane in enumerate(self.panes)}
        for record in records:
            if record.id in positions:
                position = positions[record.id]
                caption = caption_of(record, taxonomy, rendered_only=self._rendered_only)
                self.panes[position].show_caption(caption, position=position, n=len(self.panes))

    def show_image(self, cell_id: int, image: QImage) -> None:
        """Show the crop of a cell; a null image says that there is none."""
        for pane in self.panes:
            if pane.cell_id == cell_id:
                pane.set_image(image)
        self._viewport.refit()

    def current_id(self) -> int | None:
        """Return the cell with the focus, or None where none is compared."""
        return self.panes[self._current].cell_id if self.panes else None

    def selected_ids(self) -> Sequence[int]:
        """Return the cell that the next key is for."""
        return [self.panes[self._current].cell_id] if self.panes else []

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell of the pane behind these, or None at the last pane."""
        wanted = set(cell_ids)
        positions = [position for position, pane in enumerate(self.panes) if pane.cell_id in wanted]
        after = max(positions, default=len(self.panes)) + 1
        return self.panes[after].cell_id if after < len(self.panes) else None

    def select(self, cell_ids: Iterable[int]) -> None:
        """Give the focus to the first of these that is compared."""
        positions = {pane.cell_id: position for position, pane in enumerate(self.panes)}
        position = next((positions[i] for i in cell_ids if i in positions), None)
        if position is not None:
            self._focus(position)

    def scroll_to(self, cell_id: int) -> None:
        """Do nothing: every pane is in view."""

    def focus_current(self) -> None:
        """Give the keyboard to the pane with the focus."""
        if self.panes:
            self.panes[self._current].setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle_actual_size(self) -> None:
        """Show the crop with the focus pixel by pixel and the others likewise, or all whole."""
        crop = self.panes[self._current].crop if self.panes else None
        if crop is not None:
            self._viewport.toggle_actual_size(crop)

    def zoom_by(self, steps: float) -> None:
        """Zoom all crops in (above 0) or out by steps."""
        self._viewport.zoom(steps)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.bar.set_theme(theme)
        for pane in self.panes:
            pane.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the new place with the largest crops."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move between panes, zoom, pan with Shift; Escape leaves. Other keys are the window's."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Escape:
            self.left.emit()
        elif key in _STEPS:
            right, down = _STEPS[key]
            if event.modifiers() & _SHIFT:
                step = _PAN * self.devicePixelRatioF()
                self._viewport.pan(-right * step, -down * step)
            else:
                self._step(right, down)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.panes:
            self._focus(0 if key is Qt.Key.Key_Home else len(self.panes) - 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._viewport.zoom(1)
        elif key is Qt.Key.Key_Minus:
            self._viewport.zoom(-1)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu of the cell with the focus."""
        if self.panes:
            self.context_menu_requested.emit(event.globalPos())

    def _pane(self, record: CellRecord) -> ComparePane:
        pane = ComparePane(record.id, self._theme, self._area)
        pane.set_scale(record.um_per_px)
        pane.focused.connect(lambda: self._on_focused(pane))
        pane.zoom_asked.connect(self._viewport.zoom)
        pane.panned.connect(self._viewport.pan)
        pane.activated.connect(self.toggle_actual_size)
        return pane

    def _arrange(self) -> None:
        if not self.panes:
            return
        self._columns = columns_for(
            len(self.panes),
            width=max(self._area.width() - 2 * SMALL, 1),
            height=max(self._area.height() - SMALL, 1),
            caption=caption_height(self.font()) + TIGHT,
        )
        for line in range(MAX_CELLS):
            used = line < self._columns, line * self._columns < len(self.panes)
            self._grid.setColumnStretch(line, int(used[0]))
            self._grid.setRowStretch(line, int(used[1]))
        for i, pane in enumerate(self.panes):
            self._grid.addWidget(pane, i // self._columns, i % self._columns)
            pane.show()
        self._grid.activate()
        self._viewport.refit()

    def _step(self, right: int, down: int) -> None:
        if self.panes:
            n, columns = len(self.panes), self._columns
            self._focus(neighbour(self._current, n, columns, right=right, down=down))

    def _focus(self, position: int) -> None:
        pane = self.panes[position]
        if self.isVisible():
            pane.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_focused(pane)

    def _on_focused(self, pane: ComparePane) -> None:
        if pane in self.panes and self.panes.index(pane) != self._current:
            self._current = self.panes.index(pane)
            self._mark_current()
            self._show_viewport()
            self.current_changed.emit(pane.cell_id)

    def _mark_current(self) -> None:
        for i, pane in enumerate(self.panes):
            pane.set_chosen(i == self._current)

    def _show_viewport(self) -> None:
        crop = self.panes[self._current].crop if self.panes else None
        if crop is not None:
            viewport, ratio = self._viewport.viewport, self.devicePixelRatioF()
            per_um = viewport.zoom / ratio if viewport.unit is ZoomUnit.MICROMETRE else None
            self.bar.show_zoom(viewport.unit, crop_zoom=viewport.crop_zoom(crop), px_per_um=per_um)


_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def columns_for(n: int, *, width: int, height: int, caption: int) -> int:
    """Return the number of columns that gives the largest square crops.

    Where two numbers give the same, the one that leaves less of the grid empty or keeps rows short.

    Args:
        n: Panes, at least 1.
        width: Of the area for all panes.
        height: The same.
        caption: Height of each pane below its crop.
    """

    def side(columns: int) -> float:
        rows = -(-n // columns)
        return min(width / columns, height / rows - caption)

    def empty(columns: int) -> int:
        return -n % columns

    return max(range(1, n + 1), key=lambda columns: (side(columns), -empty(columns), -columns))


def neighbour(at: int, n: int, columns: int, *, right: int, down: int) -> int:
    """Return the pane beside another one; at the edge the pane itself.

    Args:
        at: Position of the pane.
        n: Panes.
        columns: Panes in a full row.
        right: Steps to the right, across the ends of rows; or 0.
        down: Rows down; or 0.
    """
    target = at + right + down * columns
    if down > 0 and target >= n and at // columns < (n - 1) // columns:
        return n - 1  # below is a place without a pane
    return target if 0 <= target < n else at
