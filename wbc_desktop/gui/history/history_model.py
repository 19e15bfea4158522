"""The steps of the history as a table that fetches older ones when it is scrolled down."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from wbc_desktop.gui.history.history_text import local_time

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.history import Page, Step

HEADS = ("When", "Reader", "Step", "Cells", "Taken back")
CELLS = 3
_Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractTableModel):
    """Steps, newest first.

    Args:
        ask: Called when older steps are wanted; ``add`` answers it later.
        parent: Owner.
    """

    def __init__(self, ask: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._steps: list[Step] = []
        self._more = False
        self._waiting = False

    @property
    def complete(self) -> bool:
        """True once the oldest step is in."""
        return not self._more

    def restart(self) -> None:
        """Forget every step and ask for the newest."""
        self.beginResetModel()
        self._steps.clear()
        self._more, self._waiting = True, False
        self.endResetModel()
        self._want()

    def add(self, page: "Page") -> None:
        """Take the next older steps."""
        self._waiting, self._more = False, page.more
        if page.steps:
            first = len(self._steps)
            self.beginInsertRows(QModelIndex(), first, first + len(page.steps) - 1)
            self._steps += page.steps
            self.endInsertRows()
        elif page.more:
            self._want()  # a search that has found nothing yet

    def step(self, row: int) -> "Step":
        """Return the step of a row."""
        return self._steps[row]

    def row_of(self, seq: int) -> int:
        """Return the row of a step, or −1."""
        return next((row for row, step in enumerate(self._steps) if step.seq == seq), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Rows fetched so far."""
        return 0 if parent.isValid() else len(self._steps)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Columns."""
        return 0 if parent.isValid() else len(HEADS)

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802 - Qt's name
        """Tell whether there are older steps."""
        return not parent.isValid() and self._more

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802 - Qt's name
        """Ask for older steps."""
        if not parent.isValid():
            self._want()

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401 - Qt's signature
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's
        """Text, colour and side of one field."""
        step = self._steps[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return fields(step)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return fields(step)[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role == Qt.ItemDataRole.ForegroundRole and step.taken_back and not step.in_part:
            return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        return None

    def _want(self) -> None:
        if self._more and not self._waiting:
            self._waiting = True
            self._ask()


def fields(step: "Step") -> tuple[str, ...]:
    """Return what a row says."""
    n = f"{step.n_cells:,}" if step.n_cells else "–"
    return local_time(step.at), step.reader, step.text, n, state_words(step)


def state_words(step: "Step") -> str:
    """Return when a step was taken back, and for how much of it; empty if it stands."""
    back = step.taken_back
    if back is None:
        return ""
    part = f", {back.n_cells:,} of {step.n_cells:,} cells" if step.in_part else ""
    return f"{local_time(back.at)}{part}"


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == CELLS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
