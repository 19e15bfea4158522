"""The scale bar below the large crop: beside the pixels, never over them."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from wbc_desktop.domain.cells.scale import CropScale, bar_length, length_words
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, figures

_LEAST = 24  # px; a shorter bar says nothing
_TICK = 6
_UNKNOWN = "Scale not known"
_GUESSES = (", estimated", " est.", "")  # what fits is shown; the rest is a hover away


class ScaleBar(QWidget):
    """A bar of a round length, and how long it is.

    A solid bar stands for a known scale; a dashed one for a scale that was taken from the usual
    size of a nucleus.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: CropScale | None = None
        self._zoom = 1.0  # device-independent pixels per pixel of the crop
        self._shown = False
        self.setFont(figures(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def text(self) -> str:
        """What stands beside the bar; empty while no crop is shown."""
        if not self._shown:
            return ""
        um, _ = self._bar()
        if self._scale is None or not um:
            return _UNKNOWN
        return f"≈ {length_words(um)}{_GUESSES[0]}" if self._scale.estimated else length_words(um)

    def show_scale(self, scale: CropScale | None, *, shown: bool) -> None:
        """Take the scale of another crop.

        Args:
            scale: None where it is not known.
            shown: Whether there is a crop at all.
        """
        self._scale, self._shown = scale, shown
        self._say()

    def set_zoom(self, zoom: float) -> None:
        """Take another zoom, in device-independent pixels per pixel of the crop."""
        self._zoom = zoom
        self._say()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for a bar and its length."""
        return QSize(120, self.fontMetrics().height() + 2 * TIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Still enough for a short bar."""
        return QSize(72, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the bar with its ends, and its length behind it."""
        text = self.text
        if not text:
            return
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        _, length = self._bar()
        left = 0.0
        if length and text != _UNKNOWN:
            self._draw_bar(painter, length)
            left = length + SMALL
        room = QRectF(left, 0, self.width() - left, self.height())
        words = self._fitting(text, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def _fitting(self, text: str, room: int) -> str:
        """Return the text, shortened where it is an estimate and there is little room."""
        whole = text.removesuffix(_GUESSES[0])
        ends = _GUESSES if whole != text else ("",)
        for end in ends:
            if self.fontMetrics().horizontalAdvance(whole + end) <= room:
                return whole + end
        return self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)

    def _draw_bar(self, painter: QPainter, length: float) -> None:
        middle = self.height() / 2
        pen = QPen(self.palette().windowText().color(), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        for x in (1.0, length - 1.0):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, middle - _TICK / 2), QPointF(x, middle + _TICK / 2))
        if self._scale is not None and self._scale.estimated:
            pen.setDashPattern([2, 1.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(0, middle), QPointF(length, middle))

    def _bar(self) -> tuple[float, float]:
        """Return the length in µm and in device-independent pixels; 0 where none fits."""
        if self._scale is None:
            return 0.0, 0.0
        um_per_px = self._scale.um_per_px / self._zoom
        room = max(self.width() * 0.5, _LEAST)
        um = bar_length(um_per_px, room_px=room)
        length = um / um_per_px
        return (um, length) if length >= _LEAST / 3 else (0.0, 0.0)

    def _say(self) -> None:
        text = self.text
        if self._scale is not None and self._scale.estimated and text:
            tip = "A guess: the nucleus is taken to have the usual size. Do not measure with it."
        elif text == _UNKNOWN:
            tip = "Neither import nor cell told how many µm a pixel shows."
        else:
            tip = "Length of the bar on the crop, from the scale of the slide."
        self.setToolTip(tip if text else "")
        self.setAccessibleName(f"Scale bar: {text}" if text else "Scale bar")
        self.update()
