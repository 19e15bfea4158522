"""Model > Models: lists the models of a workspace, compares two, promotes one or rolls back."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.training.evaluation_panel import EvaluationPanel
from wbc_desktop.gui.training.view_models import EvaluationView
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, Theme, figures, set_rank

HINT = "Choose a second model with Ctrl to compare the two."
_MAX_REASON = 500
_HEADS = ("Model", "In use", "Made", "From", "Site", "Labels", "Macro-F1", "Verdict")
_MODEL, _USE, _MADE, _FROM, _SITE, _LABELS, _SCORE, _VERDICT = range(len(_HEADS))
_WIDTHS = {_MODEL: 190, _USE: 60, _MADE: 130, _FROM: 150, _SITE: 110, _LABELS: 60, _SCORE: 110}
_RIGHT = {_LABELS, _SCORE}
_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, kw_only=True)
class ModelTableRow:
    """One model, in words that are ready to be shown.

    Attributes:
        parent: The model it was judged against; empty for the shipped one.
        site: Whose labels it learned from.
        labels: How many.
        score: Macro-F1 before and after.
        verdict: By the rule.
        facts: For the tooltip.
    """

    model_id: str
    active: bool = False
    made: str = ""
    parent: str = ""
    site: str = ""
    labels: str = ""
    score: str = ""
    verdict: str = ""
    facts: str = ""


class ModelsTable(QTreeWidget):
    """One line for each model; two can be chosen, to be compared.

    Signals:
        chosen: The choice has changed.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Models of this workspace")
        self.setProperty("table", True)
        self.setFont(figures(self.font()))
        self.setHeaderLabels(list(_HEADS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for column in _RIGHT:
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self.headerItem().setTextAlignment(column, side)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.itemSelectionChanged.connect(self.chosen)

    def show_models(self, rows: Sequence[ModelTableRow]) -> None:
        """Show models, the newest first; what was chosen stays chosen."""
        kept = set(self.chosen_ids())
        self.blockSignals(True)
        self.clear()
        for row in rows:
            item = _item(row)
            self.addTopLevelItem(item)
            item.setSelected(row.model_id in kept)
        if not self.selectedItems():
            self._choose_active(rows)
        self.blockSignals(False)
        self.chosen.emit()

    def chosen_ids(self) -> tuple[str, ...]:
        """Return the ids of the chosen models, from top to bottom."""
        items = (self.topLevelItem(i) for i in range(self.topLevelItemCount()))
        return tuple(str(i.data(_MODEL, _ID)) for i in items if i is not None and i.isSelected())

    def choose(self, *model_ids: str) -> None:
        """Choose just these models."""
        self.blockSignals(True)
        for i in range(self.topLevelItemCount()):
            item = self.topLevelItem(i)
            if item is not None:
                item.setSelected(str(item.data(_MODEL, _ID)) in model_ids)
        self.blockSignals(False)
        self.chosen.emit()

    def _choose_active(self, rows: Sequence[ModelTableRow]) -> None:
        for number, row in enumerate(rows):
            item = self.topLevelItem(number)
            if row.active and item is not None:
                self.setCurrentItem(item)


def _item(row: ModelTableRow) -> QTreeWidgetItem:
    use = "● now" if row.active else ""
    texts = [row.model_id, use, row.made, row.parent, row.site, row.labels, row.score, row.verdict]
    item = QTreeWidgetItem(texts)
    item.setData(_MODEL, _ID, row.model_id)
    for column, text in enumerate(texts):
        item.setToolTip(column, row.facts if column == _MODEL else text)
        if column in _RIGHT:
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            item.setTextAlignment(column, side)
    return item


class ModelsDialog(QDialog):
    """The list above, what is known of the choice below; a controller fills it and acts.

    Signals:
        chosen: One or two models are chosen; their ids.
        promote_asked: The chosen model shall classify; with the reason, or the empty string.
        roll_back_asked: The model of before shall classify again.
        export_asked: The chosen model shall be written to a file.
        import_asked: A model shall be read from a file.

    Args:
        theme: Colours.
        parent: The window.
    """

    chosen = Signal(object)
    promote_asked = Signal(str)
    roll_back_asked = Signal()
    export_asked = Signal()
    import_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._rows: dict[str, ModelTableRow] = {}
        self._needs_reason = False
        self.table = ModelsTable(self)
        self.table.chosen.connect(self._describe_chosen)
        self.details = EvaluationPanel(theme, self)
        self._message = WrappedLabel(self)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(_MAX_REASON)
        self.reason.setPlaceholderText("Why shall it be used in spite of the verdict?")
        self.reason.setAccessibleName("Reason to promote the model anyway")
        self.reason.textChanged.connect(self._enable)
        self.reason.hide()
        self.promote_button = self._button("&Promote", "Classify with this model from now on")
        self.promote_button.clicked.connect(self._promote)
        self.reason.returnPressed.connect(self._promote)
        self.roll_back_button = self._button(
            "&Roll back",
            "Use the model of before again; its predictions come back",
            self.roll_back_asked,
        )
        self.export_button = self._button(
            "&Export…",
            "Write the chosen model to one file, for another computer",
            self.export_asked,
        )
        self.import_button = self._button(
            "&Import…", "Take over a model that was exported elsewhere", self.import_asked
        )
        self._lay_out()
        self.resize(1000, 640)
        self.say(HINT)

    @property
    def message(self) -> str:
        """What stands below the list."""
        return self._message.text()

    def show_models(self, rows: Sequence[ModelTableRow], *, can_roll_back: bool) -> None:
        """Show models, the newest first."""
        self._rows = {row.model_id: row for row in rows}
        self.roll_back_button.setEnabled(can_roll_back)
        self.table.show_models(rows)

    def show_details(self, view: EvaluationView | None, *, needs_reason: bool = False) -> None:
        """Show what is known of the chosen model, or how two of them compare.

        Args:
            view: The facts, or None for nothing.
            needs_reason: To promote the chosen model takes a reason.
        """
        self._needs_reason = needs_reason
        self.details.setVisible(view is not None)
        if view is not None:
            self.details.show_evaluation(view)
        self.reason.setVisible(needs_reason)
        self.reason.clear()
        self._enable()

    def say(self, text: str, *, rank: str = "second") -> None:
        """Say how something ended."""
        self._message.setText(text)
        set_rank(self._message, rank)

    def _describe_chosen(self) -> None:
        self.show_details(None)
        self.chosen.emit(self.table.chosen_ids())

    def _enable(self, *_text: str) -> None:
        chosen = self.table.chosen_ids()
        one = self._rows.get(chosen[0]) if len(chosen) == 1 else None
        reasoned = not self._needs_reason or bool(self.reason.text().strip())
        self.promote_button.setEnabled(one is not None and not one.active and reasoned)
        self.export_button.setEnabled(one is not None and bool(one.parent))

    def _promote(self) -> None:
        if self.promote_button.isEnabled():
            self.promote_asked.emit(self.reason.text().strip())

    def _button(self, text: str, tip: str, signal: SignalInstance | None = None) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setProperty("flat", True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget(area)
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, SMALL, SMALL, 0)
        inner.addWidget(self.details)
        inner.addStretch(1)
        area.setWidget(body)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        parts.addWidget(area)
        parts.setSizes([240, 300])
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        buttons = (self.promote_button, self.roll_back_button, self.export_button)
        for button in (*buttons, self.import_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        column.setSpacing(MEDIUM)
        column.addWidget(parts, 1)
        column.addWidget(self._message)
        column.addWidget(self.reason)
        column.addLayout(row)
        self.table.setFocus()
