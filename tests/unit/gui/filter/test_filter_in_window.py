"""Filter text, chips, groups, order and saved views in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.filter.filter_controller import counts_alone
from wbc_desktop.gui.filter.saved_views import SUBMENU
from wbc_desktop.gui.filter.saved_views_dialog import SavedViewsDialog


def type_filter(driver: Driver, text: str) -> None:
    """Type a filter as a reader does: Ctrl+F, the text, Return."""
    driver.press("Ctrl+F")
    box = driver.window.filter_bar.box
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def shown(driver: Driver) -> list[int]:
    return sorted(driver.shown())


def chips(driver: Driver, *texts: str) -> None:
    driver.until(lambda: driver.window.filter_bar.chips.texts() == list(texts))


def menu_of_views(driver: Driver) -> dict[str, QAction]:
    entries = driver.window.commands.submenu(SUBMENU).actions()
    return {entry.text(): entry for entry in entries if entry.text()}


def save_view(driver: Driver, name: str, *, with_places: bool = False) -> SavedViewsDialog:
    driver.press("Ctrl+Shift+S")
    dialog = driver.window.findChildren(SavedViewsDialog)[-1]
    dialog.name_box.setText(name)
    dialog.chosen_box.setChecked(with_places)
    dialog.save_button.click()
    return dialog


def test_a_typed_filter_shows_its_cells_and_the_keyboard_is_back_at_them(driver: Driver) -> None:
    type_filter(driver, "class:monocyte,lymphocyte conf:<95%")
    assert shown(driver) == [1, 2, 4, 5]
    assert driver.window.filter_bar.box.text() == "class:lymphocyte,monocyte conf:<0.95"
    assert driver.window.gallery.hasFocus()
    chips(driver, "Class: LYM, MON 4", "Confidence < 95 % 6")
    assert driver.window.filter_bar.chips.isVisible()
    driver.press("Ctrl+F")
    assert not driver.window.filter_bar.chips.isVisible()


def test_a_wrong_text_is_explained_and_changes_nothing(driver: Driver) -> None:
    type_filter(driver, "flag:no")
    type_filter(driver, "class:monozyt")
    box = driver.window.filter_bar.box
    assert "Did you mean monocyte?" in box.note.text()
    assert box.note.isVisible()
    assert box.selectedText() == "monozyt"
    assert driver.open_workspace.browser.filter == Filter(flagged=False)
    QTest.keyClicks(box, "mono")
    assert not box.note.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert shown(driver) == [2, 5]


def test_esc_leaves_the_box_as_it_was(driver: Driver) -> None:
    type_filter(driver, "flag:no")
    driver.press("Ctrl+F")
    box = driver.window.filter_bar.box
    QTest.keyClicks(box, "class:blast")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == "flag:no"
    assert driver.window.gallery.hasFocus()
    assert len(shown(driver)) == 6


def test_completion_writes_keys_and_values(driver: Driver) -> None:
    driver.press("Ctrl+F")
    box = driver.window.filter_bar.box
    assert "class:" in box.popup.texts()
    QTest.keyClicks(box, "cla")
    QTest.keyClick(box, Qt.Key.Key_Tab)
    assert box.text() == "class:"
    QTest.keyClicks(box, "mon")
    QTest.keyClick(box, Qt.Key.Key_Down)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "class:monocyte "
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert shown(driver) == [2, 5]
    assert not box.popup.isVisible()


def test_class_keys_are_letters_while_a_filter_is_typed(driver: Driver) -> None:
    driver.choose(1)
    driver.press("Ctrl+F")
    QTest.keyClicks(driver.window.filter_bar.box, "x8 ")
    assert driver.window.filter_bar.box.text() == "x8 "
    assert driver.label_of(1) is None


def test_buttons_text_and_chips_show_one_filter(driver: Driver) -> None:
    bar = driver.window.filter_bar
    bar.show_review_state("Not reviewed")
    bar.show_unusual_only()
    assert bar.box.text() == "status:unreviewed unusual:yes"
    chips(driver, "Not reviewed 6", "Unusual 0")
    type_filter(driver, "flag:yes")
    assert driver.open_workspace.browser.filter == Filter(flagged=True)
    bar.clear()
    assert bar.box.text() == ""
    chips(driver)


def test_the_chosen_cell_is_in_view_when_the_filter_goes(driver: Driver) -> None:
    gallery = driver.window.gallery
    driver.window.resize(1000, 600)
    gallery.set_tile_size(240)
    type_filter(driver, "class:monocyte")
    chosen = driver.shown()[0]
    driver.choose(chosen)
    assert gallery.offset == 0
    driver.window.filter_bar.clear()
    assert driver.shown()[0] != chosen
    tile = gallery.rect_in_view(gallery.scene.model.position_of(chosen))
    assert gallery.viewport().rect().contains(tile)


def test_a_chip_removes_its_condition_by_click_or_del(driver: Driver) -> None:
    driver.window.resize(1600, 800)
    type_filter(driver, "class:monocyte flag:no conf:>50%")
    chips(driver, "Class: MON 2", "Confidence > 50 % 6", "Not flagged 6")
    bar = driver.window.filter_bar
    QTest.mouseClick(bar.chips.chips()[0], Qt.MouseButton.LeftButton)
    assert bar.box.text() == "conf:>0.5 flag:no"
    chips(driver, "Confidence > 50 % 6", "Not flagged 6")
    bar.chips.chips()[0].setFocus()
    QTest.keyClick(bar.chips.chips()[0], Qt.Key.Key_Right)
    assert bar.chips.chips()[1].hasFocus()
    QTest.keyClick(bar.chips.chips()[1], Qt.Key.Key_Delete)
    assert bar.box.text() == "conf:>0.5"
    chips(driver, "Confidence > 50 % 6")
    assert bar.chips.chips()[0].hasFocus()


def test_a_patient_or_slide_that_is_typed_is_chosen_at_the_left(driver: Driver) -> None:
    type_filter(driver, 'slide:"slide 1" class:monocyte')
    patient = driver.open_workspace.workspace.catalogue.patients.all()[0]
    wanted = frozenset({patient.slides[0].id})
    assert driver.open_workspace.browser.filter.slides == wanted
    assert driver.window.tree.chosen_patients_and_slides() == (frozenset(), wanted)
    chips(driver, "P-7/slide 1 3", "Class: MON 1")
    driver.window.commands["clear_filter"].trigger()
    assert driver.open_workspace.browser.filter == Filter(patients=frozenset(), slides=wanted)
    type_filter(driver, "")
    assert driver.window.filter_bar.box.text() == 'slide:"P-7/slide 1"'
    QTest.mouseClick(driver.window.filter_bar.chips.chips()[0], Qt.MouseButton.LeftButton)
    assert driver.window.tree.chosen_patients_and_slides() == (None, None)
    assert len(shown(driver)) == 6


def test_readers_can_be_named_once_they_have_reviewed(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    type_filter(driver, "reader:Ada disagrees:yes")
    assert shown(driver) == [1]


def test_groups_and_order_are_chosen_and_remembered(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.press("Ctrl+2")
    driver.window.commands["sort_least_margin"].trigger()
    assert driver.window.view_bar.group_text == "Group by patient"
    assert [
        driver.open_workspace.browser.grouping.names,
        len(driver.open_workspace.browser.arrangement.sections),
    ] == [
        ("P-7",),
        1,
    ]
    driver.close()
    again = new_driver().start(workspace_of_six)
    assert again.open_workspace.browser.group is GroupBy.PATIENT
    assert again.open_workspace.browser.sort is SortKey.LEAST_MARGIN
    assert again.window.commands["group_patient"].isChecked()
    assert again.window.view_bar.sort_text == "Smallest margin first"


def test_a_view_is_saved_shown_and_deleted(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    type_filter(driver, "class:monocyte conf:<0.95")
    driver.press("Ctrl+4")
    save_view(driver, "Monocytes & to do")
    driver.close()
    again = new_driver().start(workspace_of_six)
    again.press("Ctrl+1")
    menu_of_views(again)["Monocytes && to do"].trigger()
    assert shown(again) == [2, 5]
    assert again.open_workspace.browser.group is GroupBy.STATUS
    again.press("Ctrl+Shift+S")
    dialog = again.window.findChildren(SavedViewsDialog)[-1]
    dialog.show_views(again.open_workspace.views._views, marked="Monocytes & to do")
    dialog.delete_button.click()
    assert dialog.names == ["Monocytes & to do"]
    dialog.delete_button.click()
    assert dialog.names == []
    assert not dialog.save_button.isEnabled()
    dialog.reject()
    assert "Monocytes && to do" not in menu_of_views(again)


def test_a_view_keeps_the_chosen_patients_unless_it_has_its_own(driver: Driver) -> None:
    type_filter(driver, 'slide:"slide 1" class:monocyte')
    chosen = driver.open_workspace.browser.filter
    save_view(driver, "anywhere")
    save_view(driver, "here", with_places=True)
    type_filter(driver, 'slide:"slide 2"')
    menu_of_views(driver)["anywhere"].trigger()
    assert driver.open_workspace.browser.filter.slides != chosen.slides
    assert driver.open_workspace.browser.filter.classes == chosen.classes
    menu_of_views(driver)["here"].trigger()
    assert driver.open_workspace.browser.filter == chosen


def test_a_view_of_something_that_is_gone_changes_nothing(driver: Driver) -> None:
    from wbc_desktop.domain.filter.saved_view import SavedView
    from wbc_desktop.services.session.saved_views import SaveView

    gone = SavedView(name="gone", filter="patient:P-99", group="class", sort="import_order")
    driver.open_workspace.session.record(SaveView(gone))
    driver.press("Ctrl+Shift+S")
    dialog = driver.window.findChildren(SavedViewsDialog)[-1]
    dialog.show_views(driver.open_workspace.views._views, marked="gone")
    dialog.show_button.click()
    assert "There is no patient “P-99”" in driver.window.notice.text
    assert driver.open_workspace.browser.filter == Filter()


def test_a_name_in_use_is_replaced_and_the_button_says_so(driver: Driver) -> None:
    save_view(driver, "mine")
    type_filter(driver, "flag:no")
    driver.press("Ctrl+Shift+S")
    dialog = driver.window.findChildren(SavedViewsDialog)[-1]
    assert not dialog.save_button.isEnabled()
    dialog.name_box.setText("MINE")
    assert dialog.save_button.text() == "&Replace"
    dialog.save_button.click()
    assert "MINE" in menu_of_views(driver)
    assert "mine" not in menu_of_views(driver)


@pytest.mark.parametrize("width", [1000, 1366])
def test_long_names_never_widen_the_window(driver: Driver, width: int) -> None:
    driver.window.resize(width, 700)
    text = "class:neutrophil,monocyte conf:<0.95 status:unreviewed flag:no unusual:no patient:P-7"
    type_filter(driver, text)
    driver.until(lambda: len(driver.window.filter_bar.chips.texts()) == 6)
    assert driver.window.width() == width
    bar = driver.window.filter_bar
    for part in (bar.box, bar.controls, *bar.chips.chips()):
        if part.isVisible():
            assert part.mapTo(bar, part.rect().topRight()).x() <= bar.width()


def test_counts_of_chips_are_of_each_condition_alone(driver: Driver) -> None:
    browser = driver.open_workspace.browser
    wanted = Filter(flagged=False, max_conf=0.5)
    assert counts_alone(browser.settled, wanted, driver.open_workspace.filter.names) == {
        "conf": 0,
        "flag": 6,
    }
    assert np.array_equal(browser.settled.cell_id, browser.index.cell_id)
