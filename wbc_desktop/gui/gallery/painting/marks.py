"""The small signs on captions and headers, drawn as shapes so that they hold without colour.

Hollow dot: the model's label, nobody has looked. Filled dot: a person's label, with a tick where
it accepts the model, a chevron where it corrects it, a question mark where the reader left it
undecided and a cross where the cell is excluded.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from wbc_desktop.domain.review.review import Status

_KNOCKED_OUT: dict[Status, tuple[tuple[tuple[float, float], ...], ...]] = {
    Status.ACCEPTED: (((0.27, 0.53), (0.44, 0.70), (0.74, 0.34)),),
    Status.CORRECTED: (((0.40, 0.25), (0.66, 0.50), (0.40, 0.75)),),
    Status.EXCLUDED: (((0.31, 0.31), (0.69, 0.69)), ((0.31, 0.69), (0.69, 0.31))),
    Status.UNDECIDED: (
        ((0.36, 0.36), (0.43, 0.25), (0.57, 0.25), (0.64, 0.36), (0.62, 0.46), (0.50, 0.55)),
        ((0.50, 0.74), (0.50, 0.76)),
    ),
}


def review_mark(
    painter: QPainter, rect: QRectF, status: Status, *, ink: QColor, ground: QColor
) -> None:
    """Draw the dot of a review state.

    Args:
        painter: Where to.
        rect: A square.
        status: The state.
        ink: Colour of the dot.
        ground: Colour behind it.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if status is Status.UNREVIEWED:
        weight = max(1.4, rect.width() * 0.13)
        inset = weight / 2 + rect.width() * 0.12
        painter.setPen(QPen(ink, weight))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(inset, inset, -inset, -inset))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(rect)
        _strokes(painter, rect, _KNOCKED_OUT[status], ground)
    painter.restore()


def tick(painter: QPainter, rect: QRectF, ink: QColor) -> None:
    """Draw a tick: reviewed."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _strokes(painter, rect, (((0.12, 0.55), (0.40, 0.82), (0.88, 0.22)),), ink)
    painter.restore()


def flag(painter: QPainter, rect: QRectF, ink: QColor) -> None:
    """Draw a flag on its pole: flagged by a person."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, max(1.3, rect.width() * 0.12)))
    pole = _at(rect, 0.22, 0.06), _at(rect, 0.22, 0.96)
    painter.drawLine(*pole)
    cloth = ((0.22, 0.08), (0.92, 0.30), (0.22, 0.56))
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(QPolygonF([_at(rect, *point) for point in cloth]))
    painter.restore()


def diamond(painter: QPainter, rect: QRectF, ink: QColor) -> None:
    """Draw a hollow diamond: the scale of the crop is a guess."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, max(1.3, rect.width() * 0.12)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = ((0.5, 0.06), (0.92, 0.5), (0.5, 0.94), (0.08, 0.5))
    painter.drawPolygon(QPolygonF([_at(rect, *point) for point in corners]))
    painter.restore()


def plus(painter: QPainter, rect: QRectF, ink: QColor) -> None:
    """Draw a plus: a person saw more than the class."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _strokes(painter, rect, (((0.5, 0.2), (0.5, 0.8)), ((0.2, 0.5), (0.8, 0.5))), ink)
    painter.restore()


def chevron(painter: QPainter, rect: QRectF, ink: QColor, *, down: bool) -> None:
    """Draw the arrow of a header: down while its section is open."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    points = (0.2, 0.38), (0.5, 0.68), (0.8, 0.38)
    turned = points if down else tuple((y, x) for x, y in points)
    _strokes(painter, rect, (turned,), ink)
    painter.restore()


def _strokes(
    painter: QPainter,
    rect: QRectF,
    strokes: tuple[tuple[tuple[float, float], ...], ...],
    ink: QColor,
) -> None:
    pen = QPen(ink, max(1.3, rect.width() * 0.13))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in strokes:
        path = QPainterPath(_at(rect, *stroke[0]))
        for point in stroke[1:]:
            path.lineTo(_at(rect, *point))
        painter.drawPath(path)


def _at(rect: QRectF, x: float, y: float) -> QPointF:
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height())
