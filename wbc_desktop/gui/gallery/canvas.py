"""The scroll area under the gallery: holds the scene, paints it, keeps its place, wants pictures.

It knows nothing of selecting and dragging; ``view`` puts those on top.
"""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from wbc_desktop.domain.arrangement import Arrangement
from wbc_desktop.domain.cell_index import CellIndex
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.model import GalleryModel
from wbc_desktop.gui.gallery.scene import Anchor, Hit, Part, Scene
from wbc_desktop.gui.gallery.scene_painter import ScenePainter, Shown, paint_empty
from wbc_desktop.gui.gallery.selection import Selection
from wbc_desktop.gui.gallery.style import TILE_DEFAULT, TILE_MAX, TILE_MIN, Style
from wbc_desktop.gui.gallery.thumbnails import ThumbnailCache
from wbc_desktop.gui.gallery.tile_painter import TilePainter
from wbc_desktop.gui.theme import Theme


class GalleryCanvas(QAbstractScrollArea):
    """Shows an arrangement of cells.

    Signals:
        tile_size_changed: The new side of a tile in device-independent pixels.

    Args:
        taxonomy: The classes.
        theme: The colours.
        thumbnails: The crops.
        selection: Painted, never changed here.
        parent: Owner.
    """

    tile_size_changed = Signal(int)

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        theme: Theme,
        thumbnails: ThumbnailCache,
        selection: Selection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._index = CellIndex.empty()
        self._empty = ("", "")
        self._asked: tuple[object, ...] = ()
        self._last_scroll = 0
        self._shown = Shown(selection=selection)
        self._scene = Scene(
            model=GalleryModel(self._index, Arrangement.empty(), taxonomy),
            style=Style(theme=theme, taxonomy=taxonomy, base=self.font(), tile=TILE_DEFAULT),
            width=max(1, self.viewport().width()),
        )
        self._tiles = TilePainter(self._scene.style, ratio=self.devicePixelRatioF())
        # Always there, so that the width does not change with the number of cells.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        thumbnails.arrived.connect(self.refresh_cells)

    @property
    def scene(self) -> Scene:
        """What is shown now."""
        return self._scene

    @property
    def offset(self) -> int:
        """How far the content is scrolled down, in device-independent pixels."""
        return self.verticalScrollBar().value()

    @property
    def tile_size(self) -> int:
        """Side of a tile in device-independent pixels."""
        return self._scene.style.tile

    def set_index(self, index: CellIndex) -> None:
        """Read cells from another index from the next ``set_arrangement`` on."""
        self._index = index

    def set_arrangement(self, arrangement: Arrangement, *, keep_anchor: bool = True) -> None:
        """Show cells.

        Args:
            arrangement: Rows of the index set last, in order.
            keep_anchor: Keep what is in view where it is; else go to the top.
        """
        model = GalleryModel(self._index, arrangement, self._scene.style.taxonomy)
        self._show(model=model, anchors=self._anchors() if keep_anchor else ())
        if not keep_anchor:
            self.verticalScrollBar().setValue(0)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._show(style=self._style(theme=theme), anchors=self._anchors())

    def set_tile_size(self, size: int, *, around: int = NOWHERE) -> None:
        """Make tiles larger or smaller.

        Args:
            size: Side in device-independent pixels; kept within the bounds of ``style``.
            around: Position that stays where it is, as far as it can.
        """
        size = min(TILE_MAX, max(TILE_MIN, size))
        if size == self.tile_size:
            return
        anchors = self._anchors()
        if around != NOWHERE:
            cell = self._scene.model.cell_id(around)
            anchors = (*(a for a in anchors if a.cell_id == cell), *anchors)
        self._show(style=self._style(tile=size), anchors=anchors)
        self.tile_size_changed.emit(size)

    def set_collapsed(self, ordinals: frozenset[int]) -> None:
        """Fold groups so that only their headers are shown."""
        self._show(collapsed=ordinals, anchors=())

    def set_empty(self, title: str, hint: str) -> None:
        """Say why there is nothing, shown while no cell is."""
        self._empty = (title, hint)
        self.viewport().update()

    def refresh_cells(self, cell_ids: Iterable[int]) -> None:
        """Repaint cells whose columns or pictures changed; their places stay."""
        self._count()
        ids = np.fromiter(cell_ids, np.int64)
        seen = self._scene.runs(self.offset, self.viewport().height())
        for position in self._scene.model.positions_of(ids).tolist():
            if any(run.first <= position < run.stop for run in seen):
                self.viewport().update(self.rect_in_view(position))
        for run in seen:
            header = self._scene.layout.sticky_rect(run.section, self.offset)
            self.viewport().update(header.translated(0, -self.offset))

    def rect_in_view(self, position: int) -> QRect:
        """Return the rectangle of a tile in the viewport."""
        return self._scene.layout.rect_of(position).translated(0, -self.offset)

    def bring_into_view(self, rect: QRect) -> None:
        """Scroll as little as needed to see a rectangle of the content."""
        height = self.viewport().height()
        value = self._scene.scroll_to(rect, scroll=self.offset, height=height)
        self.verticalScrollBar().setValue(value)

    def picture(self, cell_id: int) -> QImage | None:
        """Return a crop as far as it is there."""
        return self._thumbnails.image(cell_id)

    def hover(self, hit: Hit) -> None:
        """Show what the mouse is over."""
        header = hit.section if hit.part in (Part.HEADER, Part.CHEVRON) else NOWHERE
        if (hit.position, header) != (self._shown.hovered, self._shown.hovered_header):
            self._shown.hovered, self._shown.hovered_header = hit.position, header
            self.viewport().update()

    def show_target(self, ordinal: int | None) -> None:
        """Highlight the class that a drag is over, or none."""
        if ordinal != self._shown.target:
            self._shown.target = ordinal
            self.viewport().update()

    def show_band(self, band: QRect | None) -> None:
        """Show a rubber band, in content coordinates, or none."""
        self._shown.band = band
        self.viewport().update()

    def _style(self, *, theme: Theme | None = None, tile: int | None = None) -> Style:
        old = self._scene.style
        return Style(
            theme=theme or old.theme,
            taxonomy=old.taxonomy,
            base=self.font(),
            tile=tile or old.tile,
        )

    def _anchors(self) -> tuple[Anchor, ...]:
        anchors = self._scene.anchors(self.offset, self.viewport().height())
        current = self._shown.selection.current
        # At the very top nothing holds the view: what comes in above is to be seen.
        return tuple(sorted(anchors, key=lambda a: a.cell_id != current)) if self.offset else ()

    def _show(
        self,
        *,
        anchors: tuple[Anchor, ...],
        model: GalleryModel | None = None,
        style: Style | None = None,
        collapsed: frozenset[int] | None = None,
    ) -> None:
        old = self._scene
        self._scene = Scene(
            model=model or old.model,
            style=style or old.style,
            width=max(1, self.viewport().width()),
            collapsed=old.collapsed if collapsed is None else collapsed,
        )
        if style is not None:
            self._tiles = TilePainter(style, ratio=self.devicePixelRatioF())
        self._shown.hovered = self._shown.hovered_header = NOWHERE
        self._count()
        self.count_selected()
        self._set_range()
        target = self._scene.scroll_for(anchors)
        if target is not None:
            self.verticalScrollBar().setValue(target)
        self.viewport().update()

    def _count(self) -> None:
        self._shown.counts = self._scene.model.section_counts()

    def count_selected(self) -> None:
        """Count the selected cells of each group for the headers, and repaint."""
        ids = self._shown.selection.ids
        starts = [s.start for s in self._scene.layout.sections]
        if len(ids):
            positions = self._scene.model.positions_of(ids)
            sections = np.searchsorted(starts, positions, side="right") - 1
            counts = np.bincount(sections, minlength=len(starts))
            self._shown.selected = tuple(counts.tolist())
        else:
            self._shown.selected = ()
        self.viewport().update()

    def _set_range(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._scene.height - page))
        bar.setPageStep(max(1, page - self._scene.style.metrics.header))
        bar.setSingleStep(max(16, self._scene.style.metrics.height // 3))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay out anew; what was in view stays in view."""
        super().resizeEvent(event)
        if self.viewport().width() == self._scene.width:
            self._set_range()
        else:
            self._show(anchors=self._anchors())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the font of the system."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._show(style=self._style(), anchors=self._anchors())

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        """Repaint; headers stick, so nothing can be moved as a block."""
        del dx, dy
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is in view, and ask for its pictures."""
        if self.devicePixelRatioF() != self._tiles.ratio:  # moved to another screen
            self._tiles = TilePainter(self._scene.style, ratio=self.devicePixelRatioF())
        painter = QPainter(self.viewport())
        if len(self._scene.model):
            scene = ScenePainter(self._scene, self._thumbnails, self._tiles)
            scene.paint(painter, event.rect(), scroll=self.offset, shown=self._shown)
            self._want_pictures()
        else:
            title, hint = self._empty
            rect = self.viewport().rect()
            paint_empty(painter, rect, style=self._scene.style, title=title, hint=hint)
        painter.end()

    def _want_pictures(self) -> None:
        height = self.viewport().height()
        asked = (self._scene, self.offset, height, self._tiles.ratio)
        if asked == self._asked:
            return
        self._asked = asked
        forward = self.offset >= self._last_scroll
        self._last_scroll = self.offset
        ahead = (self.offset + height, height) if forward else (self.offset - height, height)
        behind = (
            (self.offset - height // 2, height // 2)
            if forward
            else (self.offset + height, height // 2)
        )
        wanted: list[int] = []
        for top, span in ((self.offset, height), ahead, behind):
            for run in self._scene.runs(top, span):
                wanted += self._scene.model.cell_ids(run.first, run.stop).tolist()
        size = round(self.tile_size * self._tiles.ratio)
        self._thumbnails.want(list(dict.fromkeys(wanted)), size=size)
