from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.unit import drawn_crops
from tests.unit.gui.window_driver import Driver, patient_folder
from wbc_desktop import paths
from wbc_desktop.domain.filter.text import parse_filter
from wbc_desktop.gui.transfer.import_dialog import ImportDialog
from wbc_desktop.gui.workspace.recent_list import RecentDialog
from wbc_desktop.settings import Settings, default_file
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def begun(new_driver: Callable[[], Driver]) -> Driver:
    """The window as it is before anything is opened."""
    return new_driver().start()


def dry_run(driver: Driver) -> ImportDialog:
    """Wait until the plan of an import is on the screen."""
    driver.until(lambda: driver.open_workspace.importing.dialog is not None)
    dialog = driver.open_workspace.importing.dialog
    assert dialog is not None
    driver.until(lambda: dialog.import_button.text().endswith("cells"))
    return dialog


def drop(driver: Driver, *dropped: Path) -> None:
    """Drop things onto the window."""
    driver.window.paths_dropped.emit([*dropped])


def test_the_first_start_needs_no_configuration(begun: Driver) -> None:
    begun.controller.start(demo=False)
    assert begun.open_workspace.workspace.folder == paths.default_workspace()
    assert begun.window.welcome.title == "Welcome to WBC Desktop"
    assert "WBC Desktop" in begun.window.welcome.destination
    assert not begun.window.welcome.recent.isVisible()


def test_while_the_last_workspace_opens_the_window_says_so_and_takes_no_keys(
    driver: Driver, new_driver: Callable[[], Driver]
) -> None:
    cell = driver.shown()[0]
    driver.choose(cell)
    driver.close()
    again = new_driver().start()
    window = again.window
    again.controller.announce([], demo=False)
    assert window.welcome.title.startswith("Opening “")
    assert window.notice.text.startswith("Opening “")
    assert not window.welcome.open_button.isVisible()
    again.controller.start(demo=False)
    assert window.gallery.isVisible()
    QTest.keyClick(window.gallery, Qt.Key.Key_8)  # was pressed before the cells were there
    assert again.label_of(cell) is None
    QApplication.processEvents()
    QTest.keyClick(window.gallery, Qt.Key.Key_8)
    assert again.label_of(cell) is not None


def test_what_cannot_be_opened_leaves_the_ways_to_begin(begun: Driver, tmp_path: Path) -> None:
    Settings(default_file()).set("last_workspace", str(tmp_path / "gone"))
    page = begun.window.welcome
    begun.controller.announce([], demo=False)
    begun.controller.start(demo=False)
    assert page.title == "Welcome to WBC Desktop"
    assert page.open_button.isVisible()


def test_while_the_demo_is_drawn_the_first_page_says_so_and_how_far_it_is(begun: Driver) -> None:
    window = begun.window
    assert "stand here once cells are imported" in window.tree.hint
    assert "Import cells to begin" in window.notice.text
    window.commands["open_demo"].trigger()
    assert window.welcome.title == "Drawing the demo patient …"
    assert "The cells appear above in a moment" in window.notice.text
    begun.until(lambda: " of 200 cells. They appear here" in window.welcome.hint)
    window.commands["stop"].trigger()
    begun.until(lambda: window.welcome.title == "Welcome to WBC Desktop")
    assert window.welcome.hint.startswith("Drop folders")
    assert "Import cells to begin" in window.notice.text


def test_several_folders_and_an_archive_dropped_start_a_dry_run(
    driver: Driver, tmp_path: Path
) -> None:
    folders = [
        drawn_crops.write(tmp_path / f"P-{n}", {"a.png": drawn_crops.png(50 + n)}) for n in range(2)
    ]
    drop(driver, *folders)
    dialog = dry_run(driver)
    assert "of 2 patients" in dialog.summary
    dialog.reject()


def test_a_drop_while_nothing_is_open_goes_to_the_usual_workspace(
    begun: Driver, tmp_path: Path
) -> None:
    Settings(default_file()).set("workspace_folder", str(tmp_path / "elsewhere"))
    drop(begun, patient_folder(tmp_path))
    begun.until(lambda: begun.controller.open_workspace is not None)
    dry_run(begun).reject()


