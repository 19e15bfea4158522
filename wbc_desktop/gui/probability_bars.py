"""The model's probabilities of the present cell as bars, likeliest class on top.

The home of pyqtgraph: the inspector imports this module when the first cell is shown, after the
window has been painted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wbc_desktop.domain.taxonomy import CellClass
from wbc_desktop.gui.theme import Theme, figures

SHOWN = 5
_ROW_HEIGHT = 22


@dataclass(frozen=True)
class Bar:
    """One bar: a class and its probability in [0, 1]."""

    cell_class: CellClass
    probability: float


class ProbabilityBars(QWidget):
    """Horizontal bars from 0 to 1 with code and value.

    Args:
        theme: Colours.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: Sequence[Bar] = ()
        self._plot = pg.PlotWidget(self)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.hideAxis("bottom")
        self._plot.setFixedHeight(SHOWN * _ROW_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        axis = self._plot.getAxis("left")
        axis.setTickFont(figures(self.font()))
        axis.setStyle(tickLength=0, tickTextOffset=6)
        axis.setWidth(44)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self._plot.setBackground(QColor(theme.window))
        axis = self._plot.getAxis("left")
        axis.setPen(pg.mkPen(None))
        axis.setTextPen(QColor(theme.text))
        self._draw()

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show the likeliest classes.

        Args:
            bars: In any order; the ``SHOWN`` likeliest are drawn.
        """
        self._bars = sorted(bars, key=lambda bar: -bar.probability)[:SHOWN]
        spoken = ", ".join(f"{b.cell_class.name} {b.probability:.0%}" for b in self._bars)
        self.setAccessibleName(f"Probabilities: {spoken}" if spoken else "No probabilities")
        self._draw()

    def _draw(self) -> None:
        theme = self._theme
        self._plot.clear()
        self._plot.setXRange(0, 1.22, padding=0)  # room for the figure behind a full bar
        self._plot.setYRange(-SHOWN + 0.5, 0.5, padding=0)
        rows = [-float(i) for i in range(len(self._bars))]
        self._plot.getAxis("left").setTicks(
            [[(y, bar.cell_class.code) for y, bar in zip(rows, self._bars, strict=True)]]
        )
        track = pg.mkBrush(QColor(theme.raised))
        for y, bar in zip(rows, self._bars, strict=True):
            value = bar.probability
            colour = pg.mkBrush(QColor(theme.class_colour(bar.cell_class)))
            for width, brush in ((1.0, track), (value, colour)):
                self._plot.addItem(
                    pg.BarGraphItem(x0=0, y=y, height=0.62, width=width, brush=brush, pen=None)
                )
            label = pg.TextItem(f"{value:.2f}", color=QColor(theme.text), anchor=(0, 0.5))
            label.setFont(figures(self.font()))
            label.setPos(1.0, y)
            self._plot.addItem(label)
