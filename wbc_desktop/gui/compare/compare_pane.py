"""One compared cell: its crop in the shared viewport, and its caption below. It decides nothing.

The crop stays as it is: smooth when made smaller, hard pixels from four times on, nothing over it.
"""

from dataclasses import dataclass

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

from wbc_desktop.domain.cells.prediction_set import NO_SET, leaves_in
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.compare.shared_viewport import CropSize, Viewport
from wbc_desktop.gui.gallery.painting import marks
from wbc_desktop.gui.inspector.cell_texts import STATUS_TEXTS, current_class
from wbc_desktop.gui.widgets.prediction_text import confidence_words
from wbc_desktop.gui.widgets.theme import SMALL, STAGE, TIGHT, Theme, figures
from wbc_desktop.store.records import CellRecord

FRAME = 3
_BAR = 3
_NEAREST_FROM = 4.0
_LINES = 4
_NARROW = 90  # px; a narrower caption has the code without the name
_LINES_FROM_HEIGHT = (
    (160, _LINES),
    (120, 2),
)  # px and lines; in a lower pane words make room for the crop


@dataclass(frozen=True, kw_only=True)
class CompareCaption:
    """The words of one pane.

    Attributes:
        cell_class: The class that counts, or None where there is none yet.
        status: The review state, for the mark.
        reader: Who reviewed it, or the empty string.
        model: The model's class and confidence.
        could_be: Codes of the prediction set; empty where there is none.
        slide: Patient and slide.
        cell: The id that people see.
        flagged: A person flagged the cell.
    """

    cell_class: CellClass | None
    status: Status
    reader: str
    model: str
    could_be: str
    slide: str
    cell: str
    flagged: bool

    def spoken(self) -> str:
        """Return everything in one sentence, for screen readers and the tooltip."""
        name = self.cell_class.name if self.cell_class else "Not classified yet"
        by = f" by {self.reader}" if self.reader else ""
        parts = [f"{name}, {STATUS_TEXTS[self.status]}{by}", self.model]
        parts += [self.could_be] if self.could_be else []
        parts += [self.slide, self.cell, *(["flagged"] if self.flagged else [])]
        return ". ".join(parts)


class ComparePane(QWidget):
    """A crop and its lines of text.

    Signals:
        focused: The keyboard came to this pane.
        zoom_asked: The wheel was turned: notches, and the place from the middle of the stage in
            device pixels.
        panned: The crop was panned by some device pixels.
        activated: The pane was double clicked.
    """

    focused = Signal()
    zoom_asked = Signal(float, float, float)
    panned = Signal(float, float)
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
        self._viewport = Viewport()
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

    def set_viewport(self, viewport: Viewport) -> None:
        """Look through another viewport."""
        if viewport != self._viewport:
            self._viewport = viewport
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
        return next((lines for height, lines in _LINES_FROM_HEIGHT if self.height() >= height), 1)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the next key is for this cell."""
        super().focusInEvent(event)
        self.focused.emit()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for a closer or wider viewport around the cursor."""
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
            self.panned.emit(by.x(), by.y())

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
        zoom = self._viewport.crop_zoom(crop)
        size = QSize(max(1, round(crop.width * zoom)), max(1, round(crop.height * zoom)))
        stage = QRectF(self.stage)
        shift = QPointF(self._viewport.x, self._viewport.y) * (self._viewport.zoom / ratio)
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
        words = (caption.model, caption.could_be, caption.slide)[: self._lines - 1]
        painter.setPen(QColor(theme.text2))
        painter.setFont(figures(self.font()))
        for number, text in enumerate(words, start=1):
            below = row.translated(0, number * line)
            fitting = elided(text, painter.fontMetrics(), below.width())
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


def elided(text: str, metrics: QFontMetrics, width: int) -> str:
    """Return a line as it fits: without the words before its colon if need be, then cut."""
    if metrics.horizontalAdvance(text) > width:
        text = text.partition(": ")[2] or text
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def caption_height(font: QFont, lines: int = _LINES) -> int:
    """Return the height of bar and lines below a crop."""
    return _BAR + TIGHT + lines * QFontMetrics(font).height() + TIGHT


def caption_of(
    record: CellRecord, taxonomy: Taxonomy, *, rendered_only: frozenset[str]
) -> CompareCaption:
    """Return the words for a cell.

    Args:
        record: The cell.
        taxonomy: The classes.
        rendered_only: Classes that the model knows from rendered cells only; their confidence
            stands in brackets, as in the gallery.
    """
    review = record.review
    return CompareCaption(
        cell_class=current_class(record, taxonomy),
        status=review.status if review else Status.UNREVIEWED,
        reader=review.reviewer if review else "",
        model=_model_words(record, taxonomy, rendered_only),
        could_be=_set_words(record, taxonomy),
        slide=f"{record.patient_code} · {record.slide_code}",
        cell=record.cell_id,
        flagged=record.flagged,
    )


def _model_words(record: CellRecord, taxonomy: Taxonomy, rendered_only: frozenset[str]) -> str:
    if record.predicted is None or record.pred_prob is None:
        return "Model: not classified yet"
    known = taxonomy.by_id.get(record.predicted)
    confidence = confidence_words(record.pred_prob)
    if record.predicted in rendered_only:
        confidence = f"({confidence})"
    return f"Model: {known.code if known else record.predicted} {confidence}"


def _set_words(record: CellRecord, taxonomy: Taxonomy) -> str:
    probs = None if record.probs is None else record.probs.tolist()
    leaves = leaves_in(record.pred_set or NO_SET, taxonomy, probs=probs)
    if not leaves:
        return ""
    codes = " · ".join(taxonomy.by_id[leaf].code for leaf in leaves)
    return f"Could be: {codes}{'' if len(leaves) > 1 else ' only'}"
