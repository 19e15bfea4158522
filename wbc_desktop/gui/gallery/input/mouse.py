"""The mouse in the gallery: click, range, toggle, rubber band, the start of a drag.

A press on a tile takes hold of it, so that moving on drags it (with the selection it belongs to). A
press between tiles starts a rubber band.
"""

from collections.abc import Callable
from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from wbc_desktop.gui.gallery.canvas import GalleryCanvas
from wbc_desktop.gui.gallery.input.drag import mime_of, picture_of
from wbc_desktop.gui.gallery.input.edge_scroll import EdgeScroll
from wbc_desktop.gui.gallery.input.selector import Selector
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.scene import Hit, HitKind

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class _Grip(Enum):
    """What the pressed button holds."""

    NOTHING = auto()
    TILE = auto()
    BAND = auto()


class MouseHandler:
    """Turns mouse events into selections and drags.

    Args:
        canvas: The gallery.
        selector: Whose selection changes.
        begin_drag: Runs a drag until it ends.
    """

    def __init__(
        self,
        canvas: GalleryCanvas,
        selector: Selector,
        begin_drag: Callable[[QWidget, QMimeData, QPixmap], None],
    ) -> None:
        self._canvas = canvas
        self._selector = selector
        self._begin_drag = begin_drag
        self._edge = EdgeScroll(canvas, self._stretch)
        self._grip = _Grip.NOTHING
        self._origin = QPoint()  # in the viewport for a tile, in the content for a band
        self._last = QPoint()
        self._inside = False
        self._position = NOWHERE
        self._choose_on_release: Callable[[int], None] | None = None
        self._base = np.empty(0, np.int64)

    def press(self, event: QMouseEvent) -> None:
        """Take hold of what lies under the mouse."""
        self.let_go()
        point = event.position().toPoint()
        hit = self._canvas.scene.hit(point, scroll=self._canvas.offset)
        if event.button() == Qt.MouseButton.RightButton:
            if hit.kind is HitKind.TILE and not self._is_selected(hit.position):
                self._selector.pick(hit.position)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._last = point
            if hit.kind is HitKind.TILE:
                self._press_tile(hit.position, event.modifiers(), point)
            elif hit.kind in (HitKind.HEADER, HitKind.CHEVRON):
                self._press_header(hit, event.modifiers())
            elif hit.kind is HitKind.NOTHING:
                self._press_ground(event.modifiers(), point)

    def move(self, event: QMouseEvent) -> None:
        """Show what is under the mouse, stretch the band, or begin a drag."""
        point = event.position().toPoint()
        self._last, self._inside = point, True
        if self._grip is _Grip.BAND:
            self._edge.follow(point.y())
            self._stretch()
        elif self._grip is _Grip.TILE:
            far = (point - self._origin).manhattanLength() >= QApplication.startDragDistance()
            if far:
                self._drag()
        else:
            self._canvas.interaction.hover(
                self._canvas.scene.hit(point, scroll=self._canvas.offset)
            )

    def release(self, event: QMouseEvent) -> None:
        """Finish a click or a band."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._choose_on_release is not None:
            self._choose_on_release(self._position)
        self.let_go()

    def leave(self) -> None:
        """The mouse is elsewhere."""
        self._inside = False
        self._canvas.interaction.hover(Hit(kind=HitKind.NOTHING))

    def look_again(self) -> None:
        """Other cells may lie under the mouse, which has not moved."""
        if self._inside:
            hit = self._canvas.scene.hit(self._last, scroll=self._canvas.offset)
            self._canvas.interaction.hover(hit)

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._edge.stop()
        if self._grip is _Grip.BAND:
            self._canvas.interaction.stretch(None)
        self._grip = _Grip.NOTHING
        self._choose_on_release = None

    def _is_selected(self, position: int) -> bool:
        return self._canvas.scene.model.cell_id(position) in self._selector.selection

    def _press_tile(self, position: int, modifiers: Qt.KeyboardModifier, point: QPoint) -> None:
        self._grip, self._origin, self._position = _Grip.TILE, point, position
        if modifiers & _SHIFT:
            self._selector.extend(position)
        elif self._is_selected(position):
            # Which of click and drag it becomes is known later; a drag takes the whole selection.
            toggles = bool(modifiers & _CTRL)
            self._choose_on_release = self._selector.toggle if toggles else self._selector.pick
        elif modifiers & _CTRL:
            self._selector.toggle(position)
        else:
            self._selector.pick(position)

    def _press_header(self, hit: Hit, modifiers: Qt.KeyboardModifier) -> None:
        if hit.kind is HitKind.CHEVRON:
            collapsed = self._canvas.scene.collapsed ^ {hit.ordinal}
            self._canvas.set_collapsed(collapsed)
        else:
            self._selector.group(hit.section, add=bool(modifiers & (_CTRL | _SHIFT)))

    def _press_ground(self, modifiers: Qt.KeyboardModifier, point: QPoint) -> None:
        adds = bool(modifiers & (_CTRL | _SHIFT))
        self._base = self._selector.selection.ids if adds else np.empty(0, np.int64)
        if not adds:
            self._selector.clear()
        self._grip = _Grip.BAND
        self._origin = point + QPoint(0, self._canvas.offset)

    def _stretch(self) -> None:
        """Select what lies between the origin of the band and the mouse."""
        corner = self._last + QPoint(0, self._canvas.offset)
        band = QRect(self._origin, corner).normalized()
        self._canvas.interaction.stretch(band)
        self._selector.band(self._canvas.scene.layout.positions_in(band), base=self._base)

    def _drag(self) -> None:
        self.let_go()
        cells = self._selector.selection.ids.tolist()
        if not cells:
            return
        held = self._canvas.scene.model.cell_id(self._position)
        order = [held, *(cell for cell in cells[:8] if cell != held)]
        crops = [image for cell in order if (image := self._canvas.picture(cell)) is not None]
        picture = picture_of(
            crops,
            len(cells),
            style=self._canvas.scene.style,
            ratio=self._canvas.devicePixelRatioF(),
        )
        self._begin_drag(self._canvas, mime_of(cells), picture)
