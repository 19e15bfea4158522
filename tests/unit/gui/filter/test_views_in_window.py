from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.filter.arrangement import SortKey
from wbc_desktop.gui.widgets import theme
from wbc_desktop.store.workspace import Workspace


def test_the_window_fits_the_smallest_screen(driver: Driver) -> None:
    smallest = driver.window.minimumSizeHint().expandedTo(driver.window.minimumSize())
    assert smallest.width() <= 1280
    assert smallest.height() <= 680
    driver.window.resize(QSize(1280, 680))
    assert driver.window.width() == 1280


def test_a_long_patient_name_does_not_widen_the_window(driver: Driver) -> None:
    driver.window.resize(QSize(1280, 680))
    name = "Müller-Lüdenscheidt, Anna-Katharina, Hämatologie Süd " * 4
    driver.window.status.show_progress(f"Importing {name}", done=3, total=90, rate=30, eta_s=3)
    driver.window.status.show_reader(name)
    driver.window.status.show_site(name)
    driver.window.notice.warn(name)
    driver.window.show_workspace(Path(name))
    QApplication.processEvents()
    assert driver.window.width() == 1280
    assert driver.window.minimumSizeHint().width() <= 1280


def test_a_new_order_is_seen_from_its_beginning(driver: Driver) -> None:
    driver.window.gallery.set_tile_size(320)
    driver.window.gallery.scroll_to(6)
    driver.until(lambda: driver.window.gallery.offset > 0)
    driver.window.view_bar.sort_changed.emit(SortKey.CONFIDENCE_ASC)
    assert driver.window.gallery.offset == 0


def test_pictures_that_cannot_be_read_are_told_once(driver: Driver) -> None:
    driver.window.gallery.thumbnails.failed.emit(OSError("gone"))
    assert "cannot be read" in driver.window.notice.text
    driver.window.notice.say("Saved.")
    driver.window.gallery.thumbnails.failed.emit(OSError("gone"))
    assert driver.window.notice.text == "Saved."


def test_the_tree_counts_patients_slides_and_reviews(driver: Driver) -> None:
    assert driver.window.tree.lines() == [
        ("All patients", "○○○○", "6"),
        ("P-7", "○○○○", "6"),
        ("slide 1", "○○○○", "3"),
        ("slide 2", "○○○○", "3"),
    ]
    driver.choose(1, 2, 3)
    driver.press("8")
    assert driver.window.tree.lines()[0] == ("All patients", "●●○○", "6")


def test_choosing_a_slide_shows_its_cells_only(driver: Driver) -> None:
    patient = driver.open_workspace.workspace.catalogue.patients.all()[0]
    driver.window.tree.chosen.emit(frozenset(), frozenset({patient.slides[0].id}))
    assert driver.shown() != []
    assert len(driver.open_workspace.browser.arrangement) == 3


def test_filters_add_up_and_can_be_removed(driver: Driver) -> None:
    bar = driver.window.filter_bar
    driver.choose(1)
    driver.press("F")
    bar.show_flagged_only()
    assert driver.shown() == [1]
    assert bar.shown_text == "1 of 6 shown"
    driver.window.commands["clear_filter"].trigger()
    assert bar.shown_text == "6 of 6 shown"


def test_a_label_that_a_filter_hides_is_still_undone(driver: Driver) -> None:
    driver.window.filter_bar.show_review_state("Not reviewed")
    driver.choose(1)
    driver.press("8")
    assert 1 not in driver.shown()
    driver.press("Ctrl+Z")
    assert 1 in driver.shown()


def test_the_order_is_remembered(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.window.view_bar.sort_changed.emit(SortKey.IMPORT_ORDER)
    driver.close()
    again = new_driver().start(workspace_of_six)
    assert again.open_workspace.browser.sort is SortKey.IMPORT_ORDER


def test_the_palette_counts_the_present_labels(driver: Driver) -> None:
    assert "2 cells" in driver.window.classes.button("lymphocyte").accessibleName()
    driver.choose(1)
    driver.press("8")
    assert "1 cells" in driver.window.classes.button("lymphocyte").accessibleName()


def test_the_inspector_tells_what_is_known_of_the_cell(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    driver.choose(1)
    inspector = driver.window.inspector
    assert inspector.label_text == "● BLA  Blast"
    assert "corrected by Ada" in inspector.model_text
    driver.until(lambda: "Ada: Blast" in inspector.history_text)
    driver.until(lambda: inspector.crop.has_image)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_theme_changes_at_once_and_is_remembered(
    driver: Driver, new_driver: Callable[[], Driver], name: str
) -> None:
    driver.window.commands[f"theme_{name}"].trigger()
    wanted = theme.DARK if name == "dark" else theme.LIGHT
    assert driver.window.palette().window().color().name().upper() == wanted.window
    driver.close()
    again = new_driver().start()
    assert again.window.palette().window().color().name().upper() == wanted.window


def test_tile_size_is_one_value_for_slider_and_gallery(driver: Driver) -> None:
    driver.window.commands["larger_tiles"].trigger()
    assert driver.window.gallery.tile_size == driver.window.view_bar.tile_size == 136


def test_the_last_workspace_opens_again(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.close()
    again = new_driver().start()
    again.controller.start(None, demo=False)
    assert again.open_workspace.workspace.folder.samefile(workspace_of_six)


def test_a_folder_that_is_no_workspace_leaves_the_present_one_open(
    driver: Driver, tmp_path: Path
) -> None:
    before = driver.open_workspace
    driver.answers.folder = tmp_path
    driver.press("Ctrl+O")
    assert len(driver.answers.errors) == 1
    assert driver.open_workspace is before


def test_export_writes_the_file_and_says_where(driver: Driver, tmp_path: Path) -> None:
    driver.answers.target = tmp_path / "out.csv"
    driver.choose(1)
    driver.press("8")
    driver.press("Ctrl+E")
    driver.until(lambda: not driver.open_workspace.exporting.running)
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    assert driver.window.notice.text == f"6 rows written to {tmp_path / 'out.csv'}."


def test_a_report_is_written_for_people(driver: Driver, tmp_path: Path) -> None:
    driver.answers.target = tmp_path / "report.html"
    driver.window.commands["export_report"].trigger()
    driver.until(lambda: not driver.open_workspace.exporting.running)
    assert "Not for use in diagnostic procedures" in driver.answers.target.read_text("utf-8")
    assert driver.window.notice.text == f"6 cells written to {driver.answers.target}."


def test_an_export_that_cannot_be_written_is_explained(driver: Driver, tmp_path: Path) -> None:
    driver.answers.target = tmp_path / "no folder" / "out.csv"
    driver.press("Ctrl+E")
    driver.until(lambda: bool(driver.answers.errors))
    (error,) = driver.answers.errors
    assert "no folder" in str(error)


def test_an_export_is_recorded_even_if_the_window_closes_meanwhile(
    driver: Driver, tmp_path: Path, workspace_of_six: Path
) -> None:
    driver.answers.target = tmp_path / "out.csv"
    driver.press("Ctrl+E")
    driver.close()
    with Workspace.open(workspace_of_six) as workspace:
        events = [event.type for event in workspace.catalogue.events.all()]
    assert (EventType.EXPORTED in events) is (tmp_path / "out.csv").exists()
