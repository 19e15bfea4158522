"""File > Open recent: the recent workspaces while another one is open."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, set_rank
from wbc_desktop.gui.workspace.recent_list import RecentList


class RecentDialog(QDialog):
    """The list of recent workspaces.

    Signals:
        browse_asked: Another workspace is to be looked for.
    """

    browse_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open recent workspace")
        self.list = RecentList(self)
        self._hint = QLabel("The one opened last stands first.", self)
        set_rank(self._hint, "second")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.browse_button = buttons.addButton(
            "&Another one…", QDialogButtonBox.ButtonRole.ActionRole
        )
        # Enter in the list opens; a default button would take it as well.
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        self.browse_button.clicked.connect(self.browse_asked)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        layout.addWidget(self._hint)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.list.table.setFocus()
        self.resize(640, 320)
