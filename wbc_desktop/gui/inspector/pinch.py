"""Pinching, as touch pads and touch screens tell it."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

_RANGE = (0.2, 5.0)  # of one event; what lies outside is noise


@dataclass(frozen=True, kw_only=True)
class Pinch:
    """One step of a pinch.

    Attributes:
        factor: How much larger it makes things, > 0.
        about: The point between the fingers, in the widget.
    """

    factor: float
    about: QPointF


def pinch_of(event: QEvent, widget: QWidget) -> Pinch | None:
    """Return the pinch that an event of a widget tells of, or None for any other event."""
    match event:
        case QNativeGestureEvent():
            if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
                return None
            return Pinch(factor=_held(1.0 + event.value()), about=event.position())
        case QGestureEvent():
            gesture = event.gesture(Qt.GestureType.PinchGesture)
            if not isinstance(gesture, QPinchGesture):
                return None
            about = QPointF(widget.mapFromGlobal(gesture.centerPoint()))
            return Pinch(factor=_held(gesture.scaleFactor()), about=about)
    return None


def _held(factor: float) -> float:
    return min(max(factor, _RANGE[0]), _RANGE[1])
