"""Files that the desktop asks a running program to open, as macOS does for a double click."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

_GATHER_MS = 100  # several folders dropped on the icon come one by one


class FileOpener(QObject):
    """Hands on what the desktop asks for, what comes at once together.

    Args:
        app: Receives the requests.
        take: Opens or imports what is named.
    """

    def __init__(self, app: QApplication, take: Callable[[Sequence[Path]], None]) -> None:
        super().__init__(app)
        self._take = take
        self._asked: list[Path] = []
        self._begun = False
        self._gathered = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._gathered.timeout.connect(self._hand_on)
        app.installEventFilter(self)

    def begin(self) -> list[Path]:
        """Hand on from now on; return what was asked for before, for the start to open."""
        self._begun = True
        early, self._asked = self._asked, []
        return early

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the requests, and leave every other event alone."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            self._asked.append(Path(event.file()))
            if self._begun:
                self._gathered.start()
            return True
        return super().eventFilter(watched, event)

    def _hand_on(self) -> None:
        asked, self._asked = self._asked, []
        self._take(asked)
