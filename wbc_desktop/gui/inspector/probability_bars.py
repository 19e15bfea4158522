"""The model's probabilities of the present cell as bars, likeliest class on top."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.widgets.prediction_text import confidence_words
from wbc_desktop.gui.widgets.theme import Theme, figures

SHOWN = 5
_ROW_HEIGHT = 22
_CODE_WIDTH = 44
_GAP = 6  # between the code and its bar
_THICKNESS = 0.62  # of a row
_FULL = 1 / 1.26  # of the width beside the codes: room for the figure behind a full bar


@dataclass(frozen=True)
class Bar:
    """One bar: a class and its probability in [0, 1]."""

    cell_class: CellClass
    probability: float


class ProbabilityBars(QWidget):
    """Horizontal bars from 0 to 1 with code and value."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: Sequence[Bar] = ()
        self.setFont(figures(self.font()))
        self.setFixedHeight(SHOWN * _ROW_HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show the likeliest classes.

        Args:
            bars: In any order; the ``SHOWN`` likeliest are drawn.
        """
        self._bars = sorted(bars, key=lambda bar: -bar.probability)[:SHOWN]
        spoken = ", ".join(
            f"{b.cell_class.name} {confidence_words(b.probability)}" for b in self._bars
        )
        self.setAccessibleName(f"Probabilities: {spoken}" if spoken else "No probabilities")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Take what width there is."""
        return QSize(4 * _CODE_WIDTH, SHOWN * _ROW_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a row for each class: code, track, bar, figure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        full = (self.width() - _CODE_WIDTH) * _FULL
        thick = _THICKNESS * _ROW_HEIGHT
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, bar in enumerate(self._bars):
            top = row * _ROW_HEIGHT
            track = QRectF(_CODE_WIDTH, top + (_ROW_HEIGHT - thick) / 2, full, thick)
            painter.fillRect(track, QColor(self._theme.raised))
            length = QRectF(track.topLeft(), track.size())
            length.setWidth(full * bar.probability)
            painter.fillRect(length, QColor(self._theme.class_colour(bar.cell_class)))
            painter.setPen(QColor(self._theme.text))
            code = QRectF(0, top, _CODE_WIDTH - _GAP, _ROW_HEIGHT)
            painter.drawText(code, middle | Qt.AlignmentFlag.AlignRight, bar.cell_class.code)
            value = QRectF(track.right() + _GAP, top, self.width() - track.right(), _ROW_HEIGHT)
            painter.drawText(value, middle, confidence_words(bar.probability))
        painter.end()
