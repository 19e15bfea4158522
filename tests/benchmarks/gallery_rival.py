"""``QListView`` in icon mode with as many items, measured from within; run by ``gallery``.

Its items have tiles of the gallery's size, painted from a hundred pixmaps that are in memory
already, and are declared to be of one size, which spares it asking each. Measured from the moment
it is given the model to its first paint.
"""

import json
import sys
import time
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QApplication, QListView

Index = QModelIndex | QPersistentModelIndex
_PICTURES = 100


class Cells(QAbstractListModel):
    """As many items as asked, each with a picture and a caption."""

    def __init__(self, n: int, tile: int) -> None:
        super().__init__()
        self._n = n
        self._pictures = [QPixmap(tile, tile) for _ in range(_PICTURES)]
        for i, picture in enumerate(self._pictures):
            picture.fill(QColor.fromHsv(3 * i, 90, 200))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's
        """Return the number of items."""
        return 0 if parent.isValid() else self._n

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Qt's
        """Return picture and caption."""
        if role == Qt.ItemDataRole.DisplayRole:
            return "SEG 97 %"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures[index.row() % _PICTURES]
        return None


class View(QListView):
    """Remembers when it was painted first."""

    painted_at = 0.0

    def paintEvent(self, event: Any) -> None:  # noqa: N802  # Qt's
        """Paint."""
        super().paintEvent(event)
        self.painted_at = self.painted_at or time.perf_counter()


def main() -> None:
    """Show ``argv[1]`` items with tiles of ``argv[2]`` pixels and print one JSON object."""
    n, tile = int(sys.argv[1]), int(float(sys.argv[2]))
    app = QApplication(sys.argv[:1])
    view = View()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setIconSize(QSize(tile, tile))
    view.resize(1920, 1080)
    view.show()
    app.processEvents()
    model = Cells(n, tile)
    view.painted_at = 0.0
    start = time.perf_counter()
    view.setModel(model)
    while not view.painted_at:
        app.processEvents()
    print(json.dumps({"first_show_ms": 1000 * (view.painted_at - start)}))


if __name__ == "__main__":
    main()
