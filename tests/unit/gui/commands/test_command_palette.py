"""The command palette over the real window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView
from pytestqt.qtbot import QtBot

from tests.unit.gui.window_driver import Driver
from wbc_desktop.gui.commands.actions import ACTIONS
from wbc_desktop.gui.commands.command_palette import CommandPalette


@pytest.fixture
def palette(driver: Driver) -> CommandPalette:
    driver.choose(1)
    driver.press("Ctrl+K")
    found = driver.window.findChild(CommandPalette)
    assert found is not None
    return found


def line(palette: CommandPalette) -> QLineEdit:
    found = palette.findChild(QLineEdit)
    assert found is not None
    return found


def test_it_opens_over_the_window_with_the_keyboard_in_its_line(palette: CommandPalette) -> None:
    assert palette.isVisible()
    assert palette.window().focusWidget() is line(palette)


def test_it_offers_every_action_and_every_class(palette: CommandPalette, driver: Driver) -> None:
    titles = palette.titles()
    assert len(titles) == len(ACTIONS) - 1 + len(driver.open_workspace.session.taxonomy.classes)
    assert "Flag or unflag" in titles
    assert "Label as Blast" in titles


def test_a_few_letters_and_enter_run_an_action(palette: CommandPalette, driver: Driver) -> None:
    QTest.keyClicks(line(palette), "fla")
    assert palette.titles()[0] == "Flag or unflag"
    QTest.keyClick(line(palette), Qt.Key.Key_Return)
    assert palette.isHidden()
    driver.until(lambda: driver.open_workspace.workspace.catalogue.cells.get(1).flagged)
    assert driver.window.focusWidget() is driver.window.gallery


def test_a_class_is_given_from_it(palette: CommandPalette, driver: Driver) -> None:
    QTest.keyClicks(line(palette), "plasma")
    QTest.keyClick(line(palette), Qt.Key.Key_Return)
    driver.until(lambda: driver.label_of(1) == "plasma_cell")


def test_escape_closes_it_and_nothing_is_run(palette: CommandPalette, driver: Driver) -> None:
    events = driver.open_workspace.workspace.catalogue.events.head()
    QTest.keyClicks(line(palette), "flag")
    QTest.keyClick(line(palette), Qt.Key.Key_Escape)
    assert palette.isHidden()
    assert driver.window.focusWidget() is driver.window.gallery
    assert driver.open_workspace.workspace.catalogue.events.head() == events


def test_what_cannot_be_run_says_why_and_stays(palette: CommandPalette, driver: Driver) -> None:
    QTest.keyClicks(line(palette), "redo")
    assert palette.foot == "There is nothing to redo"
    assert "disabled: There is nothing to redo" in line(palette).accessibleDescription()
    QTest.keyClick(line(palette), Qt.Key.Key_Return)
    assert palette.isVisible()


def test_arrows_choose_and_go_round(palette: CommandPalette) -> None:
    listed = palette.findChild(QListView)
    assert listed is not None
    QTest.keyClick(line(palette), Qt.Key.Key_Up)
    assert listed.currentIndex().row() == len(palette.titles()) - 1
    QTest.keyClick(line(palette), Qt.Key.Key_Down)
    QTest.keyClick(line(palette), Qt.Key.Key_Down)
    assert listed.currentIndex().row() == 1


def test_words_that_no_command_has_are_told(palette: CommandPalette) -> None:
    QTest.keyClicks(line(palette), "qqq")
    assert palette.titles() == []
    assert palette.foot == "No command has these words"
    QTest.keyClick(line(palette), Qt.Key.Key_Return)
    assert palette.isVisible()


def test_what_was_used_last_comes_first_also_after_a_restart(
    palette: CommandPalette,
    driver: Driver,
    new_driver: Callable[[], Driver],
    workspace_of_six: Path,
) -> None:
    QTest.keyClicks(line(palette), "larger")
    QTest.keyClick(line(palette), Qt.Key.Key_Return)
    driver.close()
    again = new_driver().start(workspace_of_six)
    again.press("Ctrl+K")
    found = again.window.findChild(CommandPalette)
    assert found is not None
    assert found.titles()[0] == "Larger tiles"


def test_it_closes_when_the_keyboard_goes_elsewhere(
    palette: CommandPalette, driver: Driver
) -> None:
    driver.window.gallery.setFocus(Qt.FocusReason.MouseFocusReason)
    assert palette.isHidden()


def test_its_own_key_closes_it(palette: CommandPalette, driver: Driver) -> None:
    driver.press("Ctrl+K")
    assert palette.isHidden()


def test_a_row_that_the_keys_bring_under_the_mouse_is_not_chosen(
    palette: CommandPalette, qtbot: QtBot
) -> None:
    listed = palette.findChild(QListView)
    assert listed is not None
    QCursor.setPos(listed.viewport().mapToGlobal(listed.viewport().rect().center()))
    palette.toggle()
    palette.toggle()
    QTest.keyClick(line(palette), Qt.Key.Key_Up)  # to the end: the list scrolls
    qtbot.wait(1)
    assert listed.currentIndex().row() == len(palette.titles()) - 1
