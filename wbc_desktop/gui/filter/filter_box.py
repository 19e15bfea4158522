"""The box where a filter is typed. Return applies it, Esc leaves it as it was.

The text is that of the filter in force, except while somebody types.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import Completion, completion
from wbc_desktop.gui.filter.filter_popup import FilterErrorNote, FilterPopup
from wbc_desktop.gui.widgets.icons import Icons

_HINT = "Filter, for example class:monocyte conf:<0.7 status:unreviewed"
_OWN_KEYS = {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab}


class FilterBox(QLineEdit):
    """A line of filter words with completion.

    Signals:
        entered: The text to apply.
        left: The reader wants back to the cells.
        typing: The box has the keyboard now, or has it no more.
    """

    entered = Signal(str)
    left = Signal()
    typing = Signal(bool)

    def __init__(self, names: FilterNames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._applied = ""
        self._completion = Completion(0, 0, ())
        self.setPlaceholderText(_HINT)
        self.setAccessibleName("Filter text")
        self.setAccessibleDescription("Return applies the filter, Esc goes back to the cells")
        self.setToolTip("Type what to show (Ctrl+F). Return applies it, Esc leaves it as it was.")
        self._sign = QAction(self)
        self.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.popup = FilterPopup(self)
        self.note = FilterErrorNote(self)
        self.popup.picked.connect(self._put)
        self.textEdited.connect(self._edited)

    def set_names(self, names: FilterNames) -> None:
        """Take the names that can be typed now."""
        self._names = names

    def show_text(self, text: str) -> None:
        """Show the filter in force, unless somebody is typing another one."""
        self._applied = text
        if not (self.hasFocus() and self.isModified()):
            self.setText(text)
            self.setCursorPosition(0)

    def show_error(self, error: FilterTextError) -> None:
        """Say what is wrong, and mark where, so that typing replaces it."""
        self.popup.hide()
        self.setSelection(error.start, error.stop - error.start)
        self.note.tell(str(error), self)
        self.setAccessibleDescription(str(error))

    def begin(self) -> None:
        """Give the box the keyboard, with its text selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        if not self.text():
            self._offer()

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._sign.setIcon(icons["search"])

    def event(self, event: QEvent) -> bool:
        """Keep our own keys from the shortcuts, and Tab from moving on while options are shown."""
        if isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            tab = event.key() == Qt.Key.Key_Tab and event.type() == QEvent.Type.KeyPress
            option = self.popup.marked(or_first=True) if tab and self.popup.isVisible() else None
            if option is not None:
                self._put(option)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move through the options, apply, or leave."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if not self.popup.isVisible():
                self._offer()
            self.popup.move_mark(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell, so that there is room to type in."""
        super().focusInEvent(event)
        self.typing.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show the filter in force again; another window or a menu changes nothing."""
        super().focusOutEvent(event)
        self.typing.emit(False)
        self.popup.hide()
        if event.reason() not in (
            Qt.FocusReason.ActiveWindowFocusReason,
            Qt.FocusReason.PopupFocusReason,
        ):
            self._revert()

    def _enter(self) -> None:
        option = self.popup.marked() if self.popup.isVisible() else None
        if option is not None:
            self._put(option)
            return
        self.popup.hide()
        self.setModified(False)
        self.entered.emit(self.text())

    def _leave(self) -> None:
        self._revert()
        self.popup.hide()
        self.left.emit()

    def _revert(self) -> None:
        self.note.hide()
        self.setModified(False)
        self.setText(self._applied)
        self.setCursorPosition(0)

    def _edited(self) -> None:
        self.note.hide()
        self._offer()

    def _offer(self) -> None:
        self._completion = completion(self.text(), self.cursorPosition(), self._names)
        self.popup.offer(self._completion.options, self)

    def _put(self, option: str) -> None:
        """Put an option in the place of what was begun."""
        text, found = self.text(), self._completion
        rest = text[found.stop :]
        finished = not option.endswith(":") and not rest.startswith((" ", ","))
        put = f"{option} " if finished else option
        self.setText(f"{text[: found.start]}{put}{rest}")
        self.setCursorPosition(found.start + len(put))
        self.setModified(True)
        self._edited()
