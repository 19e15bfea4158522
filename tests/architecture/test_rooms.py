"""Rooms: few files at each door, one name for one class, a word at every room's entrance."""

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.architecture.source_tree import ROOT, classes, name_of, parse

if TYPE_CHECKING:
    from pathlib import Path

FLOORS = {"wbc_desktop/gui": 14, "wbc_desktop/services": 4, "wbc_desktop/domain": 4, "model": 6}
FILES_PER_ROOM = 16
PRODUCT = sorted(path for top in ("wbc_desktop", "model") for path in (ROOT / top).rglob("*.py"))


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_is_a_corridor_of_rooms(floor: str) -> None:
    assert len(list((ROOT / floor).glob("*.py"))) <= FLOORS[floor]


def test_a_room_is_small_enough_to_look_around_in() -> None:
    rooms: dict[Path, int] = defaultdict(int)
    for path in PRODUCT:
        rooms[path.parent] += 1
    assert not {name_of(room): n for room, n in rooms.items() if n > FILES_PER_ROOM}


def test_a_room_says_what_it_is_for() -> None:
    entrances = [path for path in PRODUCT if path.name == "__init__.py"]
    words = {name_of(path): ast.get_docstring(parse(path)) or "" for path in entrances}
    migrations = {name: text for name, text in words.items() if "migrations" not in name}
    assert not [name for name, text in migrations.items() if len(text.split()) < 12]


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in PRODUCT:
        for found in classes(parse(path)):
            places[found.name].append(name_of(path))
    assert not {name: where for name, where in places.items() if len(where) > 1}
