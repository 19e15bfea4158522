"""Reference cells in the window: beside the cell being judged, extended by the reader."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.gui.compare.reference_controller import NOTHING
from wbc_desktop.services.inference.rendered_references import PER_CLASS


def shown(driver: Driver) -> list[int | None]:
    """The reference tiles: cells of the workspace by id, None for a drawn one."""
    return [tile.entry.cell_id for tile in driver.window.references.tiles]


def open_strip(driver: Driver, cell_id: int) -> None:
    driver.choose(cell_id)
    driver.press("R")


def wait_for_drawn(driver: Driver, n: int) -> None:
    driver.until(lambda: shown(driver).count(None) >= n)


def test_drawn_cells_of_the_cells_class_stand_beside_it(driver: Driver) -> None:
    open_strip(driver, 2)
    wait_for_drawn(driver, PER_CLASS)
    strip = driver.window.references
    assert strip.isVisible()
    assert strip.class_id == "monocyte"
    assert {tile.entry.source for tile in strip.tiles} == {"drawn"}
    assert all("for orientation only" in tile.accessibleName() for tile in strip.tiles)
    assert "The model gives this class 90 %." in strip.note
    driver.press("R")
    assert not strip.isVisible()


def test_the_strip_follows_the_cell_with_the_focus(driver: Driver) -> None:
    open_strip(driver, 2)
    driver.choose(1)
    assert driver.window.references.class_id == "lymphocyte"
    driver.open_workspace.browser.set_filter(Filter(flagged=True))  # no cell is flagged
    assert driver.window.references.note == NOTHING
    assert shown(driver) == []


def test_keys_step_to_the_classes_that_are_next_likely(driver: Driver) -> None:
    open_strip(driver, 2)
    driver.press("Alt+Left")
    assert driver.window.references.class_id == "monocyte"  # nothing is likelier than its own
    driver.press("Alt+Right")
    following = driver.window.references.class_id
    assert following == TAXONOMY.leaves[0]  # all others are equally likely here
    driver.press("Alt+Left")
    assert driver.window.references.class_id == "monocyte"


def test_a_labelled_cell_is_added_shown_with_its_source_and_removed(driver: Driver) -> None:
    driver.choose(5)  # the model says monocyte
    driver.press("Space")
    driver.choose(5)
    driver.press("Ctrl+D")
    assert driver.window.notice.text == "Saved: Add 1 cell to the reference cells."
    open_strip(driver, 2)
    assert shown(driver)[0] == 5
    tile = driver.window.references.tiles[0]
    driver.until(lambda: tile.has_image)
    assert tile.entry.source == "Ada"
    assert "added by Ada" in tile.accessibleName()
    QTest.keyClick(tile, Qt.Key.Key_Delete)
    assert 5 not in shown(driver)
    driver.press("Ctrl+Z")
    assert driver.window.gallery.selected_ids() == [5]
    driver.choose(2)
    assert shown(driver)[0] == 5


def test_only_what_a_person_labelled_can_be_added(driver: Driver) -> None:
    driver.choose(2)
    driver.press("Ctrl+D")
    assert "Only a cell that a person labelled" in driver.window.notice.text
    driver.press("Space")
    driver.choose(2, 5)
    driver.press("Ctrl+D")
    assert driver.window.notice.text.endswith("1 cell without such a label left out.")
    driver.press("Ctrl+D")
    assert driver.window.notice.text.startswith("Already reference cells")
    driver.choose(5)
    driver.press("Ctrl+Shift+D")
    assert driver.window.notice.text == "None of the selected cells is a reference cell."


def test_a_reference_cell_whose_label_changed_is_no_example_any_more(driver: Driver) -> None:
    driver.choose(5)
    driver.press("Space")
    driver.choose(5)
    driver.press("Ctrl+D")
    driver.choose(5)
    driver.press("8")
    open_strip(driver, 2)
    assert 5 not in shown(driver)
    assert "1 cell with another label now not shown." in driver.window.references.note


def test_of_an_unidentified_cell_the_likeliest_class_is_shown(driver: Driver) -> None:
    driver.choose(2)
    driver.press("U")
    open_strip(driver, 2)
    assert driver.window.references.class_id == "monocyte"


def test_a_pressed_reference_cell_is_shown_in_the_gallery(driver: Driver) -> None:
    driver.choose(5)
    driver.press("Space")
    driver.choose(5)
    driver.press("Ctrl+D")
    open_strip(driver, 2)
    driver.window.references.tiles[0].click()
    assert driver.window.gallery.selected_ids() == [5]


def test_in_the_comparison_the_strip_follows_the_pane_with_the_focus(driver: Driver) -> None:
    driver.choose(1, 2)
    driver.press("C")
    driver.press("R")
    first, second = (pane.cell_id for pane in driver.window.compare.panes)
    classes = []
    for cell_id in (first, second):
        driver.window.compare.select([cell_id])
        classes.append(driver.window.references.class_id)
    assert sorted(classes) == ["lymphocyte", "monocyte"]


def test_the_library_survives_a_restart(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.choose(5)
    driver.press("Space")
    driver.choose(5)
    driver.press("Ctrl+D")
    driver.close()
    again = new_driver().start(workspace_of_six)
    open_strip(again, 2)
    assert shown(again)[0] == 5


def test_of_a_parent_its_leaves_are_shown(driver: Driver) -> None:
    open_strip(driver, 2)
    strip = driver.window.references
    strip.class_chosen.emit("neutrophil")  # a parent: its leaves are drawn
    wait_for_drawn(driver, 2)
    codes = {tile.entry.cell_class.code for tile in strip.tiles if tile.entry.cell_class}
    assert codes == {"SEG", "BND"}
