"""A list of recent workspaces: place, cells, last opened; missing ones are marked and removable."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, figures, set_rank
from wbc_desktop.gui.workspace.recent_workspaces import RecentWorkspace
from wbc_desktop.gui.workspace.workspace_folders import workspace_name

_FOLDER = Qt.ItemDataRole.UserRole
_LEAST_ROWS = 2
_GONE = "not there"


class RecentList(QWidget):
    """The list with its two buttons.

    Signals:
        open_asked: The folder of a workspace to open.
        remove_asked: The folder of a workspace to take off the list.
    """

    open_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = _Table(self)
        self.open_button = QPushButton("Op&en", self)
        self.open_button.setToolTip("Open the chosen workspace (Enter)")
        self.remove_button = QPushButton("Remove from the &list", self)
        self.remove_button.setToolTip("Forget it here (Delete); the workspace is not touched")
        for button in (self.open_button, self.remove_button):
            button.setAutoDefault(False)
        self.open_button.clicked.connect(self._open)
        self.remove_button.clicked.connect(self._remove)
        self.table.itemActivated.connect(self._open)
        self.table.delete_pressed.connect(self._remove)
        self.table.currentItemChanged.connect(self._enable)
        buttons = QHBoxLayout()
        buttons.setSpacing(SMALL)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SMALL)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        self._enable()

    def show_entries(self, entries: Sequence[RecentWorkspace]) -> None:
        """List workspaces; the chosen line stays where it was."""
        row = self.table.currentIndex().row()
        self.table.clear()
        for entry in entries:
            self.table.addTopLevelItem(_item(entry))
        self.table.updateGeometry()
        if entries:
            last = len(entries) - 1
            model = self.table.model()
            self.table.setCurrentIndex(model.index(min(max(row, 0), last), 0))
        self._enable()

    def mark_missing(self, there: Mapping[str, bool]) -> None:
        """Say which of the listed workspaces are not there now, by folder."""
        for row in range(self.table.topLevelItemCount()):
            item = self.table.topLevelItem(row)
            if item is not None and not there.get(str(item.data(0, _FOLDER)), True):
                item.setText(1, _GONE)
                for column in range(3):
                    item.setForeground(column, self.palette().placeholderText())
                    item.setToolTip(column, _why_gone(str(item.data(0, _FOLDER))))
        self._enable()

    def lines(self) -> list[tuple[str, str, str]]:
        """Return what is listed: name with place, cells, day."""
        items = (self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount()))
        return [(i.text(0), i.text(1), i.text(2)) for i in items if i is not None]

    def _chosen(self) -> str:
        item = self.table.currentItem()
        return str(item.data(0, _FOLDER)) if item is not None else ""

    def _open(self) -> None:
        if self._chosen():
            self.open_asked.emit(self._chosen())

    def _remove(self) -> None:
        if self._chosen():
            self.remove_asked.emit(self._chosen())

    def _enable(self) -> None:
        item = self.table.currentItem()
        self.open_button.setEnabled(item is not None and item.text(1) != _GONE)
        self.remove_button.setEnabled(item is not None)


class _Table(QTreeWidget):
    """Asks for the height of its lines, and does with less.

    Signals:
        delete_pressed: The Delete key was pressed.
    """

    delete_pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("table", True)
        self.setColumnCount(3)
        self.setHeaderLabels(["Workspace", "Cells", "Last opened"])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.headerItem().setTextAlignment(1, right)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(figures(self.font()))
        self.setAccessibleName("Recent workspaces")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for every line."""
        return QSize(480, self._height(self.topLevelItemCount()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the first lines; the others are scrolled to."""
        return QSize(240, self._height(min(_LEAST_ROWS, self.topLevelItemCount())))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of Delete, and leave Tab to the window."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Backspace from the window while the list has the keyboard."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
        ):
            event.accept()
            return True
        return super().event(event)

    def _height(self, rows: int) -> int:
        line = self.sizeHintForRow(0) if self.topLevelItemCount() else 0
        return self.header().sizeHint().height() + rows * max(line, 0) + 2 * self.frameWidth()


def _item(entry: RecentWorkspace) -> QTreeWidgetItem:
    item = QTreeWidgetItem([workspace_name(entry.folder), f"{entry.cells:,}", entry.day])
    item.setData(0, _FOLDER, entry.folder)
    item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for column in range(3):
        item.setToolTip(column, entry.folder)
    return item


def _why_gone(folder: str) -> str:
    return f"{folder}\nThere is no workspace now. Connect its disk, or remove it from the list."


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
