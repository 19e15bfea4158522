"""The right end of the toolbar: order of the cells and size of the tiles."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QWidget

from wbc_desktop.domain.arrangement import SortKey
from wbc_desktop.gui.gallery.style import TILE_MAX, TILE_MIN
from wbc_desktop.gui.theme import MEDIUM

SORT_TEXTS = {
    SortKey.CONFIDENCE_DESC: "Surest first",
    SortKey.CONFIDENCE_ASC: "Least sure first",
    SortKey.UNUSUAL_FIRST: "Most unusual first",
    SortKey.IMPORT_ORDER: "Import order",
}


class ViewBar(QWidget):
    """Order and tile size.

    Signals:
        sort_changed: A ``SortKey``.
        tile_size_changed: Side of a tile in device-independent pixels.
    """

    sort_changed = Signal(object)
    tile_size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sort = QComboBox(self)
        for key, text in SORT_TEXTS.items():
            self._sort.addItem(text, key)
        self._sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._sort.setAccessibleName("Order of the cells")
        self._sort.setToolTip(
            "Order of the cells in each group: by the model's confidence, or by how unlike the "
            "training cells they are"
        )
        self._tiles = QSlider(Qt.Orientation.Horizontal, self)
        self._tiles.setRange(TILE_MIN, TILE_MAX)
        self._tiles.setSingleStep(16)
        self._tiles.setPageStep(32)
        self._tiles.setFixedWidth(120)
        self._tiles.setAccessibleName("Tile size")
        self._tiles.setToolTip("Tile size (Ctrl++, Ctrl+-, Ctrl+wheel)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MEDIUM)
        row.addStretch(1)
        row.addWidget(self._sort)
        row.addWidget(self._tiles)
        self._sort.currentIndexChanged.connect(self._tell_sort)
        self._tiles.valueChanged.connect(self.tile_size_changed)

    def set_sort(self, sort: SortKey) -> None:
        """Show an order without asking for it."""
        with QSignalBlocker(self._sort):
            self._sort.setCurrentIndex(list(SORT_TEXTS).index(sort))

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

    def _tell_sort(self) -> None:
        self.sort_changed.emit(self._sort.currentData())
