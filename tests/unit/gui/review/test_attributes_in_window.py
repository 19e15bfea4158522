"""The leader key and its list, on the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.unit.gui.window_driver import Driver
from wbc_desktop.gui.review.attribute_widgets import AttributeMenu


def opened(driver: Driver) -> AttributeMenu:
    driver.press("A")
    menu = driver.open_workspace.attributes.menu
    assert menu is not None
    return menu


def carried(driver: Driver) -> dict[int, tuple[str, ...]]:
    return driver.open_workspace.workspace.catalogue.reviews.attributes_for()


def toggle(driver: Driver, letter: str) -> None:
    QTest.keyClicks(opened(driver), letter)


def test_the_leader_key_and_a_letter_put_an_attribute_on_the_chosen_cells(driver: Driver) -> None:
    driver.choose(1, 3)
    toggle(driver, "v")
    toggle(driver, "T")
    both = ("toxic_granulation", "vacuoles")
    assert carried(driver) == {1: both, 3: both}
    assert driver.window.notice.text == "Saved: Mark 2 cells with Toxic granulation."
    assert driver.window.gallery.selected_ids() == [1, 3]
    assert "Shows: Toxic granulation, Vacuoles" in driver.window.inspector.model_text
    model = driver.window.gallery.scene.model
    assert "with attributes" in model.description(model.position_of(3))
    assert "with attributes" not in model.description(model.position_of(2))


def test_where_some_cells_carry_it_all_do_next_and_then_none(driver: Driver) -> None:
    driver.choose(1)
    toggle(driver, "v")
    driver.choose(1, 2)
    menu = opened(driver)
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Attributes of 2 cells"
    assert "Vacuoles (1 of 2)\tV" in texts
    QTest.keyClicks(menu, "v")
    assert sorted(carried(driver)) == [1, 2]
    toggle(driver, "v")
    assert carried(driver) == {}


def test_undo_takes_the_attributes_back(driver: Driver) -> None:
    driver.choose(1, 2, 3)
    toggle(driver, "d")
    driver.press("Ctrl+Z")
    assert carried(driver) == {}
    assert driver.window.notice.text == "Undone: Mark 3 cells with Döhle bodies."


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_8])
def test_a_key_that_means_no_attribute_changes_nothing(driver: Driver, key: Qt.Key) -> None:
    driver.choose(1)
    menu = opened(driver)
    QTest.keyClick(menu, key)
    menu.close()
    assert carried(driver) == {}
    assert driver.label_of(1) is None


def test_without_a_cell_the_list_stays_shut(driver: Driver) -> None:
    driver.window.gallery.clear_selection()
    driver.press("A")
    assert driver.open_workspace.attributes.menu is None
    assert driver.window.notice.text == "Select a cell first."


def test_a_new_attribute_is_defined_where_it_is_missed(driver: Driver) -> None:
    driver.choose(2)
    opened(driver).define_asked.emit()
    dialog = driver.open_workspace.attributes.dialog
    assert dialog is not None
    dialog.name.setText("Pelger-Huët anomaly")
    dialog.letter.setText("v")
    dialog.accept()
    assert "V is the key of “Vacuoles”" in dialog.problem
    dialog.letter.setText("p")
    dialog.accept()
    assert not dialog.isVisible()
    toggle(driver, "p")
    assert carried(driver) == {2: ("pelger_huet_anomaly",)}
    assert "Shows: Pelger-Huët anomaly" in driver.window.inspector.model_text
    driver.press("Ctrl+Z")
    driver.press("Ctrl+Z")
    assert "P" not in driver.open_workspace.attributes.vocabulary.by_letter


def test_the_list_is_for_the_cell_that_was_under_the_mouse_when_it_opened(driver: Driver) -> None:
    driver.choose(1, 3)
    gallery = driver.window.gallery
    driver.open_workspace.review_workflow.hover.toggle()
    centre = gallery.rect_in_view(gallery.scene.model.position_of(2)).center()
    QTest.mouseMove(gallery.viewport(), centre + QPoint(3, 3))
    QTest.mouseMove(gallery.viewport(), centre)
    driver.until(lambda: gallery.hovered_id() == 2)
    menu = opened(driver)
    assert menu.actions()[0].text() == "Attributes of 1 cell"
    QGuiApplication.sendEvent(gallery.viewport(), QEvent(QEvent.Type.Leave))  # as Qt does
    assert gallery.hovered_id() is None
    QTest.keyClicks(menu, "v")
    assert carried(driver) == {2: ("vacuoles",)}


def test_list_and_dialog_go_with_their_workspace(driver: Driver, tmp_path: Path) -> None:
    driver.choose(1)
    menu = opened(driver)
    menu.define_asked.emit()
    dialog = driver.open_workspace.attributes.dialog
    assert dialog is not None
    gone = []
    menu.destroyed.connect(lambda: gone.append("menu"))
    dialog.destroyed.connect(lambda: gone.append("dialog"))
    driver.controller.open(tmp_path / "another", create=True)
    driver.until(lambda: sorted(gone) == ["dialog", "menu"])
