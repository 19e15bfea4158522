"""Morphology attributes: ids for ever, one letter each, room for 32."""

import pytest

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.taxonomy.attributes import (
    MAX_ATTRIBUTES,
    Vocabulary,
    built_in,
    defined,
    definition,
    joined,
    split,
    with_own,
)


def grown(*names: str) -> Vocabulary:
    """Return the built-in attributes and some more, with free letters and digits."""
    definitions: dict[int, str] = {}
    free = list("0123456789BCEFGIJKLMNOPQRSUWXYZ")
    for name in names:
        vocabulary = with_own(definitions)
        made = defined(vocabulary, name=name, letter=free.pop(0))
        definitions[len(vocabulary.attributes)] = definition(made)
    return with_own(definitions)


def test_the_built_in_ids_stay_as_events_wrote_them() -> None:
    assert [(a.id, a.letter) for a in built_in().attributes] == [
        ("toxic_granulation", "T"),
        ("vacuoles", "V"),
        ("hypersegmentation", "H"),
        ("auer_rods", "A"),
        ("dohle_bodies", "D"),
    ]


def test_a_mask_says_which_attributes() -> None:
    vocabulary = grown("Pelger-Huët")
    ids = ("vacuoles", "pelger_huet")
    assert vocabulary.mask(ids) == 0b100010
    assert vocabulary.mask(("vacuoles", "vacuoles", "of a newer program")) == 0b10
    assert vocabulary.names(("gone", "vacuoles")) == ("Vacuoles", "gone")


def test_an_own_attribute_gets_an_id_from_its_name() -> None:
    made = defined(built_in(), name="  Pelger–Huët  anomaly ", letter=" p ")
    assert (made.id, made.letter, made.name) == (
        "pelger_huet_anomaly",
        "P",
        "Pelger–Huët anomaly",
    )


@pytest.mark.parametrize(
    ("name", "letter", "title"),
    [
        ("", "P", "no name"),
        ("…", "P", "no name"),
        ("a\x00b", "P", "no name"),
        ("x" * 61, "P", "too long"),
        ("Smudged", "", "one letter or digit"),
        ("Smudged", "Ä", "one letter or digit"),
        ("Smudged", "PP", "one letter or digit"),
        ("Smudged", "v", "is taken"),
        ("vacuoles", "P", "such an attribute already"),
        ("Auer", "P", "such an attribute already"),
        ("a\ud800", "P", "no name"),
    ],
)
def test_what_cannot_be_an_attribute_is_refused(name: str, letter: str, title: str) -> None:
    with pytest.raises(UserError, match=title):
        defined(built_in(), name=name, letter=letter)


def test_there_is_room_for_as_many_as_a_column_has_bits() -> None:
    vocabulary = grown(*(f"own {chr(97 + i)}" for i in range(MAX_ATTRIBUTES - 5)))
    assert vocabulary.mask(vocabulary.by_id) == 2**MAX_ATTRIBUTES - 1
    with pytest.raises(UserError, match="no room"):
        defined(vocabulary, name="one more", letter="Z")


@pytest.mark.parametrize(
    ("text", "own_id"),
    [
        ("vacuoles", "vacuoles"),
        ("Toxic granulation", "toxic_granulation"),
        ("toxic", "toxic_granulation"),
        ("Döhle", "dohle_bodies"),
        ("", None),
        ("granules", None),
    ],
)
def test_a_name_or_its_beginning_resolves(text: str, own_id: str | None) -> None:
    assert built_in().resolve(text) == own_id


def test_a_damaged_definition_is_named() -> None:
    with pytest.raises(ValueError, match="damaged"):
        with_own({5: '{"id":"x"}'})
    with pytest.raises(ValueError, match="stands where 5 should"):
        with_own({6: definition(built_in().attributes[0])})


def test_ids_of_a_cell_are_kept_sorted_and_once() -> None:
    assert joined(["vacuoles", "auer_rods", "vacuoles"]) == "auer_rods;vacuoles"
    assert split("auer_rods;vacuoles") == ("auer_rods", "vacuoles")
    assert split("") == ()


def test_a_name_in_another_script_gets_an_id_too() -> None:
    made = defined(built_in(), name="Вакуоли", letter="K")
    assert (made.id, made.name) == ("attribute_5", "Вакуоли")
    assert with_own({5: definition(made)}).resolve("вакуоли") == "attribute_5"


def test_cells_are_found_by_what_they_show_and_do_not_show() -> None:
    index = CellIndex.of([1, 2, 3, 4], attributes=[0b00, 0b01, 0b11, 1 << 31])
    first, second, last = (frozenset({bit}) for bit in (0, 1, 31))
    assert Filter(with_attributes=first).rows(index).tolist() == [1, 2]
    assert Filter(with_attributes=first | second).rows(index).tolist() == [2]
    assert Filter(without_attributes=first | last).rows(index).tolist() == [0]
    assert Filter(with_attributes=last, without_attributes=second).rows(index).tolist() == [3]
