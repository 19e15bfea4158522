"""The large crop: zoom by wheel or pinch around the cursor, pan by dragging, 1:1 or fit by one key.

Pixels stay as they are: smooth when made smaller, nearest neighbour from four times on. They are
changed, or something is drawn over them, only where the reader asks for it.
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from wbc_desktop.gui.inspector.evidence_overlay import EvidenceOverlay, paint_overlay
from wbc_desktop.gui.inspector.tones import Tones, apply_tones
from wbc_desktop.gui.widgets.theme import STAGE

_STEP = 1.2
_LARGEST = 32.0
_NEAREST_FROM = 4.0
_PAN = 32
_PINCH_RANGE = (0.2, 5.0)  # of one event; what lies outside is noise


class CropView(QWidget):
    """One crop on a neutral grey stage.

    Signals:
        zoom_changed: Device pixels per pixel of the crop.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = QImage()  # the crop as it came
        self._image = QImage()  # the crop in the tones the reader has set
        self._small = QImage()  # that at its present, smaller size
        self._tones = Tones()
        self._overlay: EvidenceOverlay | None = None
        self._zoom = 1.0  # device pixels per image pixel
        self._centre = QPointF()  # image point in the middle of the view
        self._fitted = True
        self._grip: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Large cell")
        self.setToolTip("Wheel or pinch zooms, dragging and arrow keys move it")
        self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def zoom(self) -> float:
        """Device pixels per pixel of the crop."""
        return self._zoom

    @property
    def has_image(self) -> bool:
        """True while a crop is shown."""
        return not self._source.isNull()

    @property
    def fitted(self) -> bool:
        """True while the whole crop is shown and follows the size of the view."""
        return self._fitted

    def set_image(self, image: QImage) -> None:
        """Show another crop; a null image empties the stage."""
        same_size = image.size() == self._source.size()
        self._source = image
        if image.isNull():
            self._overlay = None  # it belonged to the other cell
        self._apply_tones()
        if self._fitted or not same_size:
            self.fit()

    def set_tones(self, tones: Tones) -> None:
        """Show this and the following crops in other tones."""
        self._tones = tones
        self._apply_tones()

    def set_overlay(self, overlay: EvidenceOverlay | None) -> None:
        """Lay a map over the present crop, or take it away."""
        self._overlay = overlay
        self.update()

    def zoom_by(self, steps: float, *, anchor: QPointF | None = None) -> None:
        """Zoom in (above 0) or out by steps of a fifth.

        Args:
            steps: How many; need not be whole.
            anchor: Point of the view that stays where it is; its middle if left out.
        """
        middle = QPointF(self.rect().center())
        self._set_zoom(self._zoom * _STEP**steps, anchor=middle if anchor is None else anchor)

    def toggle_actual_size(self) -> None:
        """Show the crop pixel by pixel, or whole if it is shown so already."""
        if self._zoom == 1.0 and not self._fitted:
            self.fit()
        else:
            self._set_zoom(1.0, anchor=QPointF(self.rect().center()))

    def fit(self) -> None:
        """Show the whole crop as large as the view allows."""
        self._fitted = True
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        self._zoom = min(
            self.width() * ratio / self._image.width(), self.height() * ratio / self._image.height()
        )
        self._centre = QPointF(self._image.width() / 2, self._image.height() / 2)
        self._small = QImage()
        self.zoom_changed.emit(self._zoom)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Square and large."""
        return QSize(300, 300)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Still large enough to see a nucleus."""
        return QSize(160, 180)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep a fitted crop fitted."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom around the cursor."""
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(steps, anchor=event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching, on a touch pad or screen."""
        pinch = pinch_of(event, self)
        if pinch is None:
            return super().event(event)
        self._set_zoom(self._zoom * pinch.factor, anchor=pinch.anchor)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom and move by key."""
        moves = {
            Qt.Key.Key_Left: QPointF(_PAN, 0),
            Qt.Key.Key_Right: QPointF(-_PAN, 0),
            Qt.Key.Key_Up: QPointF(0, _PAN),
            Qt.Key.Key_Down: QPointF(0, -_PAN),
        }
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1)
        elif key is Qt.Key.Key_Minus:
            self.zoom_by(-1)
        elif key in moves:
            self._move(moves[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the crop."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the crop."""
        if self._grip is not None:
            self._move(event.position() - self._grip)
            self._grip = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        super().mouseReleaseEvent(event)
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Switch between 1:1 and the whole crop."""
        super().mouseDoubleClickEvent(event)
        self.toggle_actual_size()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the stage and the crop, and over it only what was asked for."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(STAGE))
        if not self._image.isNull():
            target = self._target()
            if self._zoom < 1:
                painter.drawImage(target, self._smaller())
            else:
                smooth = self._zoom < _NEAREST_FROM
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
                painter.drawImage(target, self._image)
            if self._overlay is not None:
                paint_overlay(painter, self._overlay, target, self._image.width())
        if self.hasFocus():
            painter.setPen(QPen(self.palette().accent().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _apply_tones(self) -> None:
        self._image = apply_tones(self._source, self._tones)
        self._small = QImage()
        self.update()

    def _target(self) -> QRectF:
        scale = self._zoom / self.devicePixelRatioF()
        size = QPointF(self._image.width() * scale, self._image.height() * scale)
        corner = QPointF(self.width() / 2, self.height() / 2) - self._centre * scale
        return QRectF(corner.x(), corner.y(), size.x(), size.y())

    def _smaller(self) -> QImage:
        # Painting with a transform samples only four pixels; scaling averages over all of them.
        size = QSize(
            max(1, round(self._image.width() * self._zoom)),
            max(1, round(self._image.height() * self._zoom)),
        )
        if self._small.size() != size:
            self._small = self._image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._small

    def _set_zoom(self, zoom: float, *, anchor: QPointF) -> None:
        """Zoom so that the crop's point under ``anchor`` stays there."""
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        whole = min(
            self.width() * ratio / self._image.width(), self.height() * ratio / self._image.height()
        )
        zoom = min(max(zoom, min(whole, 1.0)), _LARGEST)
        offset = anchor - QPointF(self.width() / 2, self.height() / 2)
        fixed = self._centre + offset * (ratio / self._zoom)
        self._zoom = zoom
        self._fitted = False
        self._centre = self._clamped(fixed - offset * (ratio / zoom))
        self.zoom_changed.emit(zoom)
        self.update()

    def _move(self, by: QPointF) -> None:
        if self._image.isNull():
            return
        self._fitted = False
        self._centre = self._clamped(self._centre - by * (self.devicePixelRatioF() / self._zoom))
        self.update()

    def _clamped(self, centre: QPointF) -> QPointF:
        """Keep the middle of the view on the crop, so that it cannot be lost."""
        return QPointF(
            min(max(centre.x(), 0.0), float(self._image.width())),
            min(max(centre.y(), 0.0), float(self._image.height())),
        )


@dataclass(frozen=True, kw_only=True)
class Pinch:
    """One step of a pinch.

    Attributes:
        factor: How much larger it makes things, > 0.
        anchor: The point between the fingers, in the widget.
    """

    factor: float
    anchor: QPointF


def pinch_of(event: QEvent, widget: QWidget) -> Pinch | None:
    """Return the pinch that an event of a widget tells of, or None for any other event."""
    match event:
        case QNativeGestureEvent():
            if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
                return None
            return Pinch(factor=_clamped_factor(1.0 + event.value()), anchor=event.position())
        case QGestureEvent():
            gesture = event.gesture(Qt.GestureType.PinchGesture)
            if not isinstance(gesture, QPinchGesture):
                return None
            anchor = QPointF(widget.mapFromGlobal(gesture.centerPoint()))
            return Pinch(factor=_clamped_factor(gesture.scaleFactor()), anchor=anchor)
    return None


def _clamped_factor(factor: float) -> float:
    return min(max(factor, _PINCH_RANGE[0]), _PINCH_RANGE[1])