def test_what_cannot_be_imported_says_why_and_changes_nothing(
    driver: Driver, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.docx"
    letter.touch()
    drop(driver, letter)
    driver.until(lambda: bool(driver.answers.errors))
    assert driver.answers.errors[0].detail == str(letter)
    assert driver.open_workspace.importing.dialog is None


def test_what_lies_beside_the_folders_is_named(driver: Driver, tmp_path: Path) -> None:
    note = tmp_path / "notes.txt"
    note.touch()
    drop(driver, note, drawn_crops.write(tmp_path / "P-9", {"a.png": drawn_crops.png(60)}))
    dry_run(driver).reject()
    assert "notes.txt" in driver.window.notice.text


def test_a_dropped_workspace_opens_in_place_of_the_present_one(
    driver: Driver, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    Workspace.open(other, create=True).close()
    drop(driver, other / "workspace.wbc")
    driver.until(lambda: driver.open_workspace.workspace.folder == other)
    assert driver.window.welcome.isVisible()


def test_a_folder_named_at_the_start_is_offered_for_import(begun: Driver, tmp_path: Path) -> None:
    begun.controller.start(patient_folder(tmp_path), demo=False)
    assert begun.open_workspace.workspace.folder == paths.default_workspace()
    dialog = dry_run(begun)
    assert "WBC Desktop" in dialog.windowTitle()  # where the cells would go
    dialog.reject()


def test_a_file_that_is_not_there_is_named_and_the_window_opens(
    begun: Driver, tmp_path: Path
) -> None:
    begun.controller.start(tmp_path / "mistyped.zip", demo=False)
    assert "mistyped.zip" in begun.answers.errors[0].detail
    assert begun.open_workspace.workspace.folder == paths.default_workspace()


def test_filter_and_cell_are_found_again(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.open_workspace.filter.apply(
        parse_filter("class:monocyte", driver.open_workspace.filter.names)
    )
    cell = driver.shown()[-1]
    driver.choose(cell)
    driver.close()
    again = new_driver().start(workspace_of_six)
    assert again.window.gallery.current_id() == cell
    assert len(again.shown()) == 2


def test_a_workspace_that_is_gone_is_said_and_marked(
    driver: Driver, new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    gone = driver.open_workspace.workspace.folder
    driver.close()
    gone.rename(tmp_path / "moved")
    again = new_driver().start()
    again.controller.start(demo=False)
    assert again.controller.open_workspace is None
    assert "is not there now" in again.window.notice.text
    recent = again.window.welcome.recent
    again.until(lambda: recent.lines()[0][1] == "not there")
    assert not recent.open_button.isEnabled()
    recent.remove_button.click()
    assert recent.lines() == []
    assert not recent.isVisible()


def test_a_recent_workspace_opens_from_its_list(driver: Driver, tmp_path: Path) -> None:
    first = driver.open_workspace.workspace.folder
    driver.controller.open(tmp_path / "second", create=True)
    ((name, cells, _day),) = driver.window.welcome.recent.lines()
    assert name.startswith(tmp_path.name)  # not "workspace", the name of the folder in it
    assert cells == "6"
    driver.press("Ctrl+Shift+O")
    dialog = driver.window.findChild(RecentDialog)
    assert dialog is not None
    dialog.list.open_button.click()
    driver.until(lambda: driver.open_workspace.workspace.folder == first)
    assert QApplication.activeModalWidget() is None


def test_a_damaged_last_workspace_leaves_a_way_to_begin(
    driver: Driver, new_driver: Callable[[], Driver]
) -> None:
    damaged = driver.open_workspace.workspace.folder
    driver.close()
    (damaged / "workspace.wbc").write_bytes(b"no database")
    again = new_driver().start()
    again.controller.start(demo=False)
    assert str(damaged) in again.answers.errors[0].detail
    assert again.controller.open_workspace is None
    assert again.window.welcome.isVisible()
    assert len(again.window.welcome.recent.lines()) == 1
