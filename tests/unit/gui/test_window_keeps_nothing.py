"""What is opened and closed again is gone: the window is as it was, however often it happens."""

import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog

from tests.unit.gui.window_driver import Driver

DIALOGS = ("shortcuts", "change_keys", "about", "crash_reports", "settings", "history")


def objects_of(driver: Driver) -> int:
    """How many objects the window has, once what was to be deleted is."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return len(driver.window.findChildren(QObject))


@pytest.mark.parametrize("action", DIALOGS)
def test_a_dialog_is_gone_when_it_is_closed(driver: Driver, action: str) -> None:
    def once() -> None:
        driver.window.commands[action].trigger()
        driver.until(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        dialog.reject()
        driver.until(lambda: QApplication.activeModalWidget() is None)

    once()  # what is made at the first use may stay
    before = objects_of(driver)
    once()
    once()
    assert objects_of(driver) == before


def test_a_workspace_takes_everything_along_when_another_is_opened(
    driver: Driver, workspace_of_six: Path
) -> None:
    driver.controller.open(workspace_of_six, create=False)
    before = objects_of(driver)
    opened = []
    for _ in range(3):
        opened.append(weakref.ref(driver.open_workspace))
        driver.controller.open(workspace_of_six, create=False)
    assert objects_of(driver) == before
    gc.collect()
    assert [controller() for controller in opened] == [None] * 3
