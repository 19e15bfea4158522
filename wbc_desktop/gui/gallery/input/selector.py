"""What a click, a key or a band does to the selection, the same for mouse and keyboard."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from wbc_desktop.gui.gallery.input.selection import NO_CELL, Selection, merged
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.scene import Scene


class Selector(QObject):
    """Changes the selection and tells about it.

    Signals:
        selection_changed: Other cells are selected than before.
        current_changed: The focus is on another cell.

    Args:
        scene: Returns what is shown now.
        parent: Owner.
    """

    selection_changed = Signal()
    current_changed = Signal()

    def __init__(self, scene: Callable[[], Scene], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self.selection = Selection()

    @property
    def current_position(self) -> int:
        """Position of the cell with the focus, or −1."""
        return self._scene().model.position_of(self.selection.current)

    def pick(self, position: int) -> None:
        """Select one cell alone; ranges start from it."""
        cell = self._scene().model.cell_id(position)
        self._apply(np.array([cell]), current=cell, anchor=cell)

    def toggle(self, position: int) -> None:
        """Add a cell to the selection or take it out; ranges start from it."""
        cell = self._scene().model.cell_id(position)
        chosen = Selection()
        chosen.replace(self.selection.ids)
        chosen.toggle(cell)
        self._apply(chosen.ids, current=cell, anchor=cell)

    def extend(self, position: int) -> None:
        """Select from the anchor to a position, in the order shown."""
        model = self._scene().model
        anchor = model.position_of(self.selection.anchor)
        if anchor == NOWHERE:
            self.pick(position)
            return
        first, last = sorted((anchor, position))
        cell = model.cell_id(position)
        self._apply(self._open(first, last + 1), current=cell, anchor=self.selection.anchor)

    def focus(self, position: int) -> None:
        """Move the focus alone."""
        cell = self._scene().model.cell_id(position)
        self._apply(self.selection.ids, current=cell, anchor=cell)

    def band(self, positions: NDArray[np.int64], *, base: NDArray[np.int64]) -> None:
        """Select the cells under a rubber band and those that were selected before it.

        Args:
            positions: Under the band, int64.
            base: Cell ids to keep selected.
        """
        cells = self._scene().model.cells_at(positions)
        current = int(cells[-1]) if len(cells) else self.selection.current
        self._apply(merged(base, cells), current=current, anchor=current)

    def cells(self, cell_ids: Iterable[int]) -> None:
        """Select cells by id; those not shown are left out, the first shown gets the focus."""
        model = self._scene().model
        positions = model.positions_of(cell_ids)
        if not len(positions):
            self.clear()
            return
        first = model.cell_id(int(positions.min()))
        self._apply(model.cells_at(positions.astype(np.int64)), current=first, anchor=first)

    def group(self, section: int, *, add: bool = False) -> None:
        """Select a whole group, in addition to the selection or alone."""
        model = self._scene().model
        span = model.arrangement.sections[section]
        cells = model.cell_ids(span.start, span.stop)
        first = int(cells[0])
        current = self.selection.current
        if not (cells == current).any():
            current = first
        chosen = merged(self.selection.ids, cells) if add else cells
        self._apply(chosen, current=current, anchor=first)

    def widen(self) -> None:
        """Select the group of the current cell; if it is selected already, everything shown."""
        scene = self._scene()
        position = self.current_position
        if not len(scene.model):
            return
        if position != NOWHERE:
            section = scene.layout.section_of(position)
            span = scene.model.arrangement.sections[section]
            group = scene.model.cell_ids(span.start, span.stop)
            if not self.selection.marks(group).all():
                self.group(section)
                return
        current = self.selection.current
        everything = self._open(0, len(scene.model))
        if current == NO_CELL and len(everything):
            current = int(everything[0])
        self._apply(everything, current=current, anchor=current)

    def clear(self) -> None:
        """Select nothing; the focus stays."""
        self._apply(
            np.empty(0, np.int64), current=self.selection.current, anchor=self.selection.anchor
        )

    def forget_hidden(self) -> None:
        """Drop what is no longer shown."""
        before = self.selection.ids, self.selection.current
        self.selection.keep(self._scene().model.shown)
        self._tell(*before)

    def _open(self, first: int, stop: int) -> NDArray[np.int64]:
        """Return the cells of a stretch of positions, those in collapsed groups left out."""
        scene = self._scene()
        spans = [s for i, s in enumerate(scene.layout.sections) if i not in scene.layout.collapsed]
        parts = [
            scene.model.cell_ids(max(first, s.start), min(stop, s.stop))
            for s in spans
            if s.start < stop and s.stop > first
        ]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def _apply(self, cells: NDArray[np.int64], *, current: int, anchor: int) -> None:
        before = self.selection.ids, self.selection.current
        self.selection.replace(cells)
        self.selection.current, self.selection.anchor = current, anchor
        self._tell(*before)

    def _tell(self, ids: NDArray[np.int64], current: int) -> None:
        # The focus first: who hears of the selection finds the cell to look at in place.
        if current != self.selection.current:
            self.current_changed.emit()
        if not np.array_equal(ids, self.selection.ids):
            self.selection_changed.emit()
