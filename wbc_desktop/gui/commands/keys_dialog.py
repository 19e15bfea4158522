"""Help > Change keys: every action and class with its key, and a way to give it another one."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QKeyCombination, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank

_HELD = (
    *(Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta),
    *(Qt.Key.Key_unknown, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock),
)
_LAST_SIGN = 0xFFFF  # Qt's own keys, such as the arrows, come above


class KeyRecorder(WrappedLabel):
    """A line of text that takes the keyboard while it waits for a key.

    Signals:
        recorded: A key was pressed; as it is written.
        given_up: Esc was pressed, or the keyboard went elsewhere.
    """

    recorded = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._waiting = False

    @property
    def waiting(self) -> bool:
        """True from ``wait`` until a key came or was given up."""
        return self._waiting

    def wait(self) -> None:
        """Take the keyboard and wait."""
        self._waiting = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        """Take every key, also those that are shortcuts or move the focus."""
        if self._waiting and isinstance(event, QKeyEvent):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Give up when the keyboard goes elsewhere."""
        super().focusOutEvent(event)
        self._end()

    def _take(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._end()
        elif event.key() not in _HELD:
            self._waiting = False
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.recorded.emit(written(event))

    def _end(self) -> None:
        if self._waiting:
            self._waiting = False
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.given_up.emit()


def written(event: QKeyEvent) -> str:
    """Return a pressed key as it is written, such as ``Ctrl+Shift+F`` or ``?``."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = event.key()
    is_sign = Qt.Key.Key_Space < key <= _LAST_SIGN and not chr(key).isalpha()
    if is_sign and held == Qt.KeyboardModifier.ShiftModifier:
        held = Qt.KeyboardModifier.NoModifier  # Shift made the sign; it is not part of the key
    return QKeySequence(QKeyCombination(held, Qt.Key(key))).toString()


_TARGET = Qt.ItemDataRole.UserRole
_HEADS = ("Action or class", "Menu", "Key", "Program's own key")
_NO_KEY = "–"
_HINT = "Choose a line and press Enter to give it another key. Changes are kept at once."


class KeysDialog(QDialog):
    """Changes the key map.

    Args:
        keys: Changed at once, not when the dialog closes.
        parent: The window.
    """

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Change keys")
        self._keys = keys
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Search by action, class, menu or key")
        self._search.setAccessibleName("Search actions and keys")
        self._search.setClearButtonEnabled(True)
        self._model = QStandardItemModel(self)
        self._model.setHorizontalHeaderLabels(list(_HEADS))
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._shown.setFilterKeyColumn(-1)
        self._search.textChanged.connect(self._filter)
        self._table = self._made_table()
        self._message = KeyRecorder(self)
        self._message.setAccessibleName("Message")
        self._message.recorded.connect(self._take)
        self._message.given_up.connect(self._give_up)
        self.record_button = self._button("Record a &key…", self.record)
        self.clear_button = self._button("&No key", self._clear)
        self.reset_button = self._button("&Reset this one", self._reset)
        self.reset_all_button = self._button("Reset &all", self._reset_all)
        self._lay_out()
        self._fill()
        self._table.selectRow(0)
        self._say(_HINT, "second")
        self.resize(760, 600)

    @property
    def message(self) -> str:
        """What stands below the table."""
        return self._message.text()

    def choose(self, target: str) -> None:
        """Choose the line of a target; it must be shown."""
        for row in range(self._shown.rowCount()):
            if self._shown.index(row, 0).data(_TARGET) == target:
                self._table.selectRow(row)

    def shown(self) -> list[tuple[str, str]]:
        """Return name and key of every line shown."""
        rows = range(self._shown.rowCount())
        return [
            (str(self._shown.index(r, 0).data()), str(self._shown.index(r, 2).data())) for r in rows
        ]

    def search(self, text: str) -> None:
        """Show the lines that a text is found in, or every line if it is in none."""
        self._search.setText(text)
        if not self._shown.rowCount():
            self._search.clear()

    def record(self) -> None:
        """Wait for a key for the chosen line."""
        target = self._chosen()
        if target:
            name = self._model.item(self._row(target), 0).text()
            self._say(f"Press the new key for “{name}”. Esc gives up.", "")
            self._message.wait()

    def _made_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self._shown)
        table.setAccessibleName("Actions and classes with their keys")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SMALL)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.activated.connect(lambda _index: self.record())
        table.selectionModel().currentRowChanged.connect(self._enable)
        return table

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        for button in (self.record_button, self.clear_button, self.reset_button):
            row.addWidget(button)
        row.addWidget(self.reset_all_button)
        row.addStretch(1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        layout.addWidget(self._search)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._message)
        layout.addLayout(row)

    def _fill(self) -> None:
        """Write every line anew; the chosen one stays chosen."""
        chosen = self._chosen()
        self._model.setRowCount(0)
        for target in self._keys.targets:
            changed = self._keys.is_changed(target.id)
            own = ", ".join(target.default) or _NO_KEY
            keys = ", ".join(self._keys.of(target.id)) or _NO_KEY
            items = [
                QStandardItem(t) for t in (target.name, target.group, keys, own if changed else "")
            ]
            items[0].setData(target.id, _TARGET)
            if changed:
                font = QFont(self.font())
                font.setWeight(QFont.Weight.DemiBold)
                items[2].setFont(font)
                items[2].setAccessibleText(f"{keys}, changed")
            self._model.appendRow(items)
        self.choose(chosen)
        self._enable()

    def _filter(self, text: str) -> None:
        self._shown.setFilterFixedString(text.strip())
        self._table.selectRow(0)
        self._enable()

    def _chosen(self) -> str:
        index = self._table.currentIndex()
        return str(index.siblingAtColumn(0).data(_TARGET)) if index.isValid() else ""

    def _row(self, target: str) -> int:
        rows = range(self._model.rowCount())
        return next(row for row in rows if self._model.item(row, 0).data(_TARGET) == target)

    def _enable(self, *_index: QModelIndex) -> None:
        target = self._chosen()
        self.record_button.setEnabled(bool(target))
        self.clear_button.setEnabled(bool(target) and bool(self._keys.of(target)))
        self.reset_button.setEnabled(bool(target) and self._keys.is_changed(target))
        changed = any(self._keys.is_changed(one.id) for one in self._keys.targets)
        self.reset_all_button.setEnabled(changed)

    def _take(self, key: str) -> None:
        target = self._chosen()
        self._table.setFocus()
        try:
            self._keys.assign(target, key)
        except UserError as error:
            self._say(str(error), "danger")
            return
        self._done(f"{key} is the key of “{self._name(target)}” now.")

    def _clear(self) -> None:
        target = self._chosen()
        self._keys.clear(target)
        self._done(f"“{self._name(target)}” has no key now.")

    def _reset(self) -> None:
        target = self._chosen()
        try:
            self._keys.reset(target)
        except UserError as error:
            self._say(str(error), "danger")
            return
        self._done(f"“{self._name(target)}” has the program's own key again.")

    def _reset_all(self) -> None:
        self._keys.reset_all()
        self._done("Everything has the program's own key again.")

    def _give_up(self) -> None:
        self._say(_HINT, "second")
        self._table.setFocus()

    def _done(self, text: str) -> None:
        self._fill()
        self._say(text, "second")

    def _name(self, target: str) -> str:
        return self._model.item(self._row(target), 0).text()

    def _say(self, text: str, rank: str) -> None:
        self._message.setText(text)
        set_rank(self._message, rank)
