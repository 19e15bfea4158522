"""An evidence map over the large crop, framed where the network stopped looking; its legend.

The colours become lighter as the evidence grows, so that the order holds without colour too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from wbc_desktop.domain.cells.evidence import Evidence
from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, set_rank

LITTLE, MUCH = (0, 110, 120), (255, 235, 60)  # sRGB; neither is a colour of the stain
_OPAQUE = 0.65  # of the strongest evidence: the cell must stay visible
MEANING = (
    "What each of 4 × 4 fields of the network's last layer adds to the odds of this class, made "
    "smooth. It shows what the network went by, not where the cell ends. The dashed frame is what "
    "the network saw."
)
_STAINED = "#D9C2CE"  # a pale stain, so that the colours look as they do over a crop
_FRAME = QColor(255, 255, 255), QColor(0, 0, 0)


@dataclass(frozen=True)
class EvidenceOverlay:
    """A picture and the part of the crop it covers.

    Attributes:
        image: ARGB, premultiplied.
        area: In px of the crop; it may reach beyond its borders.
    """

    image: QImage
    area: QRectF


def overlay_of(evidence: Evidence) -> EvidenceOverlay:
    """Return the overlay of an evidence map, placed where the network looked."""
    half = evidence.side / 2
    area = QRectF(evidence.x - half, evidence.y - half, evidence.side, evidence.side)
    return EvidenceOverlay(heat_image(evidence.heat()), area)


def heat_image(heat: NDArray[np.float32]) -> QImage:
    """Return a picture of a map.

    Args:
        heat: float32 (h, w), 0..1; 0 is wholly transparent.
    """
    rgba = np.empty((*heat.shape, 4), dtype=np.float32)
    little, much = np.array(LITTLE, np.float32), np.array(MUCH, np.float32)
    rgba[..., :3] = little + heat[..., None] * (much - little)
    rgba[..., 3] = 255.0 * _OPAQUE * heat**0.8
    data = np.ascontiguousarray(np.rint(rgba).astype(np.uint8))
    height, width = heat.shape
    image = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def paint_overlay(painter: QPainter, overlay: EvidenceOverlay, target: QRectF, width: int) -> None:
    """Paint an overlay over a crop.

    Args:
        painter: Of the view.
        overlay: The map.
        target: Where the crop is drawn, in the view.
        width: Of the crop, in its px.
    """
    scale = target.width() / width
    area = overlay.area
    covered = QRectF(
        target.x() + area.x() * scale,
        target.y() + area.y() * scale,
        area.width() * scale,
        area.height() * scale,
    )
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(covered, overlay.image)
    for colour, dashes in zip(_FRAME, ([], [3, 3]), strict=True):
        pen = QPen(colour, 1)
        if dashes:
            pen.setDashPattern(dashes)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(covered.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


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
        grid.addWidget(_ColourRamp(self), 1, 1)
        grid.addWidget(ends[1], 1, 2)
        grid.addWidget(self._classes, 1, 3)
        grid.setColumnStretch(1, 1)

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def show_classes(self, classes: Sequence[CellClass], chosen: str | None) -> None:
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


class _ColourRamp(QWidget):
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
