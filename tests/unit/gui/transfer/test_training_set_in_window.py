"""Training sets from the File menu: where they go, and what is said of them."""

from pathlib import Path

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.audit.events import EventType


def label_some(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    driver.choose(2)
    driver.press("8")


def test_the_hdf5_file_is_written_told_and_recorded(driver: Driver, tmp_path: Path) -> None:
    label_some(driver)
    driver.answers.target = tmp_path / "set.h5"
    driver.window.commands["export_training_hdf5"].trigger()
    driver.until(lambda: not driver.open_workspace.exporting.running)
    assert driver.answers.target.is_file()
    text = driver.window.notice.text
    assert text.startswith(f"2 cells written to {tmp_path / 'set.h5'}. Split by cell: ")
    event = list(driver.open_workspace.workspace.catalogue.events.all())[-1]
    assert event.type is EventType.EXPORTED
    assert event.payload["what"] == "training-hdf5"


def test_class_folders_get_a_new_folder_each_time(driver: Driver, tmp_path: Path) -> None:
    label_some(driver)
    place = tmp_path / "for the statisticians"
    place.mkdir()
    driver.answers.folder = place
    for name in ("training-set", "training-set-2"):
        driver.window.commands["export_training_folders"].trigger()
        driver.until(lambda: not driver.open_workspace.exporting.running)
        assert len(list((place / name / "blast").iterdir())) == 2
        assert str(place / name) in driver.window.notice.text


def test_without_a_label_the_reader_is_told_what_to_do(driver: Driver, tmp_path: Path) -> None:
    driver.answers.folder = tmp_path
    driver.window.commands["export_training_folders"].trigger()
    driver.until(lambda: bool(driver.answers.errors))
    (error,) = driver.answers.errors
    assert "No cell has a label of a person" in error.title
    assert not (tmp_path / "training-set").exists()


def test_who_gives_up_gets_nothing(driver: Driver) -> None:
    label_some(driver)
    for name in ("hdf5", "folders"):
        driver.window.commands[f"export_training_{name}"].trigger()
        assert not driver.open_workspace.exporting.running
