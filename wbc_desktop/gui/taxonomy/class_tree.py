"""The list of all classes of a workspace, with what has become of them."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.taxonomy.class_form import swatches

_NAME, _CODE, _KEY, _CELLS, _STATE = range(5)
_ID = Qt.ItemDataRole.UserRole


class ClassTree(QTreeWidget):
    """Classes below their parents; several can be chosen.

    Signals:
        chosen: The choice has changed.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setProperty("table", True)
        self.setHeaderLabels(["Class", "Code", "Key", "Cells", "State"])
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        self.setIconSize(swatches("#000000", "#FFFFFF").size())
        self.setAllColumnsShowFocus(True)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.headerItem().setTextAlignment(_CELLS, right)
        head = self.header()
        head.setStretchLastSection(True)
        head.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        for column, width in ((_NAME, 300), (_CODE, 56), (_KEY, 44), (_CELLS, 70)):
            self.setColumnWidth(column, width)
        self.itemSelectionChanged.connect(self.chosen)

    def show_classes(self, taxonomy: Taxonomy, counts: Mapping[str, int]) -> None:
        """Show the classes; what was chosen stays chosen.

        Args:
            taxonomy: The classes.
            counts: Cells by the class they count as.
        """
        kept = set(self.chosen_ids())
        self.blockSignals(True)
        self.clear()
        items: dict[str, QTreeWidgetItem] = {}
        waiting = sorted(taxonomy.classes, key=lambda c: _place(c, taxonomy))
        while waiting:
            left = [c for c in waiting if c.parent is not None and c.parent not in items]
            for cell_class in waiting:
                if cell_class not in left:
                    item = self._item(cell_class, taxonomy, counts.get(cell_class.id, 0))
                    above = items.get(cell_class.parent or "")
                    (self.invisibleRootItem() if above is None else above).addChild(item)
                    items[cell_class.id] = item
            waiting = left
        self.expandAll()
        for class_id in kept & items.keys():
            items[class_id].setSelected(True)
        first = self.topLevelItem(0)
        if not self.selectedItems() and first is not None:
            self.setCurrentItem(first)
        self.blockSignals(False)
        self.chosen.emit()

    def chosen_ids(self) -> tuple[str, ...]:
        """Return the ids of the chosen classes."""
        return tuple(str(item.data(_NAME, _ID)) for item in self.selectedItems())

    def choose(self, class_id: str) -> None:
        """Choose just one class."""
        for item in self.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            if item.data(_NAME, _ID) == class_id:
                self.clearSelection()
                self.setCurrentItem(item)
                return

    def _item(self, cell_class: CellClass, taxonomy: Taxonomy, n: int) -> QTreeWidgetItem:
        key = cell_class.hotkey if cell_class.offered else ""
        state = state_words(cell_class, taxonomy)
        cells = f"{n:,}" if cell_class.merged_into is None else ""
        item = QTreeWidgetItem([cell_class.name, cell_class.code, key, cells, state])
        item.setData(_NAME, _ID, cell_class.id)
        item.setIcon(_NAME, QIcon(swatches(cell_class.colour_light, cell_class.colour_dark)))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        item.setTextAlignment(_CELLS, right)
        item.setToolTip(_NAME, f"{cell_class.name}\n{cell_class.id}")
        item.setToolTip(_STATE, state)
        if not cell_class.offered:
            for column in range(self.columnCount()):
                item.setForeground(column, self.palette().placeholderText())
        return item


def _place(cell_class: CellClass, taxonomy: Taxonomy) -> int:
    """Return where a class stands: a parent where the first of those below it does."""
    family = (cell_class.id, *taxonomy.below(cell_class.id))
    return min(taxonomy.ordinals[class_id] for class_id in family)


def state_words(cell_class: CellClass, taxonomy: Taxonomy) -> str:
    """Return what people should know of a class; empty for a class as the program has it."""
    words = []
    if cell_class.merged_into is not None:
        words.append(f"merged into {taxonomy.by_id[cell_class.merged_into].code}")
    if cell_class.hidden:
        words.append("hidden")
    if taxonomy.own(cell_class.id):
        words.append("own, not known to the model")
    elif not cell_class.counted:
        words.append("outside the 100 %")
    return ", ".join(words)
