"""Paints what of a scene is in view: tiles first, then the headers that stick over them."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from wbc_desktop.gui.gallery.layout import PositionRange
from wbc_desktop.gui.gallery.painting.empty_classes import paint_strip
from wbc_desktop.gui.gallery.painting.header_painter import HeaderState
from wbc_desktop.gui.gallery.painting.interaction import InteractionState
from wbc_desktop.gui.gallery.painting.style import GalleryStyle
from wbc_desktop.gui.gallery.painting.tile_painter import TilePainter, TileState
from wbc_desktop.gui.gallery.scene import Scene
from wbc_desktop.gui.gallery.thumbnails import ThumbnailCache
from wbc_desktop.gui.widgets.theme import SMALL, WIDE


class ScenePainter:
    """Paints one scene.

    Args:
        scene: What to paint.
        thumbnails: The crops.
        tiles: Paints single tiles, in the style of the scene.
    """

    def __init__(self, scene: Scene, thumbnails: ThumbnailCache, tiles: TilePainter) -> None:
        self._scene = scene
        self._thumbnails = thumbnails
        self._tiles = tiles

    def paint(
        self, painter: QPainter, clip: QRect, *, scroll: int, interaction: InteractionState
    ) -> None:
        """Paint what lies in a rectangle of the viewport.

        Args:
            painter: Where to, in viewport coordinates.
            clip: What must be painted.
            scroll: How far the content is scrolled down.
            interaction: Selection, focus, hover, drag.
        """
        theme = self._scene.style.theme
        painter.fillRect(clip, QColor(theme.surface))
        band = clip.translated(0, scroll)
        runs = list(self._scene.layout.runs(band.top(), band.bottom() + 1))
        for run in runs:
            self._run(painter, run, clip, scroll, interaction)
        for run in runs:
            self._header(painter, run.section, clip, scroll, interaction)
        if band.bottom() >= self._scene.layout.height:
            paint_strip(
                painter,
                self._scene.strip,
                style=self._scene.style,
                scroll=scroll,
                target=interaction.target,
            )
        if interaction.band is not None:
            painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.SolidLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(interaction.band.translated(0, -scroll))

    def _run(
        self,
        painter: QPainter,
        run: PositionRange,
        clip: QRect,
        scroll: int,
        interaction: InteractionState,
    ) -> None:
        model, layout = self._scene.model, self._scene.layout
        cell_ids = model.cell_ids(run.first, run.stop)
        captions = model.captions(run.first, run.stop)
        marks = interaction.selection.marks(cell_ids).tolist()
        style = self._scene.style
        width, glow = style.metrics.frame, QColor(style.theme.warning)
        narrow = clip.width() < layout.width
        frames = layout.rects(run, scroll=scroll)
        for at, (cell_id, frame) in enumerate(zip(cell_ids.tolist(), frames, strict=True)):
            if narrow and not frame.intersects(clip):
                continue
            position = run.first + at
            image = self._thumbnails.image(cell_id)
            hovered = position == interaction.hovered
            state = TileState(
                selected=marks[at],
                current=cell_id == interaction.selection.current,
                has_keys=interaction.has_keys,
                hovered=hovered,
                keyed=hovered and interaction.keys_follow_mouse and not marks[at],
                missing=image is None and self._thumbnails.is_missing(cell_id),
            )
            self._tiles.paint(painter, frame, caption=captions[at], image=image, state=state)
            interaction.flash.paint(painter, frame, cell_id, width=width, colour=glow)

    def _header(
        self,
        painter: QPainter,
        section: int,
        clip: QRect,
        scroll: int,
        interaction: InteractionState,
    ) -> None:
        rect = self._scene.layout.sticky_rect(section, scroll).translated(0, -scroll)
        if not rect.intersects(clip):
            return
        ordinal = self._scene.ordinal(section)
        takes = ordinal >= 0 and self._scene.model.named is None
        state = HeaderState(
            count=self._scene.model.section_counts()[section],
            selected=interaction.selected[section] if interaction.selected else 0,
            collapsed=section in self._scene.layout.collapsed,
            hovered=section == interaction.hovered_header,
            target=takes and ordinal == interaction.target,
        )
        self._scene.headers.paint(painter, rect, ordinal=ordinal, state=state)


def paint_empty(
    painter: QPainter, rect: QRect, *, style: GalleryStyle, title: str, hint: str
) -> None:
    """Paint why nothing is shown and what to do about it.

    Args:
        painter: Where to.
        rect: The viewport.
        style: Fonts and colours.
        title: One short line.
        hint: What to do.
    """
    painter.fillRect(rect, QColor(style.theme.surface))
    room = rect.adjusted(WIDE, 0, -WIDE, 0)
    painter.setFont(style.head)
    painter.setPen(QColor(style.theme.text))
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    upper = QRect(room.x(), room.y(), room.width(), room.height() // 2 - SMALL // 2)
    painter.drawText(upper, centred | Qt.AlignmentFlag.AlignBottom, title)
    painter.setFont(style.font)
    painter.setPen(QColor(style.theme.text2))
    lower = QRect(room.x(), room.center().y() + SMALL // 2, room.width(), room.height() // 2)
    painter.drawText(lower, centred | Qt.AlignmentFlag.AlignTop, hint)
