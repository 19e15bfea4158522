from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.unit import drawn_crops
from tests.unit.gui.window_driver import Driver, patient_folder
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def empty(new_driver: Callable[[], Driver], tmp_path: Path) -> Driver:
    """The window on a new workspace without a cell."""
    return new_driver().start(tmp_path / "new workspace")


def looked_at(driver: Driver, folder: Path) -> None:
    """Ask for an import and wait until the plan is on the screen."""
    driver.answers.folder = folder
    driver.press("Ctrl+I")
    driver.until(lambda: _dialog_button_text(driver).endswith("cells"))


def agree(driver: Driver) -> None:
    """Press Import below the plan."""
    dialog = driver.open_workspace.importing.dialog
    assert dialog is not None
    dialog.import_button.click()


def many_crops(folder: Path, n: int) -> Path:
    """Write enough crops for an import or a classification to be caught half way."""
    return drawn_crops.write(folder, {f"cell_{i:04d}.png": drawn_crops.png(i) for i in range(n)})


def _dialog_button_text(driver: Driver) -> str:
    dialog = driver.open_workspace.importing.dialog
    return dialog.import_button.text() if dialog is not None else ""


def test_an_empty_workspace_says_where_to_begin(empty: Driver) -> None:
    assert empty.window.welcome.isVisible()
    assert not empty.window.gallery.isVisible()
    assert not empty.window.commands["export_cells"].isEnabled()


def test_nothing_is_written_before_the_reader_agrees(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, patient_folder(tmp_path))
    assert _dialog_button_text(empty) == "Import 6 cells"
    dialog = empty.open_workspace.importing.dialog
    assert dialog is not None
    dialog.reject()
    assert empty.open_workspace.workspace.catalogue.patients.all() == ()
    assert empty.open_workspace.importing.dialog is None


def test_an_import_shows_the_cells_and_classifies_them(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, patient_folder(tmp_path))
    agree(empty)
    empty.until(lambda: empty.open_workspace.classify.running)
    empty.until(lambda: not empty.open_workspace.classify.running)
    assert empty.window.gallery.isVisible()
    assert len(empty.open_workspace.browser.index) == 6
    assert (empty.open_workspace.browser.index.predicted >= 0).all()
    assert empty.open_workspace.browser.unsettled == 0
    assert empty.answers.errors == []


def test_the_unreadable_file_and_its_reason_are_listed(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, patient_folder(tmp_path))
    dialog = empty.open_workspace.importing.dialog
    assert dialog is not None
    ((path, reason),) = dialog.listed()
    assert path == "slide 1/broken.png"
    assert reason


def test_the_list_of_files_can_be_copied(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, patient_folder(tmp_path))
    dialog = empty.open_workspace.importing.dialog
    assert dialog is not None
    dialog.copy_list()
    [(path, reason)] = dialog.listed()
    assert QGuiApplication.clipboard().text() == f"{path}\t{reason}"
    dialog.reject()


def test_folders_can_be_read_in_another_way(empty: Driver, tmp_path: Path) -> None:
    folder = drawn_crops.write(
        tmp_path / "batch", {f"P-{i}/cell.png": drawn_crops.png(i) for i in range(3)}
    )
    looked_at(empty, folder)
    dialog = empty.open_workspace.importing.dialog
    assert dialog is not None
    assert "of 1 patient" in dialog.summary
    dialog.choose_layout("patients")
    empty.until(lambda: "of 3 patients" in dialog.summary)


def test_the_same_folder_again_adds_nothing(driver: Driver, tmp_path: Path) -> None:
    driver.answers.folder = tmp_path / "P-7"
    driver.press("Ctrl+I")
    driver.until(lambda: driver.open_workspace.importing.dialog is not None)
    dialog = driver.open_workspace.importing.dialog
    assert dialog is not None
    driver.until(lambda: "nothing new" in dialog.summary)
    assert not dialog.import_button.isEnabled()


def test_a_folder_that_is_gone_is_named(empty: Driver, tmp_path: Path) -> None:
    empty.open_workspace.importing.begin([tmp_path / "gone"])
    empty.until(lambda: bool(empty.answers.errors))
    assert "gone" in str(empty.answers.errors[0])
    assert empty.open_workspace.importing.dialog is None


def test_a_label_given_while_every_file_fails_classifies_nothing(
    driver: Driver, tmp_path: Path
) -> None:
    folder = many_crops(tmp_path / "P-9", 3)
    looked_at(driver, folder)
    for file in folder.iterdir():
        file.write_bytes(drawn_crops.png(70))  # not what the dry run has seen
    agree(driver)
    driver.choose(1)
    driver.press("8")
    assert driver.open_workspace.importing.running
    assert driver.label_of(1) is not None
    driver.until(lambda: not driver.open_workspace.importing.running)
    assert not driver.open_workspace.classify.running
    assert "3 files could not be imported" in driver.window.notice.text


def test_an_import_stopped_half_way_leaves_no_part_of_a_patient(
    empty: Driver, tmp_path: Path
) -> None:
    looked_at(empty, many_crops(tmp_path / "P-9", 1_500))
    agree(empty)
    empty.until(lambda: empty.open_workspace.importing.staged)
    empty.window.commands["stop"].trigger()
    empty.until(lambda: not empty.open_workspace.importing.running)
    assert empty.open_workspace.workspace.catalogue.patients.all() == ()
    with empty.open_workspace.workspace.import_lock():
        pass


def test_closing_during_an_import_leaves_a_sound_workspace(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, many_crops(tmp_path / "P-9", 1_500))
    agree(empty)
    empty.until(lambda: empty.open_workspace.importing.staged)
    place = empty.open_workspace.workspace.folder
    empty.close()
    with Workspace.open(place) as workspace:
        assert workspace.swept == ()
        assert workspace.catalogue.patients.all() == ()


def test_a_stopped_classification_goes_on_where_it_stopped(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, many_crops(tmp_path / "P-9", 300))
    agree(empty)
    empty.until(lambda: empty.open_workspace.browser.unsettled > 0)
    empty.press("Ctrl+.")
    empty.until(lambda: not empty.open_workspace.classify.running)
    index = empty.open_workspace.browser.index
    stored = empty.open_workspace.workspace.catalogue.predictions.labels_for(index.cell_id.tolist())
    assert len(stored) == (index.predicted >= 0).sum() > 0
    empty.press("Ctrl+R")
    empty.until(lambda: not empty.open_workspace.classify.running)
    assert (empty.open_workspace.browser.index.predicted >= 0).all()


def test_tiles_stay_where_they_are_while_classes_stream_in(empty: Driver, tmp_path: Path) -> None:
    looked_at(empty, many_crops(tmp_path / "P-9", 300))
    agree(empty)
    empty.until(lambda: empty.open_workspace.browser.unsettled > 0)
    assert [s.ordinal for s in empty.open_workspace.browser.arrangement.sections] == [-1]
    empty.press("Ctrl+G")
    assert empty.open_workspace.browser.arrangement.sections[0].ordinal >= 0
    empty.until(lambda: not empty.open_workspace.classify.running)
