"""The right end of the toolbar: groups and order of the cells, and size of the tiles."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QWidget

from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.actions import plain
from wbc_desktop.gui.commands.actions.arrange_menu import GROUPS, SORTS, Choice
from wbc_desktop.gui.gallery.painting.style import TILE_MAX, TILE_MIN
from wbc_desktop.gui.widgets.theme import SMALL

_CLUSTERS = "clusters"
_BOX_LEAST = 110  # px
_SLIDER = (60, 120)  # px, the least and the most


class ViewBar(QWidget):
    """Groups, order and tile size.

    Signals:
        group_changed: A ``GroupBy``.
        sort_changed: A ``SortKey``.
        clusters_asked: The groups shall be clusters.
        similar_asked: The cells most like the chosen one shall come first.
        size_asked: The cells with the largest crops shall come first.
        tile_size_changed: Side of a tile in device-independent pixels.
    """

    group_changed = Signal(object)
    sort_changed = Signal(object)
    clusters_asked = Signal()
    similar_asked = Signal()
    size_asked = Signal()
    tile_size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = self._box(GROUPS, "Groups of the cells", "What the cells of a group share")
        self._sort = self._box(
            SORTS,
            "Order of the cells",
            "Order of the cells in each group: by what the model says of them, by review, or by "
            "how unlike the training cells they are",
        )
        # What the network's eye decides is no column of the cells: see ``similar_cells``.
        self._group.addItem("Group by cluster", _CLUSTERS)
        self._sort.addItem("Most alike first", SortKey.SIMILARITY)
        # Nor is the size of a crop: see ``crop_sizes``.
        self._sort.addItem("Largest crop first", SortKey.LARGEST_CROP)
        self._tiles = QSlider(Qt.Orientation.Horizontal, self)
        self._tiles.setRange(TILE_MIN, TILE_MAX)
        self._tiles.setSingleStep(16)
        self._tiles.setPageStep(32)
        self._tiles.setMinimumWidth(_SLIDER[0])
        self._tiles.setMaximumWidth(_SLIDER[1])
        self._tiles.setAccessibleName("Tile size")
        self._tiles.setToolTip("Tile size (Ctrl++, Ctrl+-, Ctrl+wheel)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SMALL)
        row.addStretch(1)
        for widget in (self._group, self._sort, self._tiles):
            row.addWidget(widget)
        self._group.currentIndexChanged.connect(self._tell_group)
        self._sort.currentIndexChanged.connect(self._tell_sort)
        self._tiles.valueChanged.connect(self.tile_size_changed)

    def set_group(self, group: GroupBy | None, *, other: str = "") -> None:
        """Show a grouping without asking for it.

        Args:
            group: The grouping, or None for clusters and for groups that stand in no list.
            other: What such groups are called; empty for clusters.
        """
        self._group.setPlaceholderText(other)
        _show(self._group, group or (None if other else _CLUSTERS))

    def set_sort(self, sort: SortKey) -> None:
        """Show an order without asking for it."""
        _show(self._sort, sort)

    @property
    def group_text(self) -> str:
        """What the box of the groups says."""
        return self._group.currentText()

    @property
    def sort_text(self) -> str:
        """What the box of the order says."""
        return self._sort.currentText()

    @property
    def tile_size(self) -> int:
        """Side of a tile that the slider shows."""
        return self._tiles.value()

    def set_tile_size(self, size: int) -> None:
        """Show a tile size without asking for it."""
        with QSignalBlocker(self._tiles):
            self._tiles.setValue(size)

    def step_tiles(self, step: int) -> None:
        """Ask for larger or smaller tiles."""
        self._tiles.setValue(self._tiles.value() + step)

    def _box(self, choices: Sequence[Choice[Any]], name: str, tip: str) -> QComboBox:
        box = QComboBox(self)
        for choice in choices:
            box.addItem(plain(choice.text), choice.key)
            box.setItemData(box.count() - 1, choice.tooltip, Qt.ItemDataRole.ToolTipRole)
        # In a narrow window a box is cut before anything leaves the toolbar; its list is whole.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setMinimumWidth(_BOX_LEAST)
        widest = max(box.fontMetrics().horizontalAdvance(plain(c.text)) for c in choices)
        box.view().setMinimumWidth(
            widest + 2 * SMALL + box.style().pixelMetric(box.style().PixelMetric.PM_ScrollBarExtent)
        )
        box.setAccessibleName(name)
        box.setToolTip(tip)
        return box

    def _tell_group(self) -> None:
        group = self._group.currentData()
        if group == _CLUSTERS:
            self.clusters_asked.emit()
        else:
            self.group_changed.emit(group)

    def _tell_sort(self) -> None:
        sort = self._sort.currentData()
        if sort is SortKey.SIMILARITY:
            self.similar_asked.emit()
        elif sort is SortKey.LARGEST_CROP:
            self.size_asked.emit()
        else:
            self.sort_changed.emit(sort)


def _show(box: QComboBox, key: Enum | str | None) -> None:
    with QSignalBlocker(box):
        box.setCurrentIndex(-1 if key is None else box.findData(key))
