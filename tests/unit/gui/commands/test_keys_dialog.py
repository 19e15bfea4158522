"""Changing keys in the window: recorded, refused, reset; every place shows the new key."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from tests.unit.gui.window_driver import Driver
from wbc_desktop.gui.commands.keys_dialog import KeyRecorder, KeysDialog
from wbc_desktop.gui.commands.shortcuts_dialog import ShortcutsDialog

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NO = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def dialog(driver: Driver) -> Iterator[KeysDialog]:
    driver.window.commands["change_keys"].trigger()
    found = driver.window.findChild(KeysDialog)
    assert found is not None
    yield found
    if isValid(found):  # else it went with its window
        found.close()


def record(
    dialog: KeysDialog,
    target: str,
    key: Qt.Key,
    held: Qt.KeyboardModifier,
) -> None:
    recorder = dialog.findChild(KeyRecorder)
    assert recorder is not None
    dialog.choose(target)
    dialog.record_button.click()
    assert recorder.waiting
    QTest.keyClick(recorder, key, held)
    assert not recorder.waiting


@pytest.mark.parametrize(
    ("key", "held", "written"),
    [
        (Qt.Key.Key_F, CTRL | SHIFT | Qt.KeyboardModifier.AltModifier, "Ctrl+Alt+Shift+F"),
        (Qt.Key.Key_F7, NO, "F7"),
        (Qt.Key.Key_Space, CTRL, "Ctrl+Space"),
        (Qt.Key.Key_Exclam, SHIFT, "!"),
        (Qt.Key.Key_O, SHIFT, "Shift+O"),
        (Qt.Key.Key_Delete, NO, "Del"),
    ],
)
def test_a_recorded_key_works_at_once_and_stands_everywhere(
    dialog: KeysDialog,
    driver: Driver,
    key: Qt.Key,
    held: Qt.KeyboardModifier,
    written: str,
) -> None:
    record(dialog, "action:flag", key, held)
    assert ("Flag or unflag", written) in dialog.shown()
    action = driver.window.commands["flag"]
    assert action.shortcut().toString() == written
    assert action.toolTip().endswith(f"({written})")
    page = ShortcutsDialog(
        driver.open_workspace.session.taxonomy, driver.window.keys, driver.window
    )
    assert (written, "Flag or unflag") in page.written()
    page.close()
    driver.choose(1)
    driver.press(written)
    assert driver.open_workspace.workspace.catalogue.cells.get(1).flagged
    with pytest.raises(AssertionError):
        driver.press("F")


def test_tips_name_the_key_of_now(dialog: KeysDialog, driver: Driver) -> None:
    button = driver.window.notice.undo_button
    assert button.toolTip() == "Take this back (Ctrl+Z)"
    record(dialog, "action:undo", Qt.Key.Key_F9, NO)
    assert button.toolTip() == "Take this back (F9)"
    dialog.choose("action:undo")
    dialog.clear_button.click()
    assert button.toolTip() == "Take this back"
    dialog.reset_all_button.click()
    assert button.toolTip() == "Take this back (Ctrl+Z)"


def test_a_changed_class_key_stands_on_the_palette_and_labels(
    dialog: KeysDialog, driver: Driver
) -> None:
    record(dialog, "class:blast", Qt.Key.Key_B, NO)
    button = driver.window.classes.button("blast")
    assert button.toolTip() == "Blast (B)"
    assert "key B" in button.accessibleName()
    driver.choose(1)
    driver.press("B")
    assert driver.label_of(1) == "blast"


def test_a_key_that_is_taken_is_refused_by_name_and_nothing_changes(
    dialog: KeysDialog, driver: Driver
) -> None:
    record(dialog, "action:flag", Qt.Key.Key_N, NO)
    assert "it belongs to “Write a note”" in dialog.message
    assert driver.window.commands["flag"].shortcut().toString() == "F"
    assert driver.window.commands["note"].shortcut().toString() == "N"


def test_escape_gives_up_recording_and_leaves_the_dialog_open(
    dialog: KeysDialog, driver: Driver
) -> None:
    record(dialog, "action:flag", Qt.Key.Key_Escape, NO)
    assert dialog.isVisible()
    assert driver.window.commands["flag"].shortcut().toString() == "F"


def test_one_key_or_all_are_reset(dialog: KeysDialog, driver: Driver) -> None:
    assert not dialog.reset_all_button.isEnabled()
    record(dialog, "action:flag", Qt.Key.Key_F7, NO)
    record(dialog, "action:note", Qt.Key.Key_F8, NO)
    dialog.choose("action:flag")
    dialog.reset_button.click()
    assert driver.window.commands["flag"].shortcut().toString() == "F"
    assert driver.window.commands["note"].shortcut().toString() == "F8"
    dialog.choose("action:flag")
    dialog.clear_button.click()
    assert driver.window.commands["flag"].shortcuts() == []
    dialog.reset_all_button.click()
    assert driver.window.commands["flag"].shortcut().toString() == "F"
    assert driver.window.commands["note"].shortcut().toString() == "N"
    assert not dialog.reset_all_button.isEnabled()


def test_the_list_is_searched_by_name_and_by_key(dialog: KeysDialog) -> None:
    search = dialog.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, "ctrl+shift+z")
    assert [name for name, _ in dialog.shown()] == ["Redo"]
    search.clear()
    QTest.keyClicks(search, "basoph")
    assert dialog.shown() == [("Basophil", "6")]
    search.clear()
    QTest.keyClicks(search, "no such thing")
    assert dialog.shown() == []
    assert not dialog.record_button.isEnabled()


def test_a_changed_key_works_after_a_restart(
    dialog: KeysDialog,
    driver: Driver,
    new_driver: Callable[[], Driver],
    workspace_of_six: Path,
) -> None:
    record(dialog, "action:flag", Qt.Key.Key_F7, NO)
    record(dialog, "class:blast", Qt.Key.Key_B, NO)
    dialog.close()
    driver.close()
    again = new_driver().start(workspace_of_six)
    again.choose(2)
    again.press("F7")
    again.press("B")
    record_2 = again.open_workspace.workspace.catalogue.cells.get(2)
    assert record_2.flagged
    assert again.label_of(2) == "blast"
