"""The window for every test of this room."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver, imported, patient_folder
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def new_driver(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Driver]]:
    """Return a function that makes a driver; every window is closed at the end."""
    made: list[Driver] = []

    def make() -> Driver:
        made.append(Driver(qtbot, qapp))
        return made[-1]

    yield make
    for driver in made:
        if hasattr(driver, "window"):
            driver.close()


@pytest.fixture
def workspace_of_six(tmp_path: Path) -> Path:
    """A workspace with patient P-7: six cells on two slides, classified; ids 1 to 6."""
    folder = tmp_path / "workspace"
    with Workspace.open(folder, create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        imported(session, patient_folder(tmp_path))
    return folder


@pytest.fixture
def driver(new_driver: Callable[[], Driver], workspace_of_six: Path) -> Driver:
    """The window on ``workspace_of_six``."""
    return new_driver().start(workspace_of_six)
