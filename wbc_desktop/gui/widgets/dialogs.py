"""The one place that stops the reader with a question or an error.

Controllers see the ``Dialogs`` protocol, which knows no Qt, so that a test answers for the reader.
Ask only what cannot be undone or cannot be guessed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.widgets.collapsible_section import CollapsibleSection
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, SMALL, section_head, set_rank

_WIDTH, _WIDE = 460, 720  # folded, and with the details open
_DETAILS_HEIGHT = 220


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


class ErrorDialog(QDialog):
    """Tells of an error.

    Args:
        error: What happened, in the reader's words.
        technical: Text for a maintainer, folded away; empty if there is none.
        parent: The window.
    """

    def __init__(
        self, error: UserError, *, technical: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("WBC Desktop")
        parts = (error.title, error.detail, error.advice, technical)
        self._whole = "\n\n".join(part.strip() for part in parts if part.strip())
        self._lines = [self._line(text) for text in parts[:3] if text]
        self._lines[0].setFont(section_head(self.font()))
        if error.detail:
            set_rank(self._lines[1], "second")
        self.details = self._made_details(technical)
        self.fold = CollapsibleSection("Details", self.details, self)
        self.fold.set_open(False)
        self.fold.setVisible(bool(technical))
        self.fold.toggled.connect(self._take_size)
        self.copy_button = QPushButton("&Copy", self)
        self.copy_button.setToolTip("Copy all of this text; it may name files and patients")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self.copy)
        self._lay_out()

    @property
    def text(self) -> str:
        """All that can be read here, the details too."""
        return self._whole

    def copy(self) -> None:
        """Put the whole text onto the clipboard."""
        QGuiApplication.clipboard().setText(self._whole)
        self.copy_button.setText("Copied")

    def _line(self, text: str) -> WrappedLabel:
        line = WrappedLabel(self)
        line.setText(text)
        return line

    def _made_details(self, technical: str) -> QPlainTextEdit:
        details = QPlainTextEdit(technical, self)
        details.setReadOnly(True)
        details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        details.setFixedHeight(_DETAILS_HEIGHT)
        details.setTabChangesFocus(True)
        details.setAccessibleName("Details")
        return details

    def _lay_out(self) -> None:
        icon = QLabel(self)
        sign = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(sign.pixmap(32, 32))
        text = QVBoxLayout()
        text.setSpacing(SMALL)
        for line in self._lines:
            text.addWidget(line)
        text.addWidget(self.fold)
        head = QHBoxLayout()
        head.setSpacing(LARGE)
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(LARGE)
        layout.addLayout(head)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.resize(_WIDTH, self.heightForWidth(_WIDTH))

    def _take_size(self, _open: bool) -> None:
        self._layout.activate()
        wide = max(self.width(), _WIDE if self.fold.open else 0)
        self.resize(wide, max(self.sizeHint().height(), self.heightForWidth(wide)))
