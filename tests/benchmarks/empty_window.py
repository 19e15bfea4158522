"""The rival of the start-up benchmark: the smallest PySide6 window, which ends once painted."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    """Says so after its first paint."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint nothing, and end."""
        super().paintEvent(event)
        QTimer.singleShot(0, self._painted)

    def _painted(self) -> None:
        print("painted", flush=True)
        QApplication.quit()


if __name__ == "__main__":
    app = QApplication(sys.argv)
    window = Window()
    window.resize(1280, 800)
    window.show()
    sys.exit(app.exec())
