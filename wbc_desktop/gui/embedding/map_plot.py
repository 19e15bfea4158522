"""The map itself: points that pan and zoom, and a lasso.

A home of pyqtgraph: the map imports this module when it is first opened, after the window
has been painted. pyqtgraph keeps the range and the aspect; the points are painted by
``map_raster``, because its own scatter plot takes a tenth of a second for 100,000 of them.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from wbc_desktop.gui.embedding.map_points import Points, layers
from wbc_desktop.gui.embedding.map_raster import Layer, raster, rgb, within
from wbc_desktop.gui.widgets.theme import Theme, section_head

_REACH = 8.0  # px from a point at which it is meant
_STILL = 4.0  # px the mouse may move in a click
_STEP = 3.0  # px between two corners of a lasso
_ZOOM, _PAN = 1.25, 0.15
_NOTCH = 120  # of a mouse wheel, in eighths of a degree
_NAME_MIN_POINTS = 5  # a group of fewer gets no name
_NAME_MIN_SHARE = 0.004  # of all points
_NAME_HALO = 4.0  # px
_NAME_TOP = 0.95  # share of a group's points that lie below its name
_NAME_GAP = 5.0  # px between name and points
_NAME_MAX_WIDTH = 110.0  # px; longer names are cut
_ADDS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class EmbeddingPlot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Points of cells.

    Signals:
        chosen: int64 array of points within the lasso or picked, and whether they are added to
            those selected before.
        cleared: Nothing shall be selected.
        left: The keyboard shall go back to the gallery.

    Attributes:
        describe: Says in words what a point is.
    """

    chosen = Signal(object, bool)
    cleared = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self._theme = theme
        self.describe: Callable[[int], str] = str
        self._positions: NDArray[np.float64] = np.empty((0, 2))
        self._points: Points | None = None
        self._selected: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._layers: list[Layer] = []
        self._image: QImage | None = None
        self._names: list[tuple[str, NDArray[np.float64]]] = []
        self._lasso: list[QPointF] = []
        self._dragged_from: QPointF | None = None
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, lockAspect=1.0)
        self._box.setBorder(None)
        self.setCentralItem(self._box)
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # the points are its background
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self._box.sigRangeChanged.connect(self._redraw)
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self._arrange()

    def show_positions(self, positions: NDArray[np.float32]) -> None:
        """Put the points there, float32 (n, 2) within −1 … 1; the view stays where it is."""
        self._positions = positions.astype(np.float64)
        self._arrange()

    def show_points(self, points: Points, selected: NDArray[np.bool_]) -> None:
        """Show colours, marks and selection, bool (n,), of the points."""
        self._points = points
        self._selected = selected
        self._arrange()

    def fit(self) -> None:
        """Show the whole map."""
        self._box.setRange(xRange=(-1, 1), yRange=(-1, 1), padding=0.06)

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Show more or less of the map, around a place of the widget or its middle."""
        centre = (
            None if around is None else self._box.mapSceneToView(self.mapToScene(around.toPoint()))
        )
        self._box.scaleBy((1 / factor, 1 / factor), center=centre)

    def pan(self, right: float, up: float) -> None:
        """Move by shares of what is in view."""
        (left, other), (low, high) = self._box.viewRange()
        self._box.translateBy(x=right * (other - left), y=up * (high - low))

    def in_view(self) -> NDArray[np.int64]:
        """Return the points in view that can be selected, int64."""
        pixels = self._pixels()
        inside = (pixels >= 0) & (pixels < (self.width(), self.height()))
        return self._selectable(np.logical_and(inside[:, 0], inside[:, 1]))

    def lasso(self) -> list[QPoint]:
        """Return the corners of the lasso that is being drawn, in the widget."""
        return [corner.toPoint() for corner in self._lasso]

    def position_of(self, point: int) -> QPointF:
        """Return where a point stands in the widget."""
        x, y = self._pixels()[point]
        return QPointF(x, y)

    def drawBackground(self, painter: QPainter, _rect: QRectF) -> None:  # noqa: N802 - Qt's name
        """Paint the points."""
        painter.save()
        painter.resetTransform()
        if self._image is None:
            self._image = self._painted()
        painter.drawImage(0, 0, self._image)
        named = [(text, QPointF(*self._to_pixels(place))) for text, place in self._names]
        _paint_names(painter, named, self.rect(), theme=self._theme)
        painter.restore()

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:  # noqa: N802 - Qt's name
        """Paint the lasso, and a frame while the map has the keyboard."""
        painter.save()
        painter.resetTransform()
        accent = QColor(self._theme.accent)
        if self.hasFocus():
            painter.setPen(QPen(accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        if len(self._lasso) > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(accent, 1.5, Qt.PenStyle.DashLine))
            accent.setAlpha(40)
            painter.setBrush(accent)
            painter.drawPolygon(QPolygonF(self._lasso))
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a lasso with the left button, a move of the map with another."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton:
            self._lasso = [event.position()]
        else:
            self._dragged_from = event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the lasso, or move the map."""
        here = event.position()
        if self._lasso and (here - self._lasso[-1]).manhattanLength() >= _STEP:
            self._lasso.append(here)
            self.viewport().update()
        elif self._dragged_from is not None:
            moved = here - self._dragged_from
            self._dragged_from = here
            self.pan(-moved.x() / self.width(), moved.y() / self.height())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose what the lasso holds, or the cell that was clicked."""
        self._dragged_from = None
        self.viewport().unsetCursor()
        lasso, self._lasso = self._lasso, []
        self.viewport().update()
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton or not lasso:
            return
        adds = bool(event.modifiers() & _ADDS)
        corners = np.array([(p.x(), p.y()) for p in lasso])
        if np.ptp(corners, axis=0).max() < _STILL:
            point = self._point_at(event.position())
            self.chosen.emit(np.array([] if point is None else [point], np.int64), adds)
        else:
            self.chosen.emit(self._selectable(within(corners, self._pixels())), adds)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take it for a click."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom around the mouse."""
        self.zoom(_ZOOM ** (event.angleDelta().y() / _NOTCH), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move, zoom and select by keyboard; leave the other keys to the window."""
        act = self._acts().get(event.key())
        if event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.chosen.emit(self.in_view(), False)
        elif act is not None and not event.modifiers() & _ADDS:
            act()
        else:
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Say what the point under the mouse is; beside all points, what the mouse can do."""
        if isinstance(event, QHelpEvent):
            point = self._point_at(QPointF(event.pos()))
            words = self.toolTip() if point is None else self.describe(point)
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return bool(super().viewportEvent(event))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew."""
        super().resizeEvent(event)
        self._image = None

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show the frame."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Hide the frame."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _acts(self) -> dict[int, Callable[[], None]]:
        keys = Qt.Key
        return {
            keys.Key_Left: lambda: self.pan(-_PAN, 0),
            keys.Key_Right: lambda: self.pan(_PAN, 0),
            keys.Key_Up: lambda: self.pan(0, _PAN),
            keys.Key_Down: lambda: self.pan(0, -_PAN),
            keys.Key_PageUp: lambda: self.zoom(_ZOOM),
            keys.Key_Plus: lambda: self.zoom(_ZOOM),
            keys.Key_PageDown: lambda: self.zoom(1 / _ZOOM),
            keys.Key_Minus: lambda: self.zoom(1 / _ZOOM),
            keys.Key_Home: self.fit,
            keys.Key_Escape: self.cleared.emit,
            keys.Key_Return: self.left.emit,
            keys.Key_Enter: self.left.emit,
        }

    def _pixels(self) -> NDArray[np.float64]:
        """Return where the points stand in the widget, float64 (n, 2), right and down."""
        return self._to_pixels(self._positions)

    def _to_pixels(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn positions on the map, float64 (…, 2), into pixels of the widget."""
        (left, right), (low, high) = self._box.viewRange()
        scale = (self.width() / (right - left), -self.height() / (high - low))
        return np.asarray((positions - (left, high)) * scale, np.float64)

    def _arrange(self) -> None:
        """Find anew what panning and zooming leave as it is: the layers, and names in the map."""
        self._layers, self._names = [], []
        if self._points is not None and self._fits():
            self._layers = layers(self._points, self._selected, theme=self._theme)
            if self._points.colouring.named:
                self._names = _names(self._points, self._positions)
        self._redraw()

    def _selectable(self, points: NDArray[np.bool_]) -> NDArray[np.int64]:
        if not self._fits() or self._points is None:
            return np.empty(0, np.int64)
        return np.flatnonzero(points & self._points.shown)

    def _point_at(self, place: QPointF) -> int | None:
        """Return the nearest point that can be selected, if one is near."""
        if not len(self._positions):
            return None
        away = self._pixels() - (place.x(), place.y())
        near = self._selectable(np.einsum("ij,ij->i", away, away) <= _REACH**2)
        if not len(near):
            return None
        return int(near[np.einsum("ij,ij->i", away[near], away[near]).argmin()])

    def _fits(self) -> bool:
        """False for the moment in which positions and points are of different cells."""
        return self._points is not None and len(self._points.rows) == len(self._positions)

    def _painted(self) -> QImage:
        ratio = self.devicePixelRatioF()
        size = (max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        pixels = raster(
            self._pixels() * ratio, self._layers, size=size, ground=rgb(self._theme.surface)
        )
        image = QImage(pixels.data, *size, 4 * size[0], QImage.Format.Format_RGB32).copy()
        image.setDevicePixelRatio(ratio)
        return image

    def _redraw(self, *_: object) -> None:
        self._image = None
        self.viewport().update()


def _names(points: Points, positions: NDArray[np.float64]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the names large enough to stand on the map and their positions, the largest first.

    Args:
        points: n cells.
        positions: float64 (n, 2), where they lie.
    """
    shown = np.flatnonzero(points.shown)
    codes = points.colouring.codes[shown]
    counts = np.bincount(codes, minlength=len(points.colouring.keys))
    least = max(_NAME_MIN_POINTS, _NAME_MIN_SHARE * len(shown))
    found = []
    for code in np.argsort(-counts, kind="stable").tolist():
        if counts[code] >= least:
            x, y = positions[shown[codes == code]].T
            # Quantiles: a few strays do not draw the name into empty ground.
            top = np.array([np.median(x), np.quantile(y, _NAME_TOP)])
            found.append((points.colouring.keys[code].text, top))
    return found


def _paint_names(
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
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _NAME_MAX_WIDTH)
        box = metrics.boundingRect(text)
        box.moveCenter(top)
        box.moveBottom(top.y() - _NAME_GAP)
        if not QRectF(area).contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box.adjusted(-2, -1, 2, 1))
        path = QPainterPath()
        path.addText(QPointF(box.left(), box.bottom() - metrics.descent()), font, text)
        halo = QPen(QColor(theme.surface), _NAME_HALO)
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, halo)
        painter.fillPath(path, QColor(theme.text))
    painter.restore()
