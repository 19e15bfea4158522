from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.keys_dialog import KeysDialog
from wbc_desktop.gui.settings.reader_name import account_name
from wbc_desktop.gui.settings.settings_dialog import SettingsDialog
from wbc_desktop.settings import SETTINGS, Settings, default_file, offered


@pytest.fixture
def dialog(driver: Driver) -> Iterator[SettingsDialog]:
    """The settings over the window on six cells."""
    driver.press("Ctrl+,")
    made = driver.controller.preferences.dialog
    assert made is not None
    yield made
    made.reject()


def choose(dialog: SettingsDialog, key: str, at: int) -> None:
    """Choose a line of a box, as a click would."""
    control = dialog.editors[key].control
    assert isinstance(control, QComboBox)
    control.setCurrentIndex(at)
    control.activated.emit(at)


def write(dialog: SettingsDialog, key: str, text: str) -> None:
    """Type a text and leave the line."""
    control = dialog.editors[key].control
    assert isinstance(control, QLineEdit)
    control.setText(text)
    control.editingFinished.emit()


def test_every_setting_with_a_label_stands_there_with_its_explanation(
    dialog: SettingsDialog,
) -> None:
    table = [setting for setting in SETTINGS if setting.label]
    assert set(dialog.editors) == {setting.key for setting in table}
    for setting in table:
        assert dialog.rows[setting.key].explanation.text() == setting.text
        assert dialog.editors[setting.key].control.accessibleName() == setting.label


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("tiles", {"tile_size", "keys"}),  # there are commands for it, with keys
        ("LABORATORY scanner", {"last_site"}),  # words of the explanation, in any order
        ("dark", {"theme", "keys"}),  # a choice
        ("undo", {"keys"}),  # a command that has a key
        ("no such thing", set()),
    ],
)
def test_the_search_finds_words_of_name_explanation_and_choices(
    dialog: SettingsDialog, search: str, found: set[str]
) -> None:
    dialog.search.setText(search)
    assert set(dialog.shown()) == found


def test_a_change_is_seen_at_once_and_kept(driver: Driver, dialog: SettingsDialog) -> None:
    choose(dialog, "group", 1)
    choose(dialog, "sort", 1)
    choose(dialog, "theme", 2)
    tile = dialog.editors["tile_size"].control
    assert isinstance(tile, QSpinBox)
    tile.setValue(200)
    write(dialog, "reader", "Zoë")
    assert driver.open_workspace.browser.group is GroupBy.PATIENT
    assert driver.open_workspace.browser.sort is SortKey.CONFIDENCE_ASC
    assert driver.window.commands["theme_dark"].isChecked()
    assert driver.window.gallery.tile_size == 200
    assert driver.open_workspace.session.reader == "Zoë"
    assert Settings(default_file()).text("reader") == "Zoë"


def test_one_setting_can_be_reset(driver: Driver, dialog: SettingsDialog) -> None:
    button = dialog.rows["reader"].reset_button
    assert not button.isVisible()
    write(dialog, "reader", "Zoë")
    assert button.isVisible()
    button.click()
    assert not button.isVisible()
    assert driver.open_workspace.session.reader == account_name()


def test_all_can_be_reset_and_that_taken_back(dialog: SettingsDialog) -> None:
    choose(dialog, "theme", 2)
    write(dialog, "reader", "Zoë")
    dialog.reset_all_button.click()
    settings = Settings(default_file())
    assert not any(settings.is_changed(s.key) for listed in offered().values() for s in listed)
    dialog.take_back_button.click()
    settings = Settings(default_file())
    assert (settings.text("theme"), settings.text("reader")) == ("dark", "Zoë")


def test_a_folder_is_shown_whole(dialog: SettingsDialog) -> None:
    write(dialog, "workspace_folder", "~/cells of ward 2")
    assert dialog.editors["workspace_folder"].whole_path == str(Path.home() / "cells of ward 2")


def test_keys_are_changed_from_here(driver: Driver, dialog: SettingsDialog) -> None:
    dialog.search.setText("undo")
    driver.controller.preferences.change_keys(dialog)
    (keys,) = dialog.findChildren(KeysDialog)
    assert ("Undo", "Ctrl+Z") in keys.shown()
    assert len(keys.shown()) < 5
    keys.reject()
