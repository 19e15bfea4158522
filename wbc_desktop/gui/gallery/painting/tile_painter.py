"""One tile: the crop on its stage, the class bar, the caption, and the rings around them.

Nothing is drawn over a crop. Captions with equal faces are painted once and reused, which is most
of what makes a full screen cheap.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPixmap

from wbc_desktop.domain.cells.cell_index import STATUS_ORDER
from wbc_desktop.domain.review.review import Status
from wbc_desktop.gui.gallery.model import NO_PERCENT, TileCaption
from wbc_desktop.gui.gallery.painting import marks
from wbc_desktop.gui.gallery.painting.style import CLASS_BAR, GalleryStyle
from wbc_desktop.gui.widgets.prediction_text import percent_words
from wbc_desktop.gui.widgets.theme import TIGHT

_MAX_CAPTIONS = 4096
_FOCUS_RING, _GAP = 2, 1


@dataclass(frozen=True, kw_only=True)
class TileState:
    """What the person does with a tile just now.

    Attributes:
        selected: It is selected.
        current: It is the cell looked at.
        has_keys: It is current and the keyboard belongs to the gallery.
        hovered: The mouse is over it.
        missing: Its picture cannot be shown.
        keyed: Keys that label are for it, because the mouse is over it.
    """

    selected: bool = False
    current: bool = False
    has_keys: bool = False
    hovered: bool = False
    missing: bool = False
    keyed: bool = False


class TilePainter:
    """Paints tiles in one style.

    Args:
        style: Fonts, colours, sizes.
        ratio: Device pixels per device-independent pixel.
    """

    def __init__(self, style: GalleryStyle, *, ratio: float) -> None:
        self._style = style
        self.ratio = ratio
        self._captions: dict[tuple[TileCaption, bool], QPixmap] = {}
        theme = style.theme
        self._accent = QColor(theme.accent)
        self._text = QColor(theme.text)
        self._hover = QColor(theme.border)
        self._surface = QColor(theme.surface)

    def paint(
        self,
        painter: QPainter,
        frame: QRect,
        *,
        caption: TileCaption,
        image: QImage | None,
        state: TileState,
    ) -> None:
        """Paint one tile.

        Args:
            painter: Where to.
            frame: The tile's rectangle with its frame.
            caption: What the caption says.
            image: The crop, or None while it is loading.
            state: Selection, focus, hover.
        """
        inset, tile = self._style.metrics.frame, self._style.tile
        self._rings(painter, frame, state)
        x, y = frame.x() + inset, frame.y() + inset
        if image is not None and image.width() == image.height() == tile and self.ratio == 1:
            painter.drawImage(x, y, image)  # covers the stage and is copied as it is
        else:
            painter.fillRect(x, y, tile, tile, self._style.stage)
            if image is not None:
                self._crop(painter, QRect(x, y, tile, tile), image)
            elif state.missing:
                self._no_picture(painter, QRect(x, y, tile, tile))
        painter.drawPixmap(x, y + tile, self._caption(caption, selected=state.selected))

    def _rings(self, painter: QPainter, frame: QRect, state: TileState) -> None:
        if state.keyed:  # a double frame that reaches into the gap, as nothing else does
            painter.fillRect(frame.adjusted(-2, -2, 2, 2), self._text)
            painter.fillRect(frame.adjusted(1, 1, -1, -1), self._surface)
            painter.fillRect(frame.adjusted(2, 2, -2, -2), self._accent)
            return
        around = _FOCUS_RING + _GAP
        if state.current:
            painter.fillRect(frame, self._text if state.has_keys else self._hover)
            inner = frame.adjusted(_FOCUS_RING, _FOCUS_RING, -_FOCUS_RING, -_FOCUS_RING)
            painter.fillRect(inner, self._surface)
        elif state.hovered and not state.selected:
            painter.fillRect(frame.adjusted(2, 2, -2, -2), self._hover)
            painter.fillRect(frame.adjusted(3, 3, -3, -3), self._surface)
        if state.selected:
            room = around if state.current else _FOCUS_RING
            painter.fillRect(frame.adjusted(room, room, -room, -room), self._accent)

    def _crop(self, painter: QPainter, stage: QRect, image: QImage) -> None:
        longest = max(image.width(), image.height())
        # A crop of another size is on its way in the right one; until then it is scaled here.
        exact = abs(longest - stage.width() * self.ratio) < 1
        scale = 1 / self.ratio if exact else stage.width() / longest
        width, height = image.width() * scale, image.height() * scale
        left = stage.x() + self._whole((stage.width() - width) / 2)
        top = stage.y() + self._whole((stage.height() - height) / 2)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        painter.drawImage(QRectF(left, top, width, height), image)

    def _whole(self, distance: float) -> float:
        """Round to a whole device pixel, so that nothing is resampled."""
        return round(distance * self.ratio) / self.ratio

    def _no_picture(self, painter: QPainter, stage: QRect) -> None:
        painter.setPen(QColor("#FFFFFF"))
        painter.setFont(self._style.font)
        painter.drawText(stage, Qt.AlignmentFlag.AlignCenter, "no\npicture")

    def _caption(self, caption: TileCaption, *, selected: bool) -> QPixmap:
        key = (caption, selected)
        pixmap = self._captions.get(key)
        if pixmap is None:
            if len(self._captions) >= _MAX_CAPTIONS:
                self._captions.clear()
            pixmap = self._captions[key] = self._painted_caption(caption, selected=selected)
        return pixmap

    def _painted_caption(self, caption: TileCaption, *, selected: bool) -> QPixmap:
        metrics, theme = self._style.metrics, self._style.theme
        ratio = self.ratio
        pixmap = QPixmap(round(metrics.tile * ratio), round(metrics.caption * ratio))
        pixmap.setDevicePixelRatio(ratio)
        ground = self._accent if selected else self._surface
        ink = QColor(theme.on_accent) if selected else self._text
        second = ink if selected else QColor(theme.text2)
        warning = ink if selected else QColor(theme.warning)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        bar = self._style.class_colours[caption.label]
        painter.fillRect(0, 0, metrics.tile, CLASS_BAR, bar)
        if caption.low_trust:  # a hollow bar
            painter.fillRect(1, 1, metrics.tile - 2, CLASS_BAR - 2, ground)
        writer = _CaptionWriter(self._style, painter, ink=ink, second=second, ground=ground)
        writer.write(caption, warning=warning)
        painter.end()
        return pixmap


class _CaptionWriter:
    """The words below a crop: mark, code, signs, and the rest as far as it fits.

    On one line they follow one another; on small tiles signs and rest have a line of their own.
    """

    def __init__(
        self, style: GalleryStyle, painter: QPainter, *, ink: QColor, second: QColor, ground: QColor
    ) -> None:
        self._style = style
        self._painter = painter
        self._ink, self._second, self._ground = ink, second, ground

    def write(self, caption: TileCaption, *, warning: QColor) -> None:
        style, line = self._style, self._style.line.height()
        status = STATUS_ORDER[caption.status]
        room = QRect(1, CLASS_BAR + TIGHT // 2, style.tile - 2, line)
        if caption.label >= 0:
            mark = self._square(room, room.left())
            marks.review_mark(self._painter, mark, status, ink=self._ink, ground=self._ground)
            room.setLeft(room.left() + style.mark + TIGHT)
        code = style.code(caption.label)
        self._write(room, code, style.bold, self._ink)
        room.setLeft(room.left() + QFontMetrics(style.bold).horizontalAdvance(code) + TIGHT)
        if style.two_lines:
            room = QRect(1, room.bottom() + 1, style.tile - 2, line)
        self._signs(caption, room, warning)
        for words in wordings(caption, status, code=style.code(caption.predicted)):
            if style.line.horizontalAdvance(words) <= room.width():
                self._write(room, words, style.font, self._second, right=not style.two_lines)
                if caption.shows:
                    self._plus(room, beside=style.line.horizontalAdvance(words))
                return

    def _plus(self, room: QRect, *, beside: int) -> None:
        """Draw the sign of attributes where the words leave room for it."""
        if room.width() - beside >= self._style.mark + TIGHT:
            x = room.right() + 1 - self._style.mark if self._style.two_lines else room.left()
            marks.plus(self._painter, self._square(room, x), self._second)

    def _signs(self, caption: TileCaption, room: QRect, warning: QColor) -> None:
        """Draw flag and diamond, and take their place from the room: left, or right below."""
        step = self._style.mark + TIGHT // 2
        for shown, draw, ink in (
            (caption.flagged, marks.flag, warning),
            (caption.scale_flag, marks.diamond, self._second),
        ):
            if shown and self._style.two_lines:
                draw(self._painter, self._square(room, room.right() + 1 - self._style.mark), ink)
                room.setRight(room.right() - step)
            elif shown:
                draw(self._painter, self._square(room, room.left()), ink)
                room.setLeft(room.left() + step)

    def _square(self, room: QRect, x: int) -> QRectF:
        side = self._style.mark
        return QRectF(x, room.y() + (room.height() - side) / 2, side, side)

    def _write(
        self, room: QRect, words: str, font: QFont, ink: QColor, *, right: bool = False
    ) -> None:
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._painter.setPen(ink)
        self._painter.setFont(font)
        self._painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | side, words)


def wordings(caption: TileCaption, status: Status, *, code: str) -> tuple[str, ...]:
    """Return what a caption may say beside the code, best first; the first that fits is shown.

    The confidence belongs to the model's class. Where a person chose another one, it stands
    beside the model's code or not at all. It stands in brackets where the class is one that the
    model knows from rendered cells only.

    Args:
        caption: The facts.
        status: The review state.
        code: Code of the model's class.
    """
    confidence = "" if caption.percent == NO_PERCENT else percent_words(caption.percent)
    if status is Status.CORRECTED and confidence:
        return (f"was {code} {confidence}", f"was {code}", "")
    if status is Status.UNDECIDED:
        return ("undecided", "undec.", "")
    if status is Status.EXCLUDED:
        return ("excluded", "excl.", "")
    if caption.low_trust and confidence:
        return (f"({confidence})", "")
    return (confidence,)
