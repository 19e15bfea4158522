"""The reports of what went wrong inside the program: to read, to copy, to find; never sent."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, set_rank
from wbc_desktop.gui.workspace.workspace_folders import with_tilde
from wbc_desktop.services.support.crash_reports import CrashReport

_NOTHING = "There are no reports: nothing has gone wrong inside the program."
_ABOUT = (
    "These reports lie on this computer only. They name no patients, cells or files of yours. "
    "If you want help, copy them into a mail to the developers yourself."
)


class CrashDialog(QDialog):
    """Shows reports, the newest first.

    Args:
        reports: What to show.
        folder: Where they lie, and the log beside them.
        parent: The window.
    """

    def __init__(
        self, reports: Sequence[CrashReport], *, folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Crash reports")
        self._folder = folder
        self.words = "\n".join(_titled(report) for report in reports)
        about = WrappedLabel(self)
        about.setText(_ABOUT if reports else _NOTHING)
        place = WrappedLabel(self)
        place.setText(f"Reports and log: {with_tilde(folder)}")
        set_rank(place, "second")
        text = QPlainTextEdit(self.words, self)
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setAccessibleName("Reports")
        text.setVisible(bool(reports))
        self.copy_button = QPushButton("&Copy", self)
        self.copy_button.setEnabled(bool(reports))
        self.copy_button.clicked.connect(self._copy)
        self.folder_button = QPushButton("Open &folder", self)
        self.folder_button.setEnabled(folder.is_dir())
        self.folder_button.clicked.connect(self._open_folder)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        for button in (self.copy_button, self.folder_button):
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        for widget in (about, text, place, buttons):
            layout.addWidget(widget, 1 if widget is text else 0)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()
        self.resize(720, 440 if reports else 140)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.words)
        self.copy_button.setText("Copied")

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def _titled(report: CrashReport) -> str:
    end = "The program was ended by this." if report.fatal else "The program went on."
    return f"Started {report.began:%Y-%m-%d %H:%M}. {end}\n{report.text}"
