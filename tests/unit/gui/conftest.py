"""The window for every test of this room."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.patient_bot import PatientBot
from tests.unit.gui.window_driver import Driver, imported, patient_folder
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


@pytest.fixture(autouse=True)
def mouse_in_the_corner(qapp: QApplication) -> None:
    """Put the mouse where it starts, wherever an earlier test has left it."""
    QCursor.setPos(0, 0)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """Wait for what happens, however slow the machine is at the moment."""
    return PatientBot(request)


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


@pytest.fixture(scope="session")
def template_of_six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``workspace_of_six`` and of what it was imported from, made once."""
    root = tmp_path_factory.mktemp("template")
    with Workspace.open(root / "workspace", create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        imported(session, patient_folder(root))
    return root


@pytest.fixture
def workspace_of_six(tmp_path: Path, template_of_six: Path) -> Path:
    """A workspace with patient P-7: six cells on two slides, classified; ids 1 to 6."""
    shutil.copytree(template_of_six, tmp_path, dirs_exist_ok=True)
    return tmp_path / "workspace"


@pytest.fixture
def driver(new_driver: Callable[[], Driver], workspace_of_six: Path) -> Driver:
    """The window on ``workspace_of_six``."""
    return new_driver().start(workspace_of_six)
