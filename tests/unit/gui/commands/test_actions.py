from collections import Counter

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.commands.actions import (
    ACTIONS,
    MENUS,
    RESERVED_KEYS,
    plain,
    tooltip,
)
from wbc_desktop.gui.commands.shortcuts_dialog import ShortcutsDialog

TAXONOMY = taxonomy_v1()


def test_no_two_acts_share_a_key() -> None:
    all_keys = [key for spec in ACTIONS for key in spec.keys]
    all_keys += [c.hotkey for c in TAXONOMY.offered if c.hotkey]
    keys = Counter(QKeySequence(key).toString() for key in all_keys)
    assert [key for key, n in keys.items() if n > 1] == []
    assert "" not in keys


def test_no_class_takes_a_key_kept_for_commands() -> None:
    assert not {c.hotkey for c in TAXONOMY.classes} & RESERVED_KEYS


def test_single_keys_of_commands_are_reserved() -> None:
    single = {key for spec in ACTIONS for key in spec.keys if "+" not in key} - {"F1"}
    assert single <= RESERVED_KEYS


def test_the_table_is_sound() -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    for spec in ACTIONS:
        assert spec.menu in MENUS
        assert spec.tooltip
        assert not spec.tooltip.endswith(".")


def test_every_act_stands_in_its_menu_with_its_key(driver: Driver) -> None:
    shown = {
        action.objectName(): action
        for menu in driver.window.menuBar().findChildren(QMenu)
        for action in menu.actions()
    }
    for spec in ACTIONS:
        assert spec.id in shown
        assert shown[spec.id].toolTip() == tooltip(spec)
        assert [s.toString() for s in shown[spec.id].shortcuts()] == [
            QKeySequence(key).toString() for key in spec.keys
        ]


def test_no_menu_entry_is_dead(driver: Driver) -> None:
    assert driver.controller.handlers().keys() == {spec.id for spec in ACTIONS}


def test_no_two_entries_of_a_menu_share_a_mnemonic() -> None:
    entries = {(spec.menu, spec.submenu, spec.text) for spec in ACTIONS}
    entries |= {(spec.menu, "", spec.submenu) for spec in ACTIONS if spec.submenu}
    marks = Counter((*menu, text[text.index("&") + 1].lower()) for *menu, text in entries)
    assert [mark for mark, n in marks.items() if n > 1] == []


def test_the_help_page_lists_every_key(driver: Driver) -> None:
    dialog = ShortcutsDialog(TAXONOMY, driver.window.keys, driver.window)
    written = dialog.written()
    for spec in ACTIONS:
        for key in spec.keys:
            assert any(key in left.split(", ") for left, _ in written), spec.id
    for cell_class in TAXONOMY.classes:
        assert (cell_class.hotkey, f"{cell_class.code}  {cell_class.name}") in written
    dialog.close()


def test_plain_text_has_no_marks() -> None:
    assert plain("&Import patient folder…") == "Import patient folder…"
