"""A short, calm glow around cells that an undo or a redo has changed, so that the eye finds them.

It lies in the frame of a tile, never on its crop, and is left out where the desktop asks for no
animations.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEasingCurve, QObject, QRect, QVariantAnimation
from PySide6.QtGui import QColor, QPainter

_DURATION = 900  # ms
_STEPS = 12  # different strengths: no more repaints than the eye can tell


class Flash:
    """Cells that glow, and how strongly just now.

    Args:
        on_change: Called when they must be painted anew.
        owner: What is painted; nothing fades any more once it is gone.
    """

    def __init__(self, on_change: Callable[[], None], owner: QObject) -> None:
        self._on_change = on_change
        self._cells: frozenset[int] = frozenset()
        self._strength = 0
        self._fading = QVariantAnimation(owner)
        self._fading.setDuration(_DURATION)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._fading.valueChanged.connect(self._fade)

    @property
    def cells(self) -> frozenset[int]:
        """The cells that glow now."""
        return self._cells if self._strength else frozenset()

    def start(self, cell_ids: Iterable[int]) -> None:
        """Let cells glow and fade; those of an earlier call stop."""
        self.stop()
        self._cells = frozenset(cell_ids)
        if self._cells:
            self._strength = _STEPS
            self._fading.start()

    def stop(self) -> None:
        """Let nothing glow."""
        self._fading.stop()
        self._fade(0.0)

    def paint(
        self, painter: QPainter, frame: QRect, cell_id: int, *, width: int, colour: QColor
    ) -> None:
        """Paint the glow of a tile, if it has one.

        Args:
            painter: Where to.
            frame: The tile's rectangle with its frame.
            cell_id: The cell on it.
            width: Of the frame around crop and caption.
            colour: At full strength.
        """
        if not self._strength or cell_id not in self._cells:
            return
        shade = QColor(colour)
        shade.setAlphaF(self._strength / _STEPS)
        inner = frame.adjusted(width, width, -width, -width)
        for side in (
            QRect(frame.left(), frame.top(), frame.width(), width),
            QRect(frame.left(), inner.bottom() + 1, frame.width(), width),
            QRect(frame.left(), inner.top(), width, inner.height()),
            QRect(inner.right() + 1, inner.top(), width, inner.height()),
        ):
            painter.fillRect(side, shade)

    def _fade(self, value: object) -> None:
        strength = round(float(str(value)) * _STEPS)
        if strength != self._strength:
            self._strength = strength
            self._on_change()
