"""Where things stand in the window: asked of a twin of the program, on a screen of its own.

The acceptance run looks at the installed program from outside and cannot ask it where a cell is
painted. This script builds the same window from the checkout, with a copy of the same workspace
and on a screen of the same size, and prints the places as JSON.
"""

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication

from tests.journeys.gallery_map import GalleryMap, on_screen
from wbc_desktop import app as composition
from wbc_desktop.gui.main_window import MainWindow

_SETTLE_MS = 3000


def main() -> None:
    """Print the places in the window of ``sys.argv[1]``, a copy of a workspace."""
    window, controller = composition.build(QApplication(sys.argv[:1]))
    window.show()
    controller.open(Path(sys.argv[1]), create=False)
    _settle()
    sys.stdout.write(json.dumps(_places(window)) + "\n")
    sys.stdout.flush()
    os._exit(0)  # nothing of the copy need be put in order


def _settle() -> None:
    loop = QEventLoop()
    QTimer.singleShot(_SETTLE_MS, loop.quit)
    loop.exec()


def _places(window: MainWindow) -> dict[str, object]:
    gallery = window.gallery
    where = GalleryMap(gallery)
    view = gallery.viewport()
    tiles = {
        cell: where.tile(cell).center().toTuple()
        for cell in map(int, gallery.scene.model.cell_ids())
        if where.way_to(cell) == 0
    }
    classes = {}
    for cell_class in gallery.scene.model.taxonomy.classes:
        try:
            button = window.classes.button(cell_class.id)
        except KeyError:
            continue
        if button.isVisible():
            classes[cell_class.id] = on_screen(button, button.rect().center()).toTuple()
    middle = on_screen(view, QPoint(view.width() // 2, view.height() // 2)).toTuple()
    return {"tiles": tiles, "classes": classes, "middle": middle}


if __name__ == "__main__":
    main()
