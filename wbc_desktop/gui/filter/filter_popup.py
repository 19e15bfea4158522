"""What floats under the filter box: what can be typed next, or what is wrong with the text.

Both are children of the window, not windows: they never take the keyboard, and nothing moves when
they come or go.
"""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.filter.choice_keys import Option
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
