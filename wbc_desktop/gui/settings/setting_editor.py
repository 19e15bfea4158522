"""The control that changes one setting: a box, a number, a line of text, or a folder."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.elided_label import ElidedLabel
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, set_rank
from wbc_desktop.gui.workspace.default_workspace import expanded
from wbc_desktop.settings import Setting, Value

Box = TypeVar("Box", QComboBox, QSpinBox)
_WIDTH = 300


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
            self._whole.show_text(str(expanded(str(value))) if value else empty)

    def _made_control(self) -> QComboBox | QSpinBox | QLineEdit:
        setting = self._setting
        if setting.choices:
            box = QComboBox(self)
            box.addItems(setting.names)
            box.activated.connect(lambda at: self._tell(setting.choices[at]))
            return _steady(box)
        if isinstance(setting.default, int):
            number = QSpinBox(self)
            number.setRange(setting.low, setting.high)
            number.setSuffix(setting.unit)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(self._tell)
            return _steady(number)
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


class _Steady(QObject):
    """Leaves the wheel to the page, unless the control has the keyboard."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _steady(control: Box) -> Box:
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_Steady(control))
    return control
