"""Drops keys and clicks that were made while the window could not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
    }
)


class InputGuard(QObject):
    """Keeps from the window what was meant for what it showed before.

    While a workspace opens, keys wait in a queue; without this they would label cells that nobody
    had seen when the keys were pressed.

    Args:
        app: Whose windows are guarded.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._held = 0

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Drop input until the block has ended and the queue is empty."""
        self._held += 1
        if self._held == 1:
            self._app.installEventFilter(self)
        try:
            yield
        finally:
            # A timer without a delay comes after the input that waits already.
            QTimer.singleShot(0, self, self._open)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take keys, clicks and the wheel, and leave every other event alone."""
        if event.type() in _INPUT:
            event.accept()  # an override that is accepted is no shortcut
            return True
        return super().eventFilter(watched, event)

    def _open(self) -> None:
        self._held -= 1
        if not self._held:
            self._app.removeEventFilter(self)
