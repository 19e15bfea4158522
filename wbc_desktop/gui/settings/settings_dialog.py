"""Edit > Settings: the table of settings as a page that can be searched; changes count at once."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.settings.setting_row import SettingEditor, SettingRow
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, section_head, set_rank
from wbc_desktop.settings import Setting, Settings, Value, offered


class SettingsDialog(QDialog):
    """Changes the settings.

    Signals:
        changed: Key of a setting that has another value now.

    Args:
        settings: Changed at once, not when the dialog closes.
        empty: What an empty text stands for, by key.
        choose_folder: Asks for a folder; empty if the reader gives up.
        parent: The window.
    """

    changed = Signal(str)

    def __init__(
        self,
        settings: Settings,
        *,
        empty: Callable[[str], str],
        choose_folder: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._empty = empty
        self._choose_folder = choose_folder
        self._before: dict[str, Value] = {}
        self.editors: dict[str, SettingEditor] = {}
        self.rows: dict[str, SettingRow] = {}
        self._sections: list[tuple[QLabel, list[SettingRow]]] = []
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search the settings")
        self.search.setAccessibleName("Search the settings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._nothing = QLabel("No setting has all of these words.", self)
        set_rank(self._nothing, "second")
        self._page = QWidget(self)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, MEDIUM, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._nothing)
        self._message = WrappedLabel(self)
        set_rank(self._message, "second")
        self.reset_all_button = self._button("Reset &all", self._reset_all)
        self.take_back_button = self._button("&Take back", self._take_back)
        self.take_back_button.hide()
        for section, listed in offered().items():
            self._add_section(section, listed)
        self._lay_out()
        self._show_values()
        self._filter("")

    def add_row(self, section: str, key: str, row: SettingRow) -> None:
        """Append a line that is no setting of the table, in a section of its own or a known one."""
        for head, rows in self._sections:
            if head.text() == section:
                self._column.insertWidget(self._column.indexOf(rows[-1]) + 1, row)
                rows.append(row)
                break
        else:
            self._begin_section(section).append(row)
            self._column.insertWidget(self._column.count() - 1, row)
        self.rows[key] = row
        self._filter(self.search.text())

    def shown(self) -> list[str]:
        """Return the keys of the lines that the search finds."""
        return [key for key, row in self.rows.items() if not row.isHidden()]

    def _add_section(self, section: str, listed: Sequence[Setting]) -> None:
        rows = self._begin_section(section)
        for setting in listed:
            editor = SettingEditor(setting, choose_folder=self._choose_folder, parent=self._page)
            editor.edited.connect(lambda value, key=setting.key: self._set(key, value))
            row = SettingRow(setting.label, setting.text, editor, words=(section, *setting.names))
            row.reset_button.clicked.connect(
                lambda _checked=False, setting=setting: self._set(setting.key, setting.default)
            )
            self._column.addWidget(row)
            rows.append(row)
            self.editors[setting.key], self.rows[setting.key] = editor, row

    def _begin_section(self, section: str) -> list[SettingRow]:
        head = QLabel(section, self._page)
        head.setFont(section_head(self.font()))
        head.setContentsMargins(0, LARGE if self._sections else 0, 0, 0)
        last = self._column.itemAt(self._column.count() - 1)
        at_end = self._column.count() - (1 if last is not None and last.spacerItem() else 0)
        self._column.insertWidget(at_end, head)
        self._sections.append((head, []))
        return self._sections[-1][1]

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(self._page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        row.addWidget(self.reset_all_button)
        row.addWidget(self.take_back_button)
        row.addWidget(self._message, 1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        layout.addWidget(self.search)
        layout.addWidget(area, 1)
        layout.addLayout(row)
        self.resize(720, 600)

    def _set(self, key: str, value: Value) -> None:
        self._settings.set(key, value)
        self._take_away_offer()
        self._show_values()
        self.changed.emit(key)

    def _reset_all(self) -> None:
        before = {key: self._settings.value(key) for key in self.editors}
        self._change({s.key: s.default for listed in offered().values() for s in listed})
        self._before = before
        self._message.setText("Every setting has its first value again.")
        self.take_back_button.show()

    def _take_back(self) -> None:
        before = self._before
        self._take_away_offer()
        self._change(before)
        self._message.setText("The settings are as they were.")

    def _change(self, values: dict[str, Value]) -> None:
        changed = [key for key, value in values.items() if self._settings.value(key) != value]
        for key in changed:
            self._settings.set(key, values[key])
        self._show_values()
        for key in changed:
            self.changed.emit(key)

    def _take_away_offer(self) -> None:
        self._before = {}
        self._message.setText("")
        if self.take_back_button.hasFocus():
            self.reset_all_button.setFocus()
        self.take_back_button.hide()

    def _show_values(self) -> None:
        for key, editor in self.editors.items():
            editor.show_value(self._settings.value(key), empty=self._empty(key))
            self.rows[key].reset_button.setVisible(self._settings.is_changed(key))
        self.reset_all_button.setEnabled(any(map(self._settings.is_changed, self.editors)))

    def _filter(self, search: str) -> None:
        found = False
        for head, rows in self._sections:
            for row in rows:
                row.setVisible(row.matches(search))
            head.setVisible(any(not row.isHidden() for row in rows))
            found = found or not head.isHidden()
        self._nothing.setHidden(found)
