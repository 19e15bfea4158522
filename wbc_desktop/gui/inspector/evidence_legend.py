"""What an evidence map means: shown below the crop while the map is switched on."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.inspector.evidence_overlay import heat_image
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, set_rank
from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel

MEANING = (
    "What each of 4 × 4 fields of the network's last layer adds to the odds of this class, made "
    "smooth. It shows what the network went by, not where the cell ends. The dashed frame is what "
    "the network saw."
)
_STAINED = "#D9C2CE"  # a pale stain, so that the colours look as they do over a crop


class EvidenceLegend(QWidget):
    """A sentence, a scale of colours, and the class whose evidence is shown.

    Signals:
        class_chosen: The class id whose evidence the reader wants to see.
    """

    class_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = WrappedLabel(self)
        self._text.setToolTip(MEANING)
        # Room for the usual sentence from the start, so that the crop keeps its size.
        self._text.setMinimumHeight(2 * self._text.fontMetrics().lineSpacing())
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._classes = QComboBox(self)
        self._classes.setAccessibleName("Class whose evidence is shown")
        self._classes.setToolTip("Show the evidence for another class")
        self._classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._classes.activated.connect(self._tell)
        ends = [QLabel(word, self) for word in ("little", "much")]
        for end in ends:
            set_rank(end, "second")
        grid = QGridLayout(self)
        grid.setContentsMargins(MEDIUM, TIGHT, MEDIUM, TIGHT)
        grid.setHorizontalSpacing(SMALL)
        grid.setVerticalSpacing(TIGHT)
        grid.addWidget(self._text, 0, 0, 1, 4)
        grid.addWidget(ends[0], 1, 0)
        grid.addWidget(_Ramp(self), 1, 1)
        grid.addWidget(ends[1], 1, 2)
        grid.addWidget(self._classes, 1, 3)
        grid.setColumnStretch(1, 1)

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def offer(self, classes: Sequence[CellClass], chosen: str | None) -> None:
        """Offer classes to choose from.

        Args:
            classes: Likeliest first.
            chosen: Id of the one whose evidence is shown, or None.
        """
        with QSignalBlocker(self._classes):
            self._classes.clear()
            for cell_class in classes:
                self._classes.addItem(cell_class.code, cell_class.id)
                last = self._classes.count() - 1
                self._classes.setItemData(last, cell_class.name, Qt.ItemDataRole.ToolTipRole)
                if cell_class.id == chosen:
                    self._classes.setCurrentIndex(last)
        self._classes.setEnabled(len(classes) > 1)

    def say(self, text: str, *, warning: bool = False) -> None:
        """Say what the map shows, or why there is none."""
        self._text.setText(text)
        set_rank(self._text, "warning" if warning else "")

    def _tell(self) -> None:
        self.class_chosen.emit(self._classes.currentData())


class _Ramp(QWidget):
    """The colours of the map from little to much evidence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours from little to much evidence")
        self._colours = heat_image(np.linspace(0, 1, 64, dtype=np.float32)[None])

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A strip."""
        return QSize(80, MEDIUM)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A short strip."""
        return QSize(32, MEDIUM)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(_STAINED))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._colours)
        painter.setPen(self.palette().mid().color())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
