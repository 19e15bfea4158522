"""An evidence map over the large crop: translucent, and framed where the network stopped looking.

The colours become lighter as the evidence grows, so that the order holds without colour too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from wbc_desktop.domain.cells.evidence import Evidence

LITTLE, MUCH = (0, 110, 120), (255, 235, 60)  # sRGB; neither is a colour of the stain
_OPAQUE = 0.65  # of the strongest evidence: the cell must stay visible
_FRAME = QColor(255, 255, 255), QColor(0, 0, 0)


@dataclass(frozen=True)
class Overlay:
    """A picture and the part of the crop it covers.

    Attributes:
        image: ARGB, premultiplied.
        place: In px of the crop; it may reach beyond its borders.
    """

    image: QImage
    place: QRectF


def overlay_of(evidence: Evidence) -> Overlay:
    """Return the overlay of an evidence map, placed where the network looked."""
    half = evidence.side / 2
    place = QRectF(evidence.x - half, evidence.y - half, evidence.side, evidence.side)
    return Overlay(heat_image(evidence.heat()), place)


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


def paint_overlay(painter: QPainter, overlay: Overlay, target: QRectF, width: int) -> None:
    """Paint an overlay over a crop.

    Args:
        painter: Of the view.
        overlay: The map.
        target: Where the crop is drawn, in the view.
        width: Of the crop, in its px.
    """
    scale = target.width() / width
    place = overlay.place
    covered = QRectF(
        target.x() + place.x() * scale,
        target.y() + place.y() * scale,
        place.width() * scale,
        place.height() * scale,
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
