from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from wbc_desktop.gui.file_opener import FileOpener


def test_a_file_that_the_desktop_asks_for_is_handed_on(qapp: QApplication, tmp_path: Path) -> None:
    taken: list[object] = []
    opener = FileOpener(qapp, taken.append)
    file = tmp_path / "Station 2 ä" / "workspace.wbc"
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(file))))
    QCoreApplication.sendEvent(qapp, QEvent(QEvent.Type.ApplicationPaletteChange))
    qapp.removeEventFilter(opener)
    opener.deleteLater()
    assert taken == [[file]]
