"""One tile of the reference strip: a cell, and below it where it comes from."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.widgets.theme import STAGE, TIGHT, Theme, figures

SMALL_SIDE, LARGE_SIDE = 104, 152  # on a low window, on a high one
FIELD_UM = 25.0  # what a tile shows across: the window that the network sees
_SMOOTH_UP_TO = 4.0
_BAR = 3
_FRAME = 2


@dataclass(frozen=True, kw_only=True)
class ReferenceEntry:
    """What a tile says.

    Attributes:
        cell_id: Row id of a cell of the workspace, or None of a drawn one.
        cell_class: Its class, or None where it has none yet.
        source: First line, behind the code: who added it, or that it is drawn.
        detail: Second line.
        spoken: Everything in a sentence, for the tooltip and screen readers.
        um_per_px: Scale of the crop, or None.
    """

    cell_id: int | None
    cell_class: CellClass | None
    source: str
    detail: str
    spoken: str
    um_per_px: float | None


class ReferenceTile(QAbstractButton):
    """A picture with two lines of text; those of the workspace can be pressed.

    Signals:
        removed: Delete was pressed on a cell of the workspace; its row id.
    """

    removed = Signal(object)

    def __init__(self, entry: ReferenceEntry, theme: Theme, side: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._side = side
        self.entry = entry
        self._theme = theme
        self._image = QImage()
        self._picture = QImage()
        pressable = entry.cell_id is not None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if pressable else Qt.FocusPolicy.NoFocus)
        self.setToolTip(entry.spoken)
        self.setAccessibleName(entry.spoken)

    def set_image(self, image: QImage) -> None:
        """Show the crop."""
        self._image, self._picture = image, QImage()
        self.update()

    @property
    def has_image(self) -> bool:
        """True once the crop is there."""
        return not self._image.isNull()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A square and two lines."""
        return QSize(self._side + 2 * _FRAME, tile_height(self, self._side))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete takes a cell of the workspace out of the library."""
        if event.key() == Qt.Key.Key_Delete and self.entry.cell_id is not None:
            self.removed.emit(self.entry.cell_id)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw picture, class bar and text."""
        painter = QPainter(self)
        theme, entry, side = self._theme, self.entry, self._side
        painter.fillRect(self.rect(), QColor(theme.surface))
        stage = QRect(_FRAME, _FRAME, side, side)
        painter.fillRect(stage, QColor(STAGE))
        if not self._image.isNull():
            ratio = self.devicePixelRatioF()
            if self._picture.width() != round(side * ratio):
                self._picture = square_picture(
                    self._image, entry.um_per_px, side=round(side * ratio)
                )
            painter.drawImage(stage, self._picture)
        known = entry.cell_class
        bar = theme.class_colour(known) if known else theme.border
        painter.fillRect(_FRAME, stage.bottom() + 1, side, _BAR, QColor(bar))
        self._write(painter, stage.bottom() + 1 + _BAR + TIGHT // 2)
        if self.hasFocus() or (self.underMouse() and entry.cell_id is not None):
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), _FRAME))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _write(self, painter: QPainter, top: int) -> None:
        entry, line = self.entry, self.fontMetrics().height()
        row = QRect(_FRAME + 1, top, self._side - 2, line)
        if entry.cell_class is not None:
            font = figures(self.font())
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, entry.cell_class.code)
            code = painter.fontMetrics().horizontalAdvance(entry.cell_class.code)
            row.setLeft(row.left() + code + TIGHT)
        painter.setFont(figures(self.font()))
        painter.setPen(QColor(self._theme.text2))
        below = QRect(_FRAME + 1, top + line, self._side - 2, line)
        for place, text in ((row, entry.source), (below, entry.detail)):
            fitting = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, fitting)


def tile_height(widget: QWidget, side: int) -> int:
    """Return the height of a tile in the font of a widget.

    Args:
        widget: Gives the font.
        side: Of the picture.
    """
    return side + _BAR + 2 * widget.fontMetrics().height() + TIGHT + 2 * _FRAME


def square_picture(image: QImage, um_per_px: float | None, *, side: int) -> QImage:
    """Return a square picture of the middle of a crop, grey where the crop is too small.

    Args:
        image: The crop.
        um_per_px: Its scale, or None where it is not known: then the whole crop is shown.
        side: Of the picture in device pixels.
    """
    result = QImage(side, side, QImage.Format.Format_RGB32)
    result.fill(QColor(STAGE))
    if image.isNull():
        return result
    longest = max(image.width(), image.height())
    zoom = side / longest if um_per_px is None else side * um_per_px / FIELD_UM
    source = _middle(image, side / zoom)
    width, height = round(source.width() * zoom), round(source.height() * zoom)
    mode = (
        Qt.TransformationMode.SmoothTransformation
        if zoom <= _SMOOTH_UP_TO
        else Qt.TransformationMode.FastTransformation
    )
    small = image.copy(source).scaled(
        max(width, 1), max(height, 1), Qt.AspectRatioMode.IgnoreAspectRatio, mode
    )
    painter = QPainter(result)
    painter.drawImage(QRectF((side - width) // 2, (side - height) // 2, width, height), small)
    painter.end()
    return result


def _middle(image: QImage, length: float) -> QRect:
    width = min(image.width(), max(1, round(length)))
    height = min(image.height(), max(1, round(length)))
    return QRect((image.width() - width) // 2, (image.height() - height) // 2, width, height)
