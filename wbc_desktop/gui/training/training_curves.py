"""Loss and macro-F1 of a training while it runs: two small curves above one another.

A home of pyqtgraph: the training panel imports this module when the first job starts, after
the window has been painted.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.training.view_models import CurvePoint
from wbc_desktop.gui.widgets.theme import Theme, figures

_HEIGHT = 190  # px for both
_AXIS = 44
_LOSS, _SCORE = "Loss", "Macro-F1"


class TrainingCurves(pg.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Loss above, macro-F1 below, over the same steps.

    Args:
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setVerticalSpacing(0)
        self._plots = {name: self._plot(row, name) for row, name in enumerate((_LOSS, _SCORE))}
        self._plots[_SCORE].setXLink(self._plots[_LOSS])
        self._plots[_LOSS].hideAxis("bottom")
        self._lines = {name: plot.plot([], []) for name, plot in self._plots.items()}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self.setBackground(QColor(theme.window))
        for name, plot in self._plots.items():
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(pg.mkPen(theme.border))
                axis.setTextPen(QColor(theme.text2))
            plot.setTitle(name, color=theme.text2, size="9pt", justify="left")
            self._lines[name].setPen(pg.mkPen(theme.accent, width=2))
            self._lines[name].setSymbolBrush(QColor(theme.accent))
            self._lines[name].setSymbolPen(None)

    def show_points(self, points: Sequence[CurvePoint]) -> None:
        """Show what the job has said so far; a curve without a figure is not shown."""
        values = {
            _LOSS: [(p.step, p.loss) for p in points if p.loss is not None],
            _SCORE: [(p.step, p.macro_f1) for p in points if p.macro_f1 is not None],
        }
        for name, line in self._lines.items():
            line.setSymbol("o" if len(values[name]) < 3 else None)  # two points are hardly a line
            line.setSymbolSize(6)
            line.setData([x for x, _ in values[name]], [y for _, y in values[name]])
            self._plots[name].setVisible(bool(values[name]))
        spoken = [f"{name} {found[-1][1]:.3f}" for name, found in values.items() if found]
        self.setAccessibleName(f"Training curves: {', '.join(spoken) or 'nothing yet'}")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the panel allows."""
        return QSize(240, _HEIGHT)

    def _plot(self, row: int, name: str) -> pg.PlotItem:
        plot = self.addPlot(row=row, col=0)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.getAxis("left").setWidth(_AXIS)
        for side in ("left", "bottom"):
            plot.getAxis(side).setTickFont(figures(self.font()))
            plot.getAxis(side).setStyle(tickLength=-4)
        if name == _SCORE:
            plot.setLimits(yMin=0, yMax=1)
        return plot
