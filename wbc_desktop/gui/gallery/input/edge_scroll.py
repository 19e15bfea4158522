"""Scrolling by itself while a band or a drag is held near the edge of the view."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

_INTERVAL_MS = 16
_ZONE_TOP, _ZONE_BOTTOM = 14, 36  # narrow at the top, where the header is a target itself
_FASTEST = 40  # pixels a step


class EdgeScroll(QObject):
    """Scrolls an area while the mouse is near or beyond its upper or lower edge.

    Args:
        area: What is scrolled.
        on_scroll: Called after each step.
    """

    def __init__(self, area: QAbstractScrollArea, on_scroll: Callable[[], None]) -> None:
        super().__init__(area)
        self._area = area
        self._on_scroll = on_scroll
        self._step = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._scroll)

    def follow(self, y: int) -> None:
        """Start, steer or stop by the height of the mouse in the viewport."""
        height = self._area.viewport().height()
        if y < _ZONE_TOP:
            depth = y - _ZONE_TOP
        elif y > height - _ZONE_BOTTOM:
            depth = y - (height - _ZONE_BOTTOM)
        else:
            self.stop()
            return
        self._step = max(-_FASTEST, min(_FASTEST, round(depth / 2)))
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Stand still."""
        self._timer.stop()

    def _scroll(self) -> None:
        bar = self._area.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + self._step)
        if bar.value() == before:
            self.stop()
            return
        self._on_scroll()
