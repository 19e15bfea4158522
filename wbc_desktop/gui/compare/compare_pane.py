"""One compared cell: its crop through the shared lens, and its caption below. It decides nothing.

The crop stays as it is: smooth when made smaller, hard pixels from four times on, nothing over it.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.compare.compare_caption import CompareCaption
from wbc_desktop.gui.compare.compare_lens import CropSize, Lens
from wbc_desktop.gui.gallery.painting import marks
from wbc_desktop.gui.widgets.theme import SMALL, STAGE, TIGHT, Theme, figures

FRAME = 3
_BAR = 3
_NEAREST_FROM = 4.0
_LINES = 4
_NARROW = 90  # px; a narrower caption has the code without the name
_ROOM_FOR = ((160, _LINES), (120, 2))  # px and lines; in a lower pane words make room for the crop


class ComparePane(QWidget):
    """A crop and its lines of text.

    Signals:
        focused: The keyboard came to this pane.
        zoom_asked: The wheel was turned: notches, and the place from the middle of the stage in
            device pixels.
        pulled: The crop was pulled by some device pixels.
        activated: The pane was double clicked.
    """

    focused = Signal()
    zoom_asked = Signal(float, float, float)
    pulled = Signal(float, float)
    activated = Signal()

    def __init__(self, cell_id: int, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.cell_id = cell_id
        self._theme = theme
        self._image = QImage()
        self._small = QImage()  # the crop at its present, smaller size
        self._missing = False
        self._um_per_px: float | None = None
        self._caption: CompareCaption | None = None
        self._lens = Lens()
        self._chosen = False
        self._grip: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def caption(self) -> CompareCaption | None:
        """What stands below the crop."""
        return self._caption

    @property
    def crop(self) -> CropSize | None:
        """The size of the crop, or None while it is not there."""
        if self._image.isNull():
            return None
        size = self._image.size()
        return CropSize(width=size.width(), height=size.height(), um_per_px=self._um_per_px)

    @property
    def stage(self) -> QRect:
        """Where the crop is shown."""
        height = self.height() - 2 * FRAME - caption_height(self.font(), self._lines)
        return QRect(FRAME, FRAME, self.width() - 2 * FRAME, max(height, 1))

    def show_caption(self, caption: CompareCaption, *, position: int, n: int) -> None:
        """Show what is known of the cell.

        Args:
            caption: The words.
            position: Of the pane, from 0.
            n: Panes.
        """
        self._caption = caption
        self.setAccessibleName(f"Cell {position + 1} of {n}: {caption.spoken()}")
        self.setToolTip(caption.spoken())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.update()

    def set_scale(self, um_per_px: float | None) -> None:
        """Take the scale of the crop, µm per pixel, or None where it is not known."""
        self._um_per_px = um_per_px

    def set_image(self, image: QImage) -> None:
        """Show a crop; a null image says that there is none."""
        self._image, self._small = image, QImage()
        self._missing = image.isNull()
        self.update()

    def set_lens(self, lens: Lens) -> None:
        """Look through another lens."""
        if lens != self._lens:
            self._lens = lens
            self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Show that this is the pane that the next key is for."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A square crop and its caption."""
        return QSize(240, 240 + caption_height(self.font()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Small enough for two rows on a low window with the reference cells open."""
        return QSize(90, 60)

    @property
    def _lines(self) -> int:
        return next((lines for height, lines in _ROOM_FOR if self.height() >= height), 1)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the next key is for this cell."""
        super().focusInEvent(event)
        self.focused.emit()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for a closer or wider lens around the cursor."""
        steps = event.angleDelta().y() / 120
        if steps:
            place = event.position() - QRectF(self.stage).center()
            ratio = self.devicePixelRatioF()
            self.zoom_asked.emit(steps, place.x() * ratio, place.y() * ratio)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the crop."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pull all crops."""
        if self._grip is not None:
            by = (event.position() - self._grip) * self.devicePixelRatioF()
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pulled.emit(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        super().mouseReleaseEvent(event)
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Switch between 1:1 and the whole crop."""
        super().mouseDoubleClickEvent(event)
        self.activated.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame, the crop on its stage, and the caption."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.surface))
        painter.fillRect(self.stage, QColor(STAGE))
        self._paint_crop(painter)
        self._paint_caption(painter)
        if self._chosen:
            colour = self._theme.accent if self.hasFocus() else self._theme.border
            painter.setPen(QPen(QColor(colour), FRAME))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = FRAME / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.end()

    def _paint_crop(self, painter: QPainter) -> None:
        crop = self.crop
        if crop is None:
            if self._missing:
                painter.setPen(QColor("#FFFFFF"))
                painter.drawText(self.stage, Qt.AlignmentFlag.AlignCenter, "no picture")
            return
        ratio = self.devicePixelRatioF()
        zoom = self._lens.crop_zoom(crop)
        size = QSize(max(1, round(crop.width * zoom)), max(1, round(crop.height * zoom)))
        stage = QRectF(self.stage)
        shift = QPointF(self._lens.x, self._lens.y) * (self._lens.zoom / ratio)
        corner = stage.center() - shift - QPointF(size.width(), size.height()) / (2 * ratio)
        target = QRectF(corner.x(), corner.y(), size.width() / ratio, size.height() / ratio)
        painter.save()
        painter.setClipRect(self.stage)
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth, 1 < zoom < _NEAREST_FROM)
        painter.drawImage(target, self._smaller(size) if zoom < 1 else self._image)
        painter.restore()

    def _smaller(self, size: QSize) -> QImage:
        # Painting with a transform samples only four pixels; scaling averages over all of them.
        if self._small.size() != size:
            self._small = self._image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._small

    def _paint_caption(self, painter: QPainter) -> None:
        caption, theme = self._caption, self._theme
        if caption is None:
            return
        stage, line = self.stage, QFontMetrics(self.font()).height()
        known = caption.cell_class
        bar = theme.class_colour(known) if known else theme.border
        painter.fillRect(stage.x(), stage.bottom() + 1, stage.width(), _BAR, QColor(bar))
        top = stage.bottom() + 1 + _BAR + TIGHT
        row = QRect(stage.x() + SMALL, top, stage.width() - 2 * SMALL, line)
        self._paint_class(painter, row, caption)
        words = (caption.model, caption.could_be, caption.place)[: self._lines - 1]
        painter.setPen(QColor(theme.text2))
        painter.setFont(figures(self.font()))
        for number, text in enumerate(words, start=1):
            below = row.translated(0, number * line)
            fitting = fitted(text, painter.fontMetrics(), below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, fitting)

    def _paint_class(self, painter: QPainter, row: QRect, caption: CompareCaption) -> None:
        """Draw mark, code and name, and the flag at the right."""
        theme, row = self._theme, QRect(row)
        side = round(row.height() * 0.7)
        ink, ground = QColor(theme.text), QColor(theme.surface)
        top = row.y() + (row.height() - side) / 2
        if caption.flagged:
            marks.flag(painter, QRectF(row.right() - side, top, side, side), QColor(theme.warning))
            row.setRight(row.right() - side - TIGHT)
        known = caption.cell_class
        if known is not None:
            mark = QRectF(row.x(), top, side, side)
            marks.review_mark(painter, mark, caption.status, ink=ink, ground=ground)
            row.setLeft(row.left() + side + TIGHT)
        font = figures(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(ink)
        text = f"{known.code}  {known.name}" if known else "Not classified yet"
        if known and row.width() < _NARROW:
            text = known.code
        fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, fitting)


def fitted(text: str, metrics: QFontMetrics, width: int) -> str:
    """Return a line as it fits: without the words before its colon if need be, then cut."""
    if metrics.horizontalAdvance(text) > width:
        text = text.partition(": ")[2] or text
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def caption_height(font: QFont, lines: int = _LINES) -> int:
    """Return the height of bar and lines below a crop."""
    return _BAR + TIGHT + lines * QFontMetrics(font).height() + TIGHT
