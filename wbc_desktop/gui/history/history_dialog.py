"""Edit > History: what was done, by whom and when; shows the cells of a step and takes it back."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.history.history_text import local_time
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, figures, set_rank

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.history import HistoryPage, HistoryStep


EVERYBODY = "All readers"
_TYPING = 200  # ms to wait for the next letter
_READER_WIDTH, _COMBO_WIDTH = 160, 200  # px
_CENTRE = QAbstractItemView.ScrollHint.PositionAtCenter
_VISIBLE = QAbstractItemView.ScrollHint.EnsureVisible
_UNDO = "&Undo this step"


_NONE = "Nothing was labelled yet. Every label, flag and note will stand here."


HEADS = ("When", "Reader", "HistoryStep", "Cells", "Taken back")
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
        self._steps: list[HistoryStep] = []
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

    def add(self, page: "HistoryPage") -> None:
        """Take the next older steps."""
        self._waiting, self._more = False, page.more
        if page.steps:
            first = len(self._steps)
            self.beginInsertRows(QModelIndex(), first, first + len(page.steps) - 1)
            self._steps += page.steps
            self.endInsertRows()
        elif page.more:
            self._want()  # a search that has found nothing yet

    def step(self, row: int) -> "HistoryStep":
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
        if role == Qt.ItemDataRole.ForegroundRole and step.reverted and not step.in_part:
            return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        return None

    def _want(self) -> None:
        if self._more and not self._waiting:
            self._waiting = True
            self._ask()


def fields(step: "HistoryStep") -> tuple[str, ...]:
    """Return what a row says."""
    n = f"{step.n_cells:,}" if step.n_cells else "–"
    return local_time(step.at), step.reader, step.text, n, state_words(step)


def state_words(step: "HistoryStep") -> str:
    """Return when a step was taken back, and for how much of it; empty if it stands."""
    back = step.reverted
    if back is None:
        return ""
    part = f", {back.n_cells:,} of {step.n_cells:,} cells" if step.in_part else ""
    return f"{local_time(back.at)}{part}"


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == CELLS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class HistoryDialog(QDialog):
    """The list of steps; a controller fills it.

    Signals:
        page_asked: Older steps are wanted; the first ones if the flag is set.
        chosen: A step is chosen (its sequence number), or 0 for none.
        show_asked: The cells of the chosen step shall be shown.
        undo_asked: The chosen step shall be taken back.
    """

    page_asked = Signal(bool)
    chosen = Signal(int)
    show_asked = Signal()
    undo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("History")
        self._first = True
        self._wanted = 0
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING)
        self._typing.timeout.connect(self.restart)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Search the steps, such as “blast”")
        self._search.setAccessibleName("Search the steps")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda _text: self._typing.start())
        self._readers = QComboBox(self)
        self._readers.setAccessibleName("Reader")
        self._readers.setFixedWidth(_COMBO_WIDTH)
        self._readers.addItem(EVERYBODY, "")
        self._readers.currentIndexChanged.connect(lambda _row: self.restart())
        self._model = HistoryModel(self._ask, self)
        self._table = self._made_table()
        self._scope = WrappedLabel(self)
        self._scope.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._scope.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.show_button = self._button("&Show cells", self.show_asked)
        self.show_button.setToolTip("Select these cells in the gallery")
        self.undo_button = self._button(_UNDO, self.undo_asked)
        self.undo_button.setToolTip("A new act that can itself be undone")
        self.undo_button.setText(f"{_UNDO} (1,000,000 cells)")
        self.undo_button.setMinimumWidth(self.undo_button.sizeHint().width())
        self._lay_out()
        self.resize(1000, 560)
        self.show_scope("", n_show=0, n_undo=0)

    @property
    def reader(self) -> str:
        """Whose steps are listed; empty for all."""
        return str(self._readers.currentData() or "")

    @property
    def search(self) -> str:
        """Words that the listed steps hold."""
        return self._search.text().strip()

    @property
    def model(self) -> HistoryModel:
        """The steps listed so far."""
        return self._model

    @property
    def scope(self) -> str:
        """What stands below the list."""
        return self._scope.text()

    def show_readers(self, readers: Sequence[str]) -> None:
        """Offer these readers; the chosen one stays."""
        with QSignalBlocker(self._readers):
            chosen = self.reader
            self._readers.clear()
            self._readers.addItem(EVERYBODY, "")
            for name in readers:
                self._readers.addItem(name, name)
            self._readers.setCurrentIndex(max(0, self._readers.findData(chosen)))

    def restart(self) -> None:
        """List anew from the newest step on; the chosen step stays chosen if it comes again."""
        self._typing.stop()
        self._wanted = self.chosen_seq() or self._wanted  # not yet come again since the last time
        self._first = True
        self._model.restart()

    def add(self, page: "HistoryPage") -> None:
        """Take the next older steps; ask for more while the chosen one has not come again."""
        self._model.add(page)
        if self._model.rowCount() and not self.chosen_seq():
            self._choose_again()
        elif not self._model.rowCount() and self._model.complete:
            self.show_scope("No step fits." if self.search or self.reader else _NONE)

    def choose(self, row: int) -> None:
        """Choose a row."""
        self._table.selectRow(row)

    def chosen_seq(self) -> int:
        """Return the sequence number of the chosen step, or 0."""
        step = self.chosen_step()
        return step.seq if step is not None else 0

    def chosen_step(self) -> "HistoryStep | None":
        """Return the chosen step, or None."""
        # The row that is painted as chosen: Qt makes another one current when the focus comes.
        rows = self._table.selectionModel().selectedRows()
        return self._model.step(rows[0].row()) if rows else None

    def show_scope(
        self, text: str, *, n_show: int = 0, n_undo: int = 0, warning: bool = False
    ) -> None:
        """Say what taking back the chosen step would reach.

        Args:
            text: For people.
            n_show: Cells that can be shown.
            n_undo: Cells that can be taken back.
            warning: It cannot be taken back as a whole.
        """
        self._scope.setText(text)
        set_rank(self._scope, "warning" if warning else "second")
        self.show_button.setEnabled(n_show > 0)
        self.undo_button.setEnabled(n_undo > 0)
        cells = "1 cell" if n_undo == 1 else f"{n_undo:,} cells"
        self.undo_button.setText(f"{_UNDO} ({cells})" if n_undo else _UNDO)

    def _made_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self._model)
        table.setAccessibleName("Steps, newest first")
        table.setFont(figures(self.font()))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SMALL)
        table.horizontalHeader().setHighlightSections(False)
        table.activated.connect(lambda _index: self.show_asked.emit())
        table.selectionModel().selectionChanged.connect(self._tell)
        self._model.modelReset.connect(self._tell)
        return table

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        header = self._table.horizontalHeader()
        digits = self.fontMetrics().horizontalAdvance("0" * 16)
        widths = (digits + LARGE, _READER_WIDTH, 0, digits // 2, 2 * digits + LARGE)
        for column, width in enumerate(widths):
            self._table.setColumnWidth(column, width)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        top = QHBoxLayout()
        top.setSpacing(SMALL)
        top.addWidget(self._search, 1)
        top.addWidget(self._readers)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        row.addWidget(self.show_button)
        row.addWidget(self.undo_button)
        row.addStretch(1)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        layout.addLayout(top)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._scope)
        layout.addLayout(row)
        self._table.setFocus()

    def _ask(self) -> None:
        first, self._first = self._first, False
        self.page_asked.emit(first)

    def _choose_again(self) -> None:
        """Choose the step that was chosen, or the newest if that one is not among those listed.

        Until it is known which, nothing is chosen: *Undo this step* must never mean another one.
        """
        row = self._model.row_of(self._wanted)
        oldest = self._model.step(self._model.rowCount() - 1).seq
        if row < 0 and 0 < self._wanted < oldest and not self._model.complete:
            self._model.fetchMore(QModelIndex())
            return
        row = max(0, row)
        self._table.selectRow(row)
        self._table.scrollTo(self._model.index(row, 0), _CENTRE if row else _VISIBLE)

    def _tell(self, *_chosen: object) -> None:
        self.chosen.emit(self.chosen_seq())
