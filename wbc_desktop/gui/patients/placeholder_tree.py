"""A list that says what will stand in it, as long as there is nothing."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QTreeWidget, QWidget

from wbc_desktop.gui.widgets.theme import LARGE


class HintedTree(QTreeWidget):
    """Paints a hint in its middle while it has at most so many rows.

    Attributes:
        hint: What it says.
        rows: Rows on top that do not count, such as one for everything.

    Args:
        hint: As above.
        rows: As above.
        parent: Owner.
    """

    def __init__(self, hint: str, *, rows: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint, self.rows = hint, rows

    @property
    def shown_hint(self) -> str:
        """The hint, if it is shown now; else the empty string."""
        return self.hint if self.topLevelItemCount() <= self.rows else ""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rows, or the hint below what stands there."""
        super().paintEvent(event)
        if not self.shown_hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().placeholderText().color())
        room = self.viewport().rect().adjusted(LARGE, LARGE, -LARGE, -LARGE)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
        painter.end()
