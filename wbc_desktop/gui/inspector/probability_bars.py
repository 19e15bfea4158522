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

from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.widgets.confidence_text import confidence_words
from wbc_desktop.gui.widgets.theme import Theme, figures

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
        self._tracks, self._lengths = _empty_bars(), _empty_bars()
        self._values = [pg.TextItem(anchor=(0, 0.5)) for _ in range(SHOWN)]
        self._make_items()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self._plot.setBackground(QColor(theme.window))
        axis = self._plot.getAxis("left")
        axis.setPen(pg.mkPen(None))
        axis.setTextPen(QColor(theme.text))
        for value in self._values:
            value.setColor(QColor(theme.text))
        self._draw()

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
        self._draw()

    def _make_items(self) -> None:
        """Put the items into the plot once; drawing only changes them."""
        for item in (self._tracks, self._lengths):
            self._plot.addItem(item)
        for row, value in enumerate(self._values):
            value.setFont(figures(self.font()))
            value.setPos(1.0, -row)
            self._plot.addItem(value)
        self._plot.setXRange(0, 1.26, padding=0)  # room for the figure behind a full bar
        self._plot.setYRange(-SHOWN + 0.5, 0.5, padding=0)

    def _draw(self) -> None:
        rows = [-float(i) for i in range(len(self._bars))]
        codes = [bar.cell_class.code for bar in self._bars]
        self._plot.getAxis("left").setTicks([list(zip(rows, codes, strict=True))])
        track = pg.mkBrush(QColor(self._theme.raised))
        colours = [self._theme.class_colour(bar.cell_class) for bar in self._bars]
        self._tracks.setOpts(y=rows, width=[1.0] * len(rows), brush=track)
        self._lengths.setOpts(
            y=rows,
            width=[bar.probability for bar in self._bars],
            brushes=[pg.mkBrush(QColor(colour)) for colour in colours],
        )
        for i, value in enumerate(self._values):
            value.setText(
                confidence_words(self._bars[i].probability) if i < len(self._bars) else ""
            )


def _empty_bars() -> pg.BarGraphItem:
    return pg.BarGraphItem(x0=0, y=[], height=0.62, width=[], pen=pg.mkPen(None))
