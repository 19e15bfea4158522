"""The picture of a reference tile: every cell at the same scale, as far as its scale is known."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from wbc_desktop.gui.widgets.theme import STAGE

FIELD_UM = 25.0  # what a tile shows across: the window that the network sees
_SMOOTH_UP_TO = 4.0


def picture(image: QImage, um_per_px: float | None, *, side: int) -> QImage:
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
