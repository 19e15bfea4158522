"""The box where a filter is typed. Return applies it, Esc leaves it as it was.

The text is that of the filter in force, except while somebody types.
"""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.filter.choice_keys import Option
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import Completion, completion
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, set_rank

_ROWS = 12  # seen at once; more are a scroll away
_WIDTH = 460


class FilterPopup(QFrame):
    """Options below the box; at most one of them is marked.

    Signals:
        picked: The text of an option that was clicked.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list = QTreeWidget(self)
        self._list.setColumnCount(2)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName("What can be typed")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.header().setStretchLastSection(True)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self._list)
        self._list.itemClicked.connect(lambda item: self.picked.emit(item.text(0)))
        self.hide()

    def offer(self, options: tuple[Option, ...], below: QWidget) -> None:
        """Show options under a widget, none of them marked; hide if there are none."""
        self._list.clear()
        for option in options:
            item = QTreeWidgetItem([option.value, option.hint])
            item.setForeground(1, self.palette().placeholderText())
            self._list.addTopLevelItem(item)
        self._list.setCurrentIndex(QModelIndex())
        if not options:
            self.hide()
            return
        first = self._list.topLevelItem(0)
        row = self._list.visualItemRect(first).height() if first else 0
        height = min(len(options), _ROWS) * max(row, self.fontMetrics().height() + TIGHT) + SMALL
        _place(self, below, _WIDTH, height)

    def move_mark(self, step: int) -> None:
        """Mark the next option or the one before, round the ends."""
        n = self._list.topLevelItemCount()
        at = self._list.currentIndex().row()
        if n:
            after = (at + step) % n if at >= 0 else (0 if step > 0 else n - 1)
            self._list.setCurrentIndex(self._list.model().index(after, 0))

    def marked(self, *, or_first: bool = False) -> str | None:
        """Return the text of the marked option, or None.

        Args:
            or_first: Return the first one where none is marked.
        """
        item = self._list.currentItem()
        if item is None and or_first:
            item = self._list.topLevelItem(0)
        return None if item is None else item.text(0)

    def texts(self) -> list[str]:
        """Return the options."""
        items = (self._list.topLevelItem(i) for i in range(self._list.topLevelItemCount()))
        return [item.text(0) for item in items if item is not None]


class FilterErrorNote(QLabel):
    """What is wrong with the text, under the box."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setContentsMargins(SMALL, TIGHT, SMALL, TIGHT)
        set_rank(self, "danger")
        self.hide()

    def tell(self, text: str, below: QWidget) -> None:
        """Show a text under a widget."""
        self.setText(text)
        width = max(_WIDTH, below.width())
        _place(self, below, width, self.heightForWidth(width - 2) + 2)


def _place(floating: QWidget, below: QWidget, width: int, height: int) -> None:
    window = below.window()
    if floating.parentWidget() is not window:
        floating.setParent(window)
    corner = below.mapTo(window, QPoint(0, below.height() + 2))
    room = window.rect().adjusted(SMALL, 0, -SMALL, -SMALL)
    width = min(width, room.width())
    x = max(room.left(), min(corner.x(), room.right() - width))
    floating.setGeometry(x, corner.y(), width, min(height, room.bottom() - corner.y()))
    floating.show()
    floating.raise_()


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
