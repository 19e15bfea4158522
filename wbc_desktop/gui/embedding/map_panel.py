"""The panel of the embedding map: what its colours mean, the map, and what is missing on it.

It stands beside the gallery, so that what the lasso selects is seen as cells at once. The map
itself is made when the panel is first opened, because its library loads only then.
"""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.embedding.map_points import ColourBy, Points
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, Theme, figures, set_rank

if TYPE_CHECKING:  # the window is painted before pyqtgraph loads
    import numpy as np
    from numpy.typing import NDArray

    from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot

COLOURS = {
    ColourBy.CLASS: "By class",
    ColourBy.CONFIDENCE: "By confidence",
    ColourBy.PATIENT: "By patient",
    ColourBy.STATUS: "By review state",
}
_HINT = (
    "Drag a line around cells to select them, with Shift to add. Wheel: zoom. Right button: move.\n"
    "Keys: arrows, + and −, Home for all, Ctrl+A selects what is in view, Esc nothing."
)


class EmbeddingMap(QWidget):
    """Colours, map, legend and state.

    Signals:
        colour_changed: A ``ColourBy``.
        compute_asked: The missing embeddings shall be computed.
        closed: The panel shall go.
    """

    colour_changed = Signal(object)
    compute_asked = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.plot: EmbeddingPlot | None = None
        self._colour = QComboBox(self)
        for by, text in COLOURS.items():
            self._colour.addItem(text, by)
        self._colour.setToolTip("What the colours say")
        self._colour.setAccessibleName("What the colours of the map say")
        self._colour.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._colour.setMinimumContentsLength(9)
        self._colour.currentIndexChanged.connect(
            lambda: self.colour_changed.emit(self._colour.currentData())
        )
        self.fit_button = self._button("Fit", "Show the whole map (Home)")
        self.select_button = self._button("Select in view", "Select all cells in view (Ctrl+A)")
        close = self._button("×", "Hide the map (P)")
        close.setAccessibleName("Hide the map")
        close.clicked.connect(self.closed)
        self._empty = QLabel(self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._ground = QStackedWidget(self)
        self._ground.addWidget(self._empty)
        self._legend = QLabel(self)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._state = WrappedLabel(self)
        self._state.setFont(figures(self.font()))
        set_rank(self._state, "second")
        self.compute_button = self._button("Compute", "Compute what is missing; Ctrl+. stops it")
        self.compute_button.clicked.connect(self.compute_asked)
        self.compute_button.hide()
        self._lay_out(close)
        self.setAccessibleName("Embedding map")
        self.hide()

    @property
    def colour_by(self) -> ColourBy:
        """What the colours say."""
        by: ColourBy = self._colour.currentData()
        return by

    @property
    def state(self) -> str:
        """What is said below the map."""
        return self._state.text()

    @property
    def empty_text(self) -> str:
        """Why there is no map, as last said."""
        return self._empty.text()

    def ensure_plot(self) -> "EmbeddingPlot":
        """Make the map, the first time; return it."""
        from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot

        if self.plot is None:
            self.plot = EmbeddingPlot(self.theme, self)
            self.plot.setToolTip(_HINT)
            self._ground.addWidget(self.plot)
            plot = self.plot
            self.fit_button.clicked.connect(plot.fit)
            self.select_button.clicked.connect(lambda: plot.chosen.emit(plot.in_view(), False))
        return self.plot

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme, and ask for the points in its colours."""
        self.theme = theme
        if self.plot is not None:
            self.plot.set_theme(theme)
            self.colour_changed.emit(self.colour_by)

    def show_points(self, points: Points, selected: "NDArray[np.bool_]") -> None:
        """Show the cells and what their colours mean."""
        plot = self.ensure_plot()
        self._ground.setCurrentWidget(plot)
        plot.show_points(points, selected)
        plot.setAccessibleName(
            f"Embedding map of {len(points.rows):,} cells, {int(selected.sum()):,} selected"
        )
        marks = f'<span style="color:{self.theme.text2}">● model &nbsp;◆ person</span>'
        lines = [
            f'<span style="color:{key.colour}">■</span>&nbsp;{escape(key.text)}'
            for key in points.colouring.used()
        ]
        self._legend.setText(" &nbsp; ".join([marks, *lines]))
        self._legend.setToolTip(
            "A disc is the model's class, a diamond a person's label. Grey: filtered out.\n"
            + ", ".join(f"{k.text}: {k.name}" for k in points.colouring.used() if k.text != k.name)
        )

    def show_empty(self, text: str) -> None:
        """Say why there is no map."""
        self._empty.setText(text)
        self._legend.clear()
        self._ground.setCurrentWidget(self._empty)

    def show_state(self, text: str, *, compute: str = "") -> None:
        """Say how far the map is.

        Args:
            text: One sentence.
            compute: What the button to compute missing embeddings says; empty for no button.
        """
        self._state.setText(text)
        self.compute_button.setText(compute)
        self.compute_button.setVisible(bool(compute))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Half of a middling centre."""
        return QSize(420, 420)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self, close: QToolButton) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row in (head, foot):
            row.setContentsMargins(SMALL, TIGHT, SMALL, TIGHT)
            row.setSpacing(TIGHT)
        head.addWidget(self._colour)
        head.addStretch(1)
        for button in (self.fit_button, self.select_button, close):
            head.addWidget(button)
        foot.addWidget(self._state, 1)
        foot.addWidget(self.compute_button)
        legend = QHBoxLayout()
        legend.setContentsMargins(MEDIUM, TIGHT, MEDIUM, 0)
        legend.addWidget(self._legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._ground, 1)
        column.addLayout(legend)
        column.addLayout(foot)
        self.setMinimumWidth(280)
