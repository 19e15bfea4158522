"""The models of a workspace as a table: which is in use, whence each comes, how it was judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from wbc_desktop.gui.widgets.theme import figures

_HEADS = ("Model", "In use", "Made", "From", "Site", "Labels", "Macro-F1", "Verdict")
_MODEL, _USE, _MADE, _FROM, _SITE, _LABELS, _SCORE, _VERDICT = range(len(_HEADS))
_WIDTHS = {_MODEL: 190, _USE: 60, _MADE: 130, _FROM: 150, _SITE: 110, _LABELS: 60, _SCORE: 110}
_RIGHT = {_LABELS, _SCORE}
_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model, in words that are ready to be shown.

    Attributes:
        model_id: Its id.
        active: It classifies now.
        made: When, in local time.
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

    def show_models(self, rows: Sequence[ModelRow]) -> None:
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

    def _choose_active(self, rows: Sequence[ModelRow]) -> None:
        for number, row in enumerate(rows):
            item = self.topLevelItem(number)
            if row.active and item is not None:
                self.setCurrentItem(item)


def _item(row: ModelRow) -> QTreeWidgetItem:
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
