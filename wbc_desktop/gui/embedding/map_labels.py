"""The names that stand on the map, each at its points, so that colour is never alone."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from wbc_desktop.gui.embedding.map_points import Points
from wbc_desktop.gui.widgets.theme import Theme, section_head

_FEWEST = 5  # points that are worth a name
_SHARE = 0.004  # of all points
_HALO = 4.0  # px
_TOP = 0.95  # share of a group's points that lie below its name
_ABOVE = 5.0  # px between name and points
_LONGEST = 110.0  # px; longer names are cut


def names(points: Points, places: NDArray[np.float64]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the names large enough to stand on the map and their places, the largest first.

    Args:
        points: n cells.
        places: float64 (n, 2), where they lie.
    """
    shown = np.flatnonzero(points.shown)
    codes = points.colouring.codes[shown]
    counts = np.bincount(codes, minlength=len(points.colouring.keys))
    least = max(_FEWEST, _SHARE * len(shown))
    found = []
    for code in np.argsort(-counts, kind="stable").tolist():
        if counts[code] >= least:
            x, y = places[shown[codes == code]].T
            # Quantiles: a few strays do not draw the name into empty ground.
            top = np.array([np.median(x), np.quantile(y, _TOP)])
            found.append((points.colouring.keys[code].text, top))
    return found


def paint_names(
    painter: QPainter, named: Iterable[tuple[str, QPointF]], area: QRect, *, theme: Theme
) -> None:
    """Paint names, each above its points; one that would cover an earlier one is left out.

    Args:
        painter: In the pixels of the widget.
        named: Each name and the pixel above which it stands.
        area: The widget.
        theme: The colours.
    """
    font = section_head(painter.font())
    metrics = QFontMetricsF(font)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    taken: list[QRectF] = []
    for name, top in named:
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST)
        box = metrics.boundingRect(text)
        box.moveCenter(top)
        box.moveBottom(top.y() - _ABOVE)
        if not QRectF(area).contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box.adjusted(-2, -1, 2, 1))
        path = QPainterPath()
        path.addText(QPointF(box.left(), box.bottom() - metrics.descent()), font, text)
        halo = QPen(QColor(theme.surface), _HALO)
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, halo)
        painter.fillPath(path, QColor(theme.text))
    painter.restore()
