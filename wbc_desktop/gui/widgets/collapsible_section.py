"""A section of a panel that folds away under its title."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from wbc_desktop.gui.widgets.theme import SMALL, TIGHT


class CollapsibleSection(QWidget):
    """A title with an arrow, and below it a body that it shows and hides.

    Signals:
        toggled: The reader opened (True) or closed it.

    Args:
        title: What the section holds.
        body: The content; the section becomes its parent.
        parent: Owner.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._body = title, body
        self._head = QToolButton(self)
        self._head.setProperty("fold", True)  # the style sheet makes it a plain line of text
        self._head.setText(title)
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head.toggled.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, TIGHT, 0, 0)
        column.setSpacing(SMALL)
        column.addWidget(self._head)
        column.addWidget(body)
        self.set_open(True)

    @property
    def open(self) -> bool:
        """True while the body is shown."""
        return self._head.isChecked()

    def set_open(self, open_: bool) -> None:
        """Open or close it without telling."""
        with QSignalBlocker(self._head):
            self._head.setChecked(open_)
        self._show(open_)

    def _turn(self, open_: bool) -> None:
        self._show(open_)
        self.toggled.emit(open_)

    def _show(self, open_: bool) -> None:
        self._body.setVisible(open_)
        arrow = Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow
        self._head.setArrowType(arrow)
        act = "Fold away" if open_ else "Show"
        self._head.setToolTip(f"{act}: {self._title.lower()}")
        self._head.setAccessibleName(f"{self._title}, {'open' if open_ else 'folded'}")
