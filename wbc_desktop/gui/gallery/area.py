"""The scroll area under the gallery: paints a scene, scrolls it, and wants its pictures."""

from statistics import median_low

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QCursor, QFocusEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from wbc_desktop.gui.gallery.input.selection import Selection
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.painting.interaction import InteractionState
from wbc_desktop.gui.gallery.painting.scene_painter import ScenePainter, paint_empty
from wbc_desktop.gui.gallery.painting.style import GalleryStyle
from wbc_desktop.gui.gallery.painting.tile_painter import TilePainter
from wbc_desktop.gui.gallery.scene import Anchor, Scene
from wbc_desktop.gui.gallery.thumbnails import Loader, ThumbnailCache, ThumbnailRequests


class SceneArea(QAbstractScrollArea):
    """Shows one scene after another.

    Attributes:
        attention: What the person looks at and holds.
        thumbnails: The crops.

    Args:
        scene: What is shown first.
        selection: Painted, never changed here.
        parent: Owner.
    """

    def __init__(
        self, scene: Scene, *, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.thumbnails = ThumbnailCache(self)
        self.interaction = InteractionState(selection, self.viewport().update, self.viewport())
        self._scene = scene
        self._tiles = TilePainter(scene.style, ratio=self.devicePixelRatioF())
        self._requests = ThumbnailRequests()
        self._empty = ("No cells to show", "Remove a filter, or choose another patient.")
        # Always there, so that the width does not change with the number of cells.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.thumbnails.arrived.connect(self._repaint_pictures)

    @property
    def scene(self) -> Scene:
        """What is shown now."""
        return self._scene

    @property
    def offset(self) -> int:
        """How far the content is scrolled down, in device-independent pixels."""
        return self.verticalScrollBar().value()

    def set_loader(self, loader: Loader | None) -> None:
        """Take the crops from somewhere else; with None the workers end before this returns."""
        self.thumbnails.set_loader(loader)
        self._requests.forget()
        self.viewport().update()

    def set_empty(self, title: str, hint: str) -> None:
        """Say why there is nothing, shown while no cell is."""
        self._empty = (title, hint)
        self.viewport().update()

    def show_scene(
        self, scene: Scene, *, anchors: tuple[Anchor, ...], together: bool = False
    ) -> None:
        """Show another scene.

        Args:
            scene: What to show.
            anchors: Cells to keep where they are; the first that can be is.
            together: Keep most of the anchors where they are instead. A cell that left or came
                shifts the others by one place; those that wrap into another row must not pull
                the view along.
        """
        if scene.style is not self._scene.style:
            self._tiles = TilePainter(scene.style, ratio=self.devicePixelRatioF())
        self._scene = scene
        self.interaction.hovered = self.interaction.hovered_header = -1
        self.interaction.count_selected(scene)
        self._set_range()
        scrolls = scene.scrolls_for(anchors)
        if scrolls:
            self.verticalScrollBar().setValue(median_low(scrolls) if together else scrolls[0])
        self.viewport().update()

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the cells in view, the current one first; none at the very top.

        At the top nothing holds the view, so that what comes in above is seen.
        """
        if not self.offset:
            return ()
        found = self._scene.anchors(self.offset, self.viewport().height())
        current = self.interaction.selection.current
        return tuple(sorted(found, key=lambda anchor: anchor.cell_id != current))

    def rect_in_view(self, position: int) -> QRect:
        """Return the rectangle of a tile in the viewport."""
        return self._scene.layout.rect_of(position).translated(0, -self.offset)

    def bring_into_view(self, rect: QRect) -> None:
        """Scroll as little as needed to see a rectangle of the content."""
        height = self.viewport().height()
        value = self._scene.scroll_to(rect, scroll=self.offset, height=height)
        self.verticalScrollBar().setValue(value)

    def picture(self, cell_id: int) -> QImage | None:
        """Return a crop at tile size, as far as it is there."""
        return self.thumbnails.image(cell_id)

    def repaint_tiles(self, cell_ids: NDArray[np.int64]) -> None:
        """Paint those of some cells anew that are in view."""
        seen = self._scene.runs(self.offset, self.viewport().height())
        for position in self._scene.model.positions_of(cell_ids).tolist():
            if any(run.first <= position < run.stop for run in seen):
                self.viewport().update(self.rect_in_view(position))

    def _repaint_pictures(self, cell_ids: tuple[int, ...]) -> None:
        self.repaint_tiles(np.array(cell_ids, np.int64))

    def _set_range(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        metrics = self._scene.style.metrics
        bar.setRange(0, max(0, self._scene.height - page))
        bar.setPageStep(max(1, page - metrics.header))
        bar.setSingleStep(max(1, metrics.height // 3))  # a notch of the wheel is three steps

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay out anew; what was in view stays in view, the current cell above all."""
        super().resizeEvent(event)
        held = self._current_in_view(event.oldSize().height())
        width = max(1, self.viewport().width())
        if width == self._scene.width:
            self._set_range()
        else:
            self.show_scene(self._scene.evolve(width=width), anchors=self.anchors())
        if held != NOWHERE:
            self.bring_into_view(self._scene.layout.rect_of(held))

    def _current_in_view(self, height: int) -> int:
        """Return the place of the current cell if its middle lies in a viewport of this height."""
        position = self._scene.model.position_of(self.interaction.selection.current)
        if position == NOWHERE:
            return NOWHERE
        return position if 0 <= self.rect_in_view(position).center().y() < height else NOWHERE

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show whose the keyboard is."""
        super().focusInEvent(event)
        self.interaction.take_keys(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show whose the keyboard is."""
        super().focusOutEvent(event)
        self.interaction.take_keys(False)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the font of the system."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            old = self._scene.style
            style = GalleryStyle(
                theme=old.theme, taxonomy=old.taxonomy, base=self.font(), tile=old.tile
            )
            self.show_scene(self._scene.evolve(style=style), anchors=self.anchors())

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        """Move what was painted, and paint what came into view and where headers stick."""
        del dx
        if self.viewport().underMouse():
            point = self.viewport().mapFromGlobal(QCursor.pos())
            self.interaction.hover(self._scene.hit(point, scroll=self.offset))
        if abs(dy) >= self.viewport().height() or self.devicePixelRatioF() % 1:
            self.viewport().update()  # nothing stays in view, or not on whole pixels
            return
        self.viewport().scroll(0, dy)
        # The header that stuck has moved along, and the next one may have pushed it.
        sticky = max(dy, 0) + 2 * self._scene.style.metrics.header
        self.viewport().update(0, 0, self.viewport().width(), sticky)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is in view, and ask for its pictures."""
        if self.devicePixelRatioF() != self._tiles.ratio:  # moved to another screen
            self._tiles = TilePainter(self._scene.style, ratio=self.devicePixelRatioF())
        painter = QPainter(self.viewport())
        if len(self._scene.model):
            scene = ScenePainter(self._scene, self.thumbnails, self._tiles)
            # After a scroll a band at either end, and nothing between.
            for rect in event.region():  # type: ignore[attr-defined]  # iterable all the same
                painter.setClipRect(rect)
                scene.paint(painter, rect, scroll=self.offset, interaction=self.interaction)
            self._want_pictures()
        else:
            title, hint = self._empty
            rect = self.viewport().rect()
            paint_empty(painter, rect, style=self._scene.style, title=title, hint=hint)
        painter.end()

    def _want_pictures(self) -> None:
        ratio = self._tiles.ratio
        wanted = self._requests.cells(
            self._scene, scroll=self.offset, height=self.viewport().height(), ratio=ratio
        )
        if wanted is not None:
            self.thumbnails.want(wanted, size=round(self._scene.style.tile * ratio))
