"""Reads one key as it is pressed, whatever it would do elsewhere."""

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel

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
