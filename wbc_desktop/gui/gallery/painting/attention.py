"""What the person looks at and holds just now: selection, focus, hover, drag, rubber band."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QRect

from wbc_desktop.gui.gallery.input.selection import Selection
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.painting.flash import Flash
from wbc_desktop.gui.gallery.scene import Hit, Part, Scene


class Attention:
    """State that is painted but belongs to no cell.

    Attributes:
        selection: Selected cells and focus.
        selected: Selected cells by section; empty where none is.
        hovered: Position under the mouse, or −1.
        hovered_header: Section whose header is under the mouse, or −1.
        target: Class that a drag is over, or None.
        band: The rubber band in content coordinates, or None.
        has_keys: The keyboard belongs to the gallery.
        keys_follow_mouse: Keys that label are for the cell under the mouse.
        flash: Cells that an undo has just changed.

    Args:
        selection: Changed elsewhere, read here.
        on_change: Called when something must be painted anew.
        owner: What is painted.
    """

    def __init__(self, selection: Selection, on_change: Callable[[], None], owner: QObject) -> None:
        self.selection = selection
        self.selected: tuple[int, ...] = ()
        self.hovered = NOWHERE
        self.hovered_header = NOWHERE
        self.target: int | None = None
        self.band: QRect | None = None
        self.has_keys = False
        self.keys_follow_mouse = False
        self.flash = Flash(on_change, owner)
        self._on_change = on_change

    def hover(self, hit: Hit) -> None:
        """The mouse is over something else."""
        header = hit.section if hit.part in (Part.HEADER, Part.CHEVRON) else NOWHERE
        if (hit.position, header) != (self.hovered, self.hovered_header):
            self.hovered, self.hovered_header = hit.position, header
            self._on_change()

    def aim(self, ordinal: int | None) -> None:
        """A drag is over a class, or over none."""
        if ordinal != self.target:
            self.target = ordinal
            self._on_change()

    def stretch(self, band: QRect | None) -> None:
        """A rubber band is drawn, or no longer."""
        self.band = band
        self._on_change()

    def take_keys(self, has_keys: bool) -> None:
        """The keyboard came or went."""
        self.has_keys = has_keys
        self._on_change()

    def count_selected(self, scene: Scene) -> None:
        """Count the selected cells of each group."""
        ids = self.selection.ids
        starts = [section.start for section in scene.layout.sections]
        if len(ids):
            positions = scene.model.positions_of(ids)
            sections = np.searchsorted(starts, positions, side="right") - 1
            self.selected = tuple(np.bincount(sections, minlength=len(starts)).tolist())
        else:
            self.selected = ()
        self._on_change()
