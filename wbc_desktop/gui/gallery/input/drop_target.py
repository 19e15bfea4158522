"""Cells dropped onto a header or a chip get its class. Anywhere else a drop does nothing.

Dropping onto the tiles of a group is refused on purpose: a slip of the hand within the own group
would count as accepting the model's label.
"""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from wbc_desktop.gui.gallery.canvas import GalleryCanvas
from wbc_desktop.gui.gallery.input.drag import cell_ids_of
from wbc_desktop.gui.gallery.input.edge_scroll import EdgeScroll


class DropTarget:
    """Follows a drag over the gallery.

    Args:
        canvas: The gallery.
        on_drop: Called with the cells and the ordinal of the class.
    """

    def __init__(self, canvas: GalleryCanvas, on_drop: Callable[[list[int], int], None]) -> None:
        self._canvas = canvas
        self._on_drop = on_drop
        self._point = QPoint()
        self._edge = EdgeScroll(canvas, self._highlight)
        canvas.setAcceptDrops(True)

    def move(self, event: QDragMoveEvent) -> None:
        """Highlight the class under the drag; also called when a drag comes in."""
        if not cell_ids_of(event.mimeData()):
            event.ignore()
            return
        self._point = event.position().toPoint()
        self._edge.follow(self._point.y())
        self._highlight()
        if self._class_under(self._point) is None:
            event.ignore()
        else:
            event.acceptProposedAction()

    def enter(self, event: QDragMoveEvent) -> None:
        """Let a drag of cells in; which places take it is told as it moves."""
        if cell_ids_of(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def leave(self) -> None:
        """The drag went elsewhere."""
        self._edge.stop()
        self._canvas.interaction.aim(None)

    def drop(self, event: QDropEvent) -> None:
        """Ask for the label."""
        cells = cell_ids_of(event.mimeData())
        ordinal = self._class_under(event.position().toPoint())
        self.leave()
        if not cells or ordinal is None:
            event.ignore()
            return
        event.acceptProposedAction()
        # After the drag's own event loop has ended: the label may open a dialog.
        QTimer.singleShot(0, self._canvas, lambda: self._on_drop(cells, ordinal))

    def _highlight(self) -> None:
        self._canvas.interaction.aim(self._class_under(self._point))

    def _class_under(self, point: QPoint) -> int | None:
        hit = self._canvas.scene.hit(point, scroll=self._canvas.offset)
        return hit.label if hit.label >= 0 else None
