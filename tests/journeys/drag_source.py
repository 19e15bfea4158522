"""Another program's window, from which files are dragged: ``python drag_source.py PATH …``."""

import sys

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

PLACE, SIZE = QPoint(8, 640), 64  # over the empty part of the patients


class Source(QLabel):
    """Begins a drag of its files as soon as the mouse is pulled."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("files")
        self._paths = paths
        self._dragging = False
        self.setWindowFlags(
            Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.X11BypassWindowManagerHint
        )
        self.setGeometry(PLACE.x(), PLACE.y(), SIZE, SIZE)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the press, so that the moves come here."""
        event.accept()

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag; say that it has begun."""
        if self._dragging:
            return
        self._dragging = True
        print("dragging", flush=True)  # noqa: T201
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(data)
        # The program stays: whoever takes the drop asks for its data after the drag has ended.
        drag.exec(Qt.DropAction.CopyAction)


def main() -> None:
    """Show the window until the program is ended from outside."""
    app = QApplication(sys.argv[:1])
    source = Source(sys.argv[1:])
    source.show()
    app.processEvents()
    print("ready", flush=True)  # noqa: T201
    app.exec()


if __name__ == "__main__":
    main()
