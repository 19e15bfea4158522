"""One line of the settings dialog: name and explanation, the control, and a way back.

The control is a box, a number, a line of text or a folder, as the setting asks for.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.labels import ElidedLabel, WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, SMALL, TIGHT, set_rank
from wbc_desktop.gui.workspace.workspace_folders import expand_path
from wbc_desktop.settings import Setting, Value

Box = TypeVar("Box", QComboBox, QSpinBox)
_WIDTH = 300


class SettingRow(QWidget):
    """A line that knows the words it can be found by.

    Args:
        label: What is set.
        text: What it means.
        control: Changes it.
        words: Other words it is found by.
        reset: Whether it has a button that gives it back its first value.
        parent: Owner.
    """

    def __init__(
        self,
        label: str,
        text: str,
        control: QWidget,
        *,
        words: Sequence[str] = (),
        reset: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = label
        self._words = " ".join((label, text, *words)).casefold()
        self.explanation = WrappedLabel(self)
        self.explanation.setText(text)
        set_rank(self.explanation, "second")
        name = QLabel(label, self)
        name.setBuddy(control)
        self.reset_button = QToolButton(self)
        self.reset_button.setText("Reset")
        self.reset_button.setProperty("flat", True)
        self.reset_button.setAccessibleName(f"Reset {label}")
        self.reset_button.setToolTip("Give this setting its first value again")
        self.reset_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self.reset_button.setVisible(reset)
        words_column = QVBoxLayout()
        words_column.setSpacing(TIGHT // 2)
        words_column.addWidget(name)
        words_column.addWidget(self.explanation)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SMALL, 0, SMALL)
        row.setSpacing(LARGE)
        row.addLayout(words_column, 1)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(control, 0, top)
        row.addWidget(self.reset_button, 0, top)

    def matches(self, search: str) -> bool:
        """Tell whether every word of a search is among the words of this line."""
        return all(word in self._words for word in search.casefold().split())


class SettingEditor(QWidget):
    """Shows a value and tells of another one.

    Signals:
        edited: The value chosen or typed; always one that the setting takes.

    Args:
        setting: What is changed.
        choose_folder: Asks for a folder, starting from one; empty if the reader gives up.
        parent: Owner.
    """

    edited = Signal(object)

    def __init__(
        self,
        setting: Setting,
        *,
        choose_folder: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._setting = setting
        self._choose_folder = choose_folder
        self._whole = ElidedLabel(self)
        set_rank(self._whole, "second")
        self._whole.setVisible(setting.is_folder)
        self._value: Value = setting.default
        self.control = self._made_control()
        self.control.setMinimumHeight(self.fontMetrics().height() + SMALL + TIGHT)
        self.control.setAccessibleName(setting.label)
        self.control.setAccessibleDescription(setting.text)
        self.setFocusProxy(self.control)
        self.setFixedWidth(_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        row.addWidget(self.control, 1)
        if setting.is_folder:
            row.addWidget(self._made_browse())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(TIGHT)
        column.addLayout(row)
        column.addWidget(self._whole)

    @property
    def whole_path(self) -> str:
        """The folder that the text names, without ``~``; empty for other settings."""
        return self._whole.whole

    def show_value(self, value: Value, *, empty: str = "") -> None:
        """Show a value without telling of it.

        Args:
            value: The value.
            empty: What an empty text stands for.
        """
        self._value = value
        match self.control:
            case QComboBox():
                self.control.setCurrentIndex(self._setting.choices.index(value))
            case QSpinBox():
                self.control.blockSignals(True)
                self.control.setValue(int(value))
                self.control.blockSignals(False)
            case QLineEdit():
                self.control.setText(str(value))
                self.control.setPlaceholderText(empty)
        if self._setting.is_folder:
            self._whole.show_text(str(expand_path(str(value))) if value else empty)

    def _made_control(self) -> QComboBox | QSpinBox | QLineEdit:
        setting = self._setting
        if setting.choices:
            box = QComboBox(self)
            box.addItems(setting.names)
            box.activated.connect(lambda at: self._tell(setting.choices[at]))
            return _without_wheel(box)
        if isinstance(setting.default, int):
            number = QSpinBox(self)
            number.setRange(setting.low, setting.high)
            number.setSuffix(setting.unit)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(self._tell)
            return _without_wheel(number)
        line = QLineEdit(self)
        line.editingFinished.connect(lambda: self._tell(line.text().strip()))
        return line

    def _made_browse(self) -> QPushButton:
        button = QPushButton("Choose…", self)
        button.setAutoDefault(False)
        button.setAccessibleName(f"Choose a folder: {self._setting.label}")
        button.clicked.connect(self._browse)
        return button

    def _browse(self) -> None:
        folder = self._choose_folder(self.whole_path)
        if folder:
            self._tell(folder)

    def _tell(self, value: Value) -> None:
        if value != self._value:
            self._value = value
            self.edited.emit(value)


class _WheelGuard(QObject):
    """Leaves the wheel to the page, unless the control has the keyboard."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _without_wheel(control: Box) -> Box:
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_WheelGuard(control))
    return control
