"""The one place that stops the reader with a question or an error.

Controllers see the ``Dialogs`` protocol, which knows no Qt, so that a test answers for the reader.
Ask only what cannot be undone or cannot be guessed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.widgets.error_dialog import ErrorDialog


class Dialogs(Protocol):
    """What a controller may ask the person at the screen."""

    def error(self, error: UserError, *, technical: str = "") -> None:
        """Tell what happened, to which file, and what to do.

        Args:
            error: The message.
            technical: Text for a maintainer, folded away.
        """

    def choose_folder(self, title: str, *, start: str) -> Path | None:
        """Ask for a folder; None if the reader gives up."""

    def choose_file(
        self, title: str, *, start: str, patterns: Sequence[str], what: str = "Cell images"
    ) -> Path | None:
        """Ask for a file that exists; None if the reader gives up."""

    def choose_target(self, title: str, *, start: str, suffix: str) -> Path | None:
        """Ask where to write a file, with the question before one is replaced."""

    def ask_text(self, title: str, label: str, *, value: str) -> str | None:
        """Ask for a line of text; None if the reader gives up."""


class QtDialogs:
    """The dialogs on a real screen.

    Args:
        parent: The window they belong to.
    """

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def error(self, error: UserError, *, technical: str = "") -> None:
        """Tell what happened, to which file, and what to do."""
        dialog = ErrorDialog(error, technical=technical, parent=self._parent)
        dialog.exec()
        dialog.deleteLater()

    def choose_folder(self, title: str, *, start: str) -> Path | None:
        """Ask for a folder; None if the reader gives up."""
        name = QFileDialog.getExistingDirectory(self._parent, title, start)
        return Path(name) if name else None

    def choose_file(
        self, title: str, *, start: str, patterns: Sequence[str], what: str = "Cell images"
    ) -> Path | None:
        """Ask for a file that exists; None if the reader gives up."""
        wanted = f"{what} ({' '.join(patterns)});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, title, start, wanted)
        return Path(name) if name else None

    def choose_target(self, title: str, *, start: str, suffix: str) -> Path | None:
        """Ask where to write a file, with the question before one is replaced."""
        wanted = f"{suffix.upper()} file (*.{suffix})"
        name, _ = QFileDialog.getSaveFileName(self._parent, title, start, wanted)
        if not name:
            return None
        target = Path(name)
        return target if target.suffix else target.with_suffix(f".{suffix}")

    def ask_text(self, title: str, label: str, *, value: str) -> str | None:
        """Ask for a line of text; None if the reader gives up."""
        text, agreed = QInputDialog.getText(self._parent, title, label, text=value)
        return text.strip() if agreed else None
