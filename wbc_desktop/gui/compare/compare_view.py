"""Two to eight cells side by side, all through one lens. It stands in the place of the gallery.

The pane with the focus is the cell that keys label; ``ReviewTarget`` says how. Whoever uses it
gives the records and the crops; it reads nothing itself.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.compare.compare_bar import CompareBar
from wbc_desktop.gui.compare.compare_caption import caption_of
from wbc_desktop.gui.compare.compare_grid import columns_for, neighbour
from wbc_desktop.gui.compare.compare_lens import Lens, Unit
from wbc_desktop.gui.compare.compare_pane import ComparePane, caption_height
from wbc_desktop.gui.compare.compare_shared_lens import SharedLens
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, Theme
from wbc_desktop.store.records import CellRecord

LEAST, MOST = 2, 8
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
        self._shared = SharedLens(lambda: self.panes, self._show_lens)
        self.bar = CompareBar(theme, self)
        self.bar.unit_chosen.connect(self._shared.choose_unit)
        self.bar.fit_asked.connect(self._shared.fit)
        self.bar.left.connect(self.left)
        self._place = QWidget(self)
        self._grid = QGridLayout(self._place)
        self._grid.setContentsMargins(SMALL, 0, SMALL, SMALL)
        self._grid.setSpacing(TIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._place, 1)
        self.setAccessibleName("Compared cells")

    @property
    def lens(self) -> Lens:
        """Where every pane looks."""
        return self._shared.lens

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
        self._shared.begin(scales)
        self._arrange()
        self._mark_current()

    def show_records(self, records: Iterable[CellRecord], taxonomy: Taxonomy) -> None:
        """Write anew what is known of some of the cells."""
        places = {pane.cell_id: place for place, pane in enumerate(self.panes)}
        for record in records:
            if record.id in places:
                place = places[record.id]
                caption = caption_of(record, taxonomy, rendered_only=self._rendered_only)
                self.panes[place].show_caption(caption, position=place, n=len(self.panes))

    def show_image(self, cell_id: int, image: QImage) -> None:
        """Show the crop of a cell; a null image says that there is none."""
        for pane in self.panes:
            if pane.cell_id == cell_id:
                pane.set_image(image)
        self._shared.refit()

    def current_id(self) -> int | None:
        """Return the cell with the focus, or None where none is compared."""
        return self.panes[self._current].cell_id if self.panes else None

    def selected_ids(self) -> Sequence[int]:
        """Return the cell that the next key is for."""
        return [self.panes[self._current].cell_id] if self.panes else []

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell of the pane behind these, or None at the last pane."""
        wanted = set(cell_ids)
        places = [place for place, pane in enumerate(self.panes) if pane.cell_id in wanted]
        following = max(places, default=len(self.panes)) + 1
        return self.panes[following].cell_id if following < len(self.panes) else None

    def select(self, cell_ids: Iterable[int]) -> None:
        """Give the focus to the first of these that is compared."""
        places = {pane.cell_id: place for place, pane in enumerate(self.panes)}
        place = next((places[cell_id] for cell_id in cell_ids if cell_id in places), None)
        if place is not None:
            self._focus(place)

    def scroll_to(self, cell_id: int) -> None:
        """Do nothing: every pane is in view."""

    def take_keys(self) -> None:
        """Give the keyboard to the pane with the focus."""
        if self.panes:
            self.panes[self._current].setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle_actual_size(self) -> None:
        """Show the crop with the focus pixel by pixel and the others likewise, or all whole."""
        crop = self.panes[self._current].crop if self.panes else None
        if crop is not None:
            self._shared.toggle_actual_size(crop)

    def zoom_by(self, steps: float) -> None:
        """Zoom all crops in (above 0) or out by steps."""
        self._shared.zoom(steps)

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
                self._shared.pull(-right * step, -down * step)
            else:
                self._step(right, down)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.panes:
            self._focus(0 if key is Qt.Key.Key_Home else len(self.panes) - 1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._shared.zoom(1)
        elif key is Qt.Key.Key_Minus:
            self._shared.zoom(-1)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu of the cell with the focus."""
        if self.panes:
            self.context_menu_requested.emit(event.globalPos())

    def _pane(self, record: CellRecord) -> ComparePane:
        pane = ComparePane(record.id, self._theme, self._place)
        pane.set_scale(record.um_per_px)
        pane.focused.connect(lambda: self._take_focus(pane))
        pane.zoom_asked.connect(self._shared.zoom)
        pane.pulled.connect(self._shared.pull)
        pane.activated.connect(self.toggle_actual_size)
        return pane

    def _arrange(self) -> None:
        if not self.panes:
            return
        self._columns = columns_for(
            len(self.panes),
            width=max(self._place.width() - 2 * SMALL, 1),
            height=max(self._place.height() - SMALL, 1),
            caption=caption_height(self.font()) + TIGHT,
        )
        for line in range(MOST):
            used = line < self._columns, line * self._columns < len(self.panes)
            self._grid.setColumnStretch(line, int(used[0]))
            self._grid.setRowStretch(line, int(used[1]))
        for place, pane in enumerate(self.panes):
            self._grid.addWidget(pane, place // self._columns, place % self._columns)
            pane.show()
        self._grid.activate()
        self._shared.refit()

    def _step(self, right: int, down: int) -> None:
        if self.panes:
            n, columns = len(self.panes), self._columns
            self._focus(neighbour(self._current, n, columns, right=right, down=down))

    def _focus(self, place: int) -> None:
        pane = self.panes[place]
        if self.isVisible():
            pane.setFocus(Qt.FocusReason.OtherFocusReason)
        self._take_focus(pane)

    def _take_focus(self, pane: ComparePane) -> None:
        if pane in self.panes and self.panes.index(pane) != self._current:
            self._current = self.panes.index(pane)
            self._mark_current()
            self._show_lens()
            self.current_changed.emit(pane.cell_id)

    def _mark_current(self) -> None:
        for place, pane in enumerate(self.panes):
            pane.set_chosen(place == self._current)

    def _show_lens(self) -> None:
        crop = self.panes[self._current].crop if self.panes else None
        if crop is not None:
            lens, ratio = self._shared.lens, self.devicePixelRatioF()
            per_um = lens.zoom / ratio if lens.unit is Unit.MICROMETRE else None
            self.bar.show_zoom(lens.unit, crop_zoom=lens.crop_zoom(crop), px_per_um=per_um)


_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
