"""Keys that the reader changed: what is refused, what is kept, what a damaged setting does."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy, taxonomy_v1
from wbc_desktop.gui.commands.actions import ACTIONS
from wbc_desktop.gui.commands.key_map import SETTING, KeyMap, normal
from wbc_desktop.settings import Settings

TAXONOMY = taxonomy_v1()
FREE = "Ctrl+Alt+9"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def keys(settings: Settings) -> KeyMap:
    return KeyMap(TAXONOMY, settings)


def stored(settings: Settings) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(settings.text(SETTING) or "{}")
    return found


def test_at_first_everything_has_the_keys_of_the_tables(keys: KeyMap, settings: Settings) -> None:
    for spec in ACTIONS:
        assert keys.of_action(spec.id) == tuple(normal(key) for key in spec.keys)
    for cell_class in TAXONOMY.classes:
        assert keys.of_class(cell_class.id) == cell_class.hotkey
    assert settings.text(SETTING) == ""


def test_a_key_is_changed_kept_and_told(keys: KeyMap, settings: Settings) -> None:
    told: list[tuple[str, ...]] = []
    keys.subscribe(lambda: told.append(keys.of_action("flag")))
    keys.assign("action:flag", FREE)
    assert told == [(FREE,)]
    assert stored(settings) == {"action:flag": [FREE]}
    assert KeyMap(TAXONOMY, settings).of_action("flag") == (FREE,)
    assert keys.is_changed("action:flag")
    assert not keys.is_changed("action:note")


def test_a_key_that_is_taken_is_refused_and_its_owner_named(
    keys: KeyMap, settings: Settings
) -> None:
    with pytest.raises(UserError, match="N is taken: it belongs to “Write a note”"):
        keys.assign("action:flag", "N")
    with pytest.raises(UserError, match="it belongs to “Blast” \\(Label as\\)"):
        keys.assign("action:flag", "8")
    with pytest.raises(UserError, match="Blast"):
        keys.assign("class:monocyte", "8")
    assert keys.of_action("flag") == ("F",)
    assert settings.text(SETTING) == ""


@pytest.mark.parametrize(
    "key", ["", "Esc", "Left", "Shift+End", "Return", "Ctrl+A", "Tab", "Alt+F", "Ctrl+K, Ctrl+B"]
)
def test_a_key_that_the_window_needs_itself_is_refused(keys: KeyMap, key: str) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        keys.assign("action:flag", key)


@pytest.mark.parametrize("key", ["Ctrl+B", "F5", "Space", "Shift+B", "S"])
def test_a_class_takes_one_free_sign_and_none_that_is_kept_for_commands(
    keys: KeyMap, key: str
) -> None:
    keys.clear("action:accept")
    with pytest.raises(UserError, match="cannot be used"):
        keys.assign("class:blast", key)
    keys.assign("class:blast", "B")
    assert keys.of_class("blast") == "B"


def test_two_actions_swap_their_keys(keys: KeyMap, settings: Settings) -> None:
    keys.clear("action:note")
    keys.assign("action:flag", "N")
    keys.assign("action:note", "F")
    again = KeyMap(TAXONOMY, settings)
    assert (again.of_action("flag"), again.of_action("note")) == (("N",), ("F",))


def test_a_reset_gives_the_key_back_unless_it_was_given_away(
    keys: KeyMap, settings: Settings
) -> None:
    keys.assign("action:flag", FREE)
    keys.assign("action:note", "F")
    with pytest.raises(UserError, match="F is taken: it belongs to “Write a note”"):
        keys.reset("action:flag")
    keys.reset("action:note")
    keys.reset("action:flag")
    assert settings.text(SETTING) == ""
    keys.clear("class:blast")
    assert keys.of_class("blast") == ""
    keys.reset_all()
    assert keys.of_class("blast") == "8"


def test_giving_back_the_old_key_by_hand_is_no_difference(keys: KeyMap, settings: Settings) -> None:
    keys.assign("action:flag", FREE)
    keys.assign("action:flag", "F")
    assert settings.text(SETTING) == ""


@pytest.mark.parametrize("text", ["{", "[]", '"F"', '{"action:flag": "F5"}', "{} {}", "null"])
def test_a_setting_that_cannot_be_read_gives_the_tables_keys_and_a_warning(
    settings: Settings, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.set(SETTING, text)
    with caplog.at_level(logging.WARNING):
        keys = KeyMap(TAXONOMY, settings)
    assert keys.of_action("flag") == ("F",)
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("own", "flag", "blast"),
    [
        ({"action:flag": ["Left"]}, ("F",), "8"),
        ({"action:flag": ["no such key"]}, ("F",), "8"),
        ({"action:flag": [FREE], "class:blast": ["Ctrl+B"]}, (FREE,), "8"),
        ({"action:flag": ["8"]}, ("8",), ""),
        ({"class:blast": ["F"]}, ("F",), "8"),
    ],
)
def test_what_of_a_setting_cannot_be_used_falls_back_alone_and_no_key_does_two_things(
    settings: Settings,
    own: dict[str, list[str]],
    flag: tuple[str, ...],
    blast: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.set(SETTING, json.dumps(own))
    with caplog.at_level(logging.WARNING):
        keys = KeyMap(TAXONOMY, settings)
    assert (keys.of_action("flag"), keys.of_class("blast")) == (flag, blast)
    assert caplog.text
    used = [key for target in keys.targets for key in keys.of(target.id)]
    assert len(used) == len(set(used))


def test_keys_of_classes_that_another_workspace_has_are_kept(
    keys: KeyMap, settings: Settings
) -> None:
    added = replace(TAXONOMY.classes[0], id="sezary", code="SEZ", name="Sézary cell", hotkey="O")
    keys.set_taxonomy(Taxonomy(version=TAXONOMY.version, classes=(*TAXONOMY.classes, added)))
    assert keys.of_class("sezary") == "O"
    keys.assign("class:sezary", "W")
    keys.set_taxonomy(TAXONOMY)
    assert keys.of_class("sezary") == ""
    keys.assign("action:flag", FREE)
    assert stored(settings) == {"action:flag": [FREE], "class:sezary": ["W"]}
