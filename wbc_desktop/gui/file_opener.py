"""Files that the desktop asks a running program to open, as macOS does for a double click."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class FileOpener(QObject):
    """Hands on what the desktop asks for.

    Args:
        app: Receives the requests.
        take: Opens or imports what is named.
    """

    def __init__(self, app: QApplication, take: Callable[[Sequence[Path]], None]) -> None:
        super().__init__(app)
        self._take = take
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the requests, and leave every other event alone."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            self._take([Path(event.file())])
            return True
        return super().eventFilter(watched, event)
