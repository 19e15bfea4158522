from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.workspace.file_opener import FileOpener

Start = Callable[[Callable[[Sequence[Path]], None]], FileOpener]


@pytest.fixture
def start(qapp: QApplication) -> Iterator[Start]:
    openers: list[FileOpener] = []

    def made(take: Callable[[Sequence[Path]], None]) -> FileOpener:
        openers.append(FileOpener(qapp, take))
        return openers[-1]

    yield made
    for opener in openers:
        qapp.removeEventFilter(opener)
        opener.deleteLater()


def _ask(qapp: QApplication, path: Path) -> None:
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(path))))


def test_what_is_asked_for_at_once_is_handed_on_together(
    qapp: QApplication, qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    taken: list[Sequence[Path]] = []
    opener = start(taken.append)
    opener.begin()
    folders = [tmp_path / "Station 2 ä", tmp_path / "P 0193"]
    for folder in folders:
        _ask(qapp, folder)
    QCoreApplication.sendEvent(qapp, QEvent(QEvent.Type.ApplicationPaletteChange))
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == [folders]


def test_what_is_asked_for_before_the_window_is_there_waits_for_the_start(
    qapp: QApplication, qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    taken: list[Sequence[Path]] = []
    opener = start(taken.append)
    _ask(qapp, tmp_path / "workspace.wbc")
    assert opener.begin() == [tmp_path / "workspace.wbc"]
    _ask(qapp, tmp_path / "later")
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == [[tmp_path / "later"]]
