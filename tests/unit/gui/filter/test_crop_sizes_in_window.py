"""Largest crop first, in the real window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver, imported
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


def opened(driver: Driver, root: Path, sides: tuple[int, ...]) -> list[int]:
    """Open a workspace with one square crop of each size, in the order of import."""
    files = {f"{i}.png": drawn_crops.png(i, height=h, width=h) for i, h in enumerate(sides)}
    with Workspace.open(root / "workspace", create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        imported(session, drawn_crops.write(root / "P-1", files), labels=("monocyte",))
    driver.start(root / "workspace")
    driver.until(lambda: driver.controller.open_workspace is not None)
    return [*map(int, driver.open_workspace.browser.index.cell_id)]


@pytest.fixture
def driver(qtbot: QtBot, qapp: QApplication) -> Iterator[Driver]:
    driver = Driver(qtbot, qapp)
    yield driver
    driver.close()


def test_the_menu_puts_the_largest_crop_first(driver: Driver, tmp_path: Path) -> None:
    first, second, third = opened(driver, tmp_path, (30, 20, 60))
    driver.window.commands["sort_largest_crop"].trigger()
    driver.until(lambda: driver.open_workspace.browser.sort is SortKey.LARGEST_CROP)
    assert driver.shown() == [third, first, second]
    assert driver.window.view_bar.sort_text == "Largest crop first"
    driver.window.commands["sort_import_order"].trigger()
    assert driver.shown() == [first, second, third]


def test_crops_of_one_size_are_said_to_be_so(driver: Driver, tmp_path: Path) -> None:
    cells = opened(driver, tmp_path, (30, 30))
    driver.window.commands["sort_largest_crop"].trigger()
    driver.until(lambda: "of one size" in driver.window.notice.text)
    assert driver.shown() == cells
