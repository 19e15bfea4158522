"""Where the cells and headers of the gallery stand on the screen."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.gallery.scene import HitKind
from wbc_desktop.gui.gallery.view import GalleryView


def on_screen(widget: QWidget, point: QPoint) -> QPoint:
    """A point of a widget in the screen's coordinates."""
    return widget.mapToGlobal(point)


class GalleryMap:
    """Reads the gallery, touches nothing.

    Args:
        gallery: The gallery.
    """

    def __init__(self, gallery: GalleryView) -> None:
        self._gallery = gallery

    @property
    def offset(self) -> int:
        """How far it is scrolled down."""
        return self._gallery.offset

    @property
    def middle(self) -> QPoint:
        """Its middle."""
        view = self._gallery.viewport()
        return on_screen(view, view.rect().center())

    def tile(self, cell_id: int) -> QRect:
        """Where a cell stands."""
        rect = self._gallery.rect_in_view(self._gallery.scene.model.position_of(cell_id))
        return QRect(on_screen(self._gallery.viewport(), rect.topLeft()), rect.size())

    def way_to(self, cell_id: int) -> int:
        """0 if a cell is wholly in view below the sticky header, −1 if above, +1 if below."""
        view = self._gallery.viewport()
        header = self._gallery.scene.style.metrics.header
        clear = QRect(on_screen(view, QPoint(0, 0)), view.size()).adjusted(0, header, 0, 0)
        tile = self.tile(cell_id)
        if clear.contains(tile):
            return 0
        return -1 if tile.top() < clear.top() else 1

    def another_header(self, cell_id: int) -> tuple[str, QPoint]:
        """The header nearest to the middle that is not of the cell's own group: class and place.

        Not one at the edge: there a drag scrolls, and the header would move from under it.
        """
        view, scene = self._gallery.viewport(), self._gallery.scene
        own = scene.ordinal(scene.layout.section_of(scene.model.position_of(cell_id)))
        rows: dict[int, list[int]] = {}
        for y in range(view.height()):
            hit = scene.hit(QPoint(view.width() // 2, y), scroll=self.offset)
            if hit.kind is HitKind.HEADER and hit.ordinal != own:
                rows.setdefault(hit.ordinal, []).append(y)
        if not rows:
            raise LookupError("no other group's header is in view")
        centres = {ordinal: (ys[0] + ys[-1]) // 2 for ordinal, ys in rows.items()}
        ordinal = min(centres, key=lambda each: abs(centres[each] - view.height() // 2))
        place = QPoint(view.width() // 2, centres[ordinal])
        return scene.model.taxonomy.classes[ordinal].id, on_screen(view, place)
