"""Ctrl+K: every command and class by a few letters of its name, without the menus.

It lies over the window and closes by itself when the keyboard goes elsewhere.
"""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QCursor,
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.commands.command_list import Command, CommandList, search_commands
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, WIDE, figures, set_rank

_WIDTH = 640
_ROWS = 11
_ICON = 16
_ASIDE = 230  # px at the right for menu and key
_HINT = "↑ ↓ to choose, Enter to run, Esc to close"
_NOTHING = "No command has these words"
_COMMAND = Qt.ItemDataRole.UserRole
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _ROWS - 1,
    Qt.Key.Key_PageUp: 1 - _ROWS,
}
_RUN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommandPalette(QFrame):
    """A line to type in and what it finds.

    Args:
        commands: What it offers.
        parent: The window it lies over.
    """

    def __init__(self, commands: CommandList, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("command_palette")
        self.setAccessibleName("Command palette")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._over = parent
        self._commands = commands
        self._offered: dict[str, Command] = {}
        self._came_from: QWidget | None = None
        self._mouse_at = QCursor.pos()
        self._line = QLineEdit(self)
        self._line.setPlaceholderText("Type a command or a class")
        self._line.setAccessibleName("Command to run")
        self._line.setClearButtonEnabled(True)
        self._line.installEventFilter(self)
        self._line.textChanged.connect(self._search)
        self._model = QStandardItemModel(self)
        self._list = QListView(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Row(self._list))
        self._list.setAccessibleName("Commands found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.entered.connect(self._follow_mouse)
        self._list.clicked.connect(lambda _index: self.run())
        self._list.selectionModel().currentChanged.connect(self._tell)
        self._foot = QLabel(self)
        set_rank(self._foot, "second")
        column = QVBoxLayout(self)
        column.setContentsMargins(SMALL, SMALL, SMALL, SMALL)
        column.setSpacing(SMALL)
        for widget in (self._line, self._list, self._foot):
            column.addWidget(widget)
        parent.installEventFilter(self)
        self.hide()

    def titles(self) -> list[str]:
        """Return what is offered now, best first."""
        return [self._at(row).what.title for row in range(self._model.rowCount())]

    @property
    def foot(self) -> str:
        """The line below the list: what the keys do, or why a command cannot be run."""
        return self._foot.text()

    def toggle(self) -> None:
        """Open it, or close it if it is open."""
        if self.isVisible():
            self.leave()
            return
        self._came_from = self.window().focusWidget()
        self._offered = {command.what.id: command for command in self._commands.commands()}
        self._mouse_at = QCursor.pos()
        self._line.clear()
        self._search("")
        self.show()
        self.raise_()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Close it and give the keyboard back."""
        if self.isHidden():
            return
        had_keys = self.window().focusWidget() is self._line
        self.hide()
        if had_keys and self._came_from is not None and self._came_from.isVisible():
            self._came_from.setFocus(Qt.FocusReason.PopupFocusReason)
        self._came_from = None

    def run(self) -> None:
        """Close it and run the chosen command, if that can be run now."""
        index = self._list.currentIndex()
        if not index.isValid():
            return
        command = self._at(index.row())
        if command.why_not:
            return
        self._commands.remember(command.what.id)
        self.leave()
        # Once this key press is over: what it opens must not get it too.
        QTimer.singleShot(0, command.action, command.action.trigger)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the keys of the list while the line has the keyboard; keep the place."""
        if watched is not self._line:
            if event.type() == QEvent.Type.Resize and self.isVisible():
                self._place()
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and self._is_own(event):
            if event.type() == QEvent.Type.KeyPress:
                self._press(Qt.Key(event.key()))
            event.accept()  # also as ShortcutOverride: no action of the window gets it
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _STAYS:
            self.hide()
        return super().eventFilter(watched, event)

    def _is_own(self, event: QKeyEvent) -> bool:
        return event.key() in (*_STEPS, *_RUN, Qt.Key.Key_Escape)

    def _press(self, key: Qt.Key) -> None:
        if key in _RUN:
            self.run()
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            self._step(_STEPS[key])

    def _step(self, by: int) -> None:
        n = self._model.rowCount()
        if not n:
            return
        row = self._list.currentIndex().row() + by
        if abs(by) == 1:
            row %= n
        self._list.setCurrentIndex(self._model.index(max(0, min(row, n - 1)), 0))

    def _follow_mouse(self, index: QModelIndex) -> None:
        """Choose what the mouse comes to; a row that the keys scroll under it stays unchosen."""
        if (at := QCursor.pos()) != self._mouse_at:
            self._mouse_at = at
            self._list.setCurrentIndex(index)

    def _search(self, text: str) -> None:
        recent = self._commands.recent()
        known = [command.what for command in self._offered.values()]
        self._model.clear()
        for command_id in search_commands(text, known, recent=recent):
            item = QStandardItem(self._offered[command_id].what.title)
            item.setData(command_id, _COMMAND)
            item.setData(self._offered[command_id], _COMMAND + 1)
            item.setAccessibleText(self._offered[command_id].words)
            self._model.appendRow(item)
        self._list.setCurrentIndex(self._model.index(0, 0))
        self._tell()
        self._place()

    def _tell(self) -> None:
        """Say what is chosen: below the list, and to a screen reader."""
        index = self._list.currentIndex()
        command = self._at(index.row()) if index.isValid() else None
        self._foot.setText(command.why_not or _HINT if command else _NOTHING)
        set_rank(self._foot, "warning" if command is None or command.why_not else "second")
        self._line.setAccessibleDescription(command.words if command else _NOTHING)
        change = QAccessibleEvent(self._line, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(change)

    def _at(self, row: int) -> Command:
        return self._offered[self._model.item(row).data(_COMMAND)]

    def _place(self) -> None:
        room = self._over.rect()
        row = _row_height(self._list.fontMetrics())
        self._list.setFixedHeight(min(_ROWS, max(1, self._model.rowCount())) * row)
        self.setFixedWidth(min(_WIDTH, room.width() - 2 * WIDE))
        self.adjustSize()
        self.move((room.width() - self.width()) // 2, min(3 * WIDE, room.height() // 8))


_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.MenuBarFocusReason)


class _Row(QStyledItemDelegate):
    """Paints a command: icon, title, menu and key."""

    def sizeHint(  # noqa: N802 - Qt's name
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        """One line with room to click."""
        return QSize(200, _row_height(option.fontMetrics))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one line."""
        command: Command = index.data(_COMMAND + 1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink, second = _inks(option.palette, chosen=chosen, enabled=not command.why_not)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            role = QPalette.ColorRole
            ground = role.AlternateBase if command.why_not else role.Highlight
            painter.setBrush(option.palette.brush(ground))
            painter.drawRoundedRect(rect, TIGHT, TIGHT)
        tint = ink if chosen and not command.what.id.startswith("class:") else None
        top = rect.center().y() - _ICON // 2 + 1
        painter.drawPixmap(rect.left() + SMALL, top, _picture(command, tint))
        room = rect.adjusted(SMALL + _ICON + SMALL, 0, -SMALL, 0)
        painter.setFont(figures(option.font))
        metrics = painter.fontMetrics()
        if command.key:
            width = metrics.horizontalAdvance(command.key) + 2 * TIGHT + 2
            cap = room.adjusted(room.width() - width, TIGHT, 0, -TIGHT)
            painter.setPen(QPen(second, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap.adjusted(0, 0, -1, -1), 3, 3)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, command.key)
        note = f"{command.group}, used last" if command.recent else command.group
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(second)
        painter.drawText(room.adjusted(room.width() - _ASIDE, 0, 0, 0), middle, note)
        room.setRight(room.right() - _ASIDE - MEDIUM)
        painter.setPen(ink)
        mark = "✓ " if command.action.isChecked() else ""
        title = metrics.elidedText(
            mark + command.what.title, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, middle, title)
        painter.restore()


def _row_height(metrics: QFontMetrics) -> int:
    return metrics.height() + MEDIUM


def _picture(command: Command, tint: QColor | None) -> QPixmap:
    """Return the icon of a command; all in one colour if a tint is given."""
    mode = QIcon.Mode.Disabled if command.why_not else QIcon.Mode.Normal
    picture = command.action.icon().pixmap(QSize(_ICON, _ICON), mode)
    if tint is not None and not picture.isNull():
        painter = QPainter(picture)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(picture.rect(), tint)
        painter.end()
    return picture


def _inks(palette: QPalette, *, chosen: bool, enabled: bool) -> tuple[QColor, QColor]:
    """Return the colours of the title and of what stands beside it."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    if not enabled:
        faint = palette.color(group.Disabled, role.Text)
        return faint, faint
    if chosen:
        return (palette.color(role.HighlightedText),) * 2
    return palette.color(role.Text), palette.color(role.PlaceholderText)
