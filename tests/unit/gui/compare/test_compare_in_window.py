"""Comparing cells in the window: which cells, where the keys lead, what comes back."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver, imported
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.gui.compare.compare_controller import TOO_FEW
from wbc_desktop.gui.compare.shared_viewport import ZoomUnit
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


def compared(driver: Driver) -> list[int]:
    return [pane.cell_id for pane in driver.window.compare.panes]


def begin(driver: Driver, *cells: int) -> None:
    driver.choose(*cells)
    driver.press("C")
    driver.until(lambda: all(pane.crop for pane in driver.window.compare.panes))


def test_the_selected_cells_stand_side_by_side_in_the_order_of_the_gallery(driver: Driver) -> None:
    begin(driver, 2, 4, 5)
    model = driver.window.gallery.scene.model
    assert compared(driver) == sorted([2, 4, 5], key=model.position_of)
    assert driver.window.compare.isVisible()
    assert not driver.window.gallery.isVisible()


def test_fewer_than_two_cells_are_not_compared_and_it_says_what_to_do(driver: Driver) -> None:
    driver.choose(1)
    driver.press("C")
    assert driver.window.notice.text == TOO_FEW
    assert driver.window.gallery.isVisible()


def test_a_class_key_labels_the_pane_with_the_focus_and_goes_to_the_next(driver: Driver) -> None:
    begin(driver, 2, 4, 5)
    first, second, third = compared(driver)
    driver.window.compare.select([second])
    driver.press("8")
    assert [driver.label_of(i) for i in (first, second, third)] == [None, "blast", None]
    assert driver.window.compare.current_id() == third
    caption = driver.window.compare.panes[1].caption
    assert caption is not None
    assert caption.cell_class is TAXONOMY.by_id["blast"]
    assert caption.reader == "Ada"


def test_space_at_the_last_pane_accepts_it_and_stays(driver: Driver) -> None:
    begin(driver, 1, 2)
    last = compared(driver)[-1]
    driver.window.compare.select([last])
    driver.press("Space")
    assert driver.label_of(last) is not None
    assert driver.window.compare.current_id() == last


def test_undo_takes_the_label_back_and_comes_back_to_its_pane(driver: Driver) -> None:
    begin(driver, 1, 2, 3)
    first = compared(driver)[0]
    driver.press("8")
    driver.press("Ctrl+Z")
    assert driver.label_of(first) is None
    assert driver.window.compare.current_id() == first


def test_escape_returns_to_the_gallery_with_the_selection(driver: Driver) -> None:
    begin(driver, 2, 4, 5)
    driver.press("8")
    current = driver.window.compare.current_id()
    QTest.keyClick(driver.window.compare.panes[1], Qt.Key.Key_Escape)
    gallery = driver.window.gallery
    assert gallery.isVisible()
    assert gallery.selected_ids() == [2, 4, 5]
    assert gallery.current_id() == current
    driver.choose(1)
    driver.press("4")
    assert driver.label_of(1) == "monocyte"  # the keys are the gallery's again


def test_c_leaves_as_well_and_so_do_g_and_another_filter(driver: Driver) -> None:
    ways: tuple[Callable[[], object], ...] = (
        lambda: driver.press("C"),
        lambda: driver.press("G"),
        lambda: driver.window.tree.chosen.emit(None, None),
    )
    for leave in ways:
        begin(driver, 1, 2)
        leave()
        assert driver.window.gallery.isVisible()
        assert not driver.open_workspace.compare.running


def test_who_selects_other_cells_meanwhile_ends_the_comparison(driver: Driver) -> None:
    begin(driver, 1, 2)
    driver.window.gallery.select([5])  # as the review queue does
    assert driver.window.gallery.isVisible()
    assert driver.window.gallery.selected_ids() == [5]
    driver.press("4")
    assert driver.label_of(5) == "monocyte"


def test_a_cell_that_the_filter_hides_once_labelled_stays_in_the_comparison(
    driver: Driver,
) -> None:
    driver.open_workspace.browser.set_filter(Filter(statuses=frozenset({Status.UNREVIEWED})))
    begin(driver, 1, 2)
    first, second = compared(driver)
    driver.press("8")
    assert driver.window.compare.isVisible()
    assert compared(driver) == [first, second]
    driver.press("C")
    assert driver.window.gallery.selected_ids() == [second]


def test_the_inspector_follows_the_focus(driver: Driver) -> None:
    begin(driver, 1, 2)
    _first, second = compared(driver)
    driver.window.compare.select([second])
    note = "seen in the comparison"
    driver.window.inspector.note.setText(note)
    driver.window.inspector.note.editingFinished.emit()
    assert driver.open_workspace.workspace.catalogue.cells.get(second).note == note


def test_labels_of_another_program_show_in_the_panes(
    driver: Driver, workspace_of_six: Path
) -> None:
    begin(driver, 1, 2)
    with Workspace.open(workspace_of_six) as other:
        session = Session(other, reader="Bela", taxonomy=TAXONOMY)
        session.do(Relabel((1,), "basophil", ReviewMode.SINGLE))
    driver.window.came_to_front.emit()
    captions = {pane.cell_id: pane.caption for pane in driver.window.compare.panes}
    assert captions[1] is not None
    assert captions[1].cell_class is TAXONOMY.by_id["basophil"]


def test_z_shows_the_crops_pixel_by_pixel_and_whole_again(driver: Driver) -> None:
    begin(driver, 1, 2)
    compare = driver.window.compare
    crop = compare.panes[0].crop
    assert crop is not None
    assert compare.viewport.fitted
    driver.press("Z")
    assert compare.viewport.crop_zoom(crop) == 1.0
    driver.press("Z")
    assert compare.viewport.fitted


def test_without_a_scale_pixels_are_compared_and_it_says_why(driver: Driver) -> None:
    begin(driver, 1, 2)
    compare = driver.window.compare
    assert compare.viewport.unit is ZoomUnit.PIXEL
    button = compare.bar.unit_button(ZoomUnit.MICROMETRE)
    assert not button.isEnabled()
    assert "2 of these cells" in button.toolTip()


def test_of_more_than_eight_the_first_eight_are_compared_and_it_says_so(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    folder = drawn_crops.write(
        tmp_path / "P-8", {f"cell_{i:02d}.png": drawn_crops.png(i) for i in range(10)}
    )
    with Workspace.open(tmp_path / "ten", create=True) as workspace:
        imported(Session(workspace, reader="Ada", taxonomy=TAXONOMY), folder)
    driver = new_driver().start(tmp_path / "ten")
    begin(driver, *range(1, 11))
    model = driver.window.gallery.scene.model
    assert compared(driver) == sorted(range(1, 11), key=model.position_of)[:8]
    assert "first 8 of the 10 selected" in driver.window.notice.text
    driver.window.close()  # while cells are compared


def test_after_a_comparison_the_queue_and_the_groups_can_be_started_again(driver: Driver) -> None:
    begin(driver, 1, 2)
    driver.press("C")
    driver.press("V")
    assert driver.window.queue_strip.isVisible()
    driver.press("V")
    driver.press("Shift+Space")
    assert driver.window.accept_bar.isVisible()
