"""A filter goes over to other classes as what it means."""

import pytest

from wbc_desktop.domain.filter.carry_over import carried_over
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.text import filter_text, parse_filter
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.taxonomy.edits import NewClass, added, applied, split

BASE = taxonomy_v1()
HAIRY = applied(BASE, added(BASE, [NewClass(name="Hairy cell", code="HCL")]))
PARTS = applied(
    HAIRY,
    split(HAIRY, "blast", [NewClass(name="Small", code="SBL"), NewClass(name="Large", code="LBL")]),
)
OLD, MORE, SPLIT = FilterNames(BASE), FilterNames(HAIRY), FilterNames(PARTS)


@pytest.mark.parametrize(
    ("text", "old", "new", "carried"),
    [
        ("class:monocyte conf:<0.7", OLD, MORE, "class:monocyte conf:<0.7"),
        ("-class:artefact", OLD, MORE, "-class:artefact"),
        ("-class:artefact", MORE, OLD, "-class:artefact"),
        ("class:hairy_cell flag:yes", MORE, OLD, "flag:yes"),
        ("class:hairy_cell,monocyte,none", MORE, OLD, "class:monocyte,none"),
        ("-class:hairy_cell", MORE, OLD, ""),
        ("-class:hairy_cell,blast", MORE, OLD, "-class:blast"),
        ("class:blast", MORE, SPLIT, "class:blast"),
        ("class:=blast", SPLIT, MORE, "class:blast"),
        ("", MORE, OLD, ""),
    ],
)
def test_the_text_of_a_filter_stays(
    text: str, old: FilterNames, new: FilterNames, carried: str
) -> None:
    found = carried_over(parse_filter(text, old), old, new)
    assert found == parse_filter(carried, new)
    assert filter_text(found, new) == filter_text(parse_filter(carried, new), new)


def test_a_class_that_is_gone_is_not_the_one_that_took_its_name() -> None:
    renamed = applied(BASE, added(BASE, [NewClass(name="Other", code="OTH")]))
    other = FilterNames(renamed)
    wanted = parse_filter("class:hairy_cell,blast", MORE)
    assert carried_over(wanted, MORE, other) == parse_filter("class:blast", other)


def test_no_class_at_all_stays_so() -> None:
    assert carried_over(Filter(classes=frozenset()), OLD, MORE) == Filter(classes=frozenset())
