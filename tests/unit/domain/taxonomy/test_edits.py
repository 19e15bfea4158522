"""Changing the classes of a workspace: ids stay, nonsense is refused, all can be taken back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import CLASS_KEYS, check_taxonomy
from wbc_desktop.domain.taxonomy.class_definitions import definition, with_definitions
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy, taxonomy_v1
from wbc_desktop.domain.taxonomy.contrast import (
    DARK_SURFACE,
    LEAST_CONTRAST,
    LIGHT_SURFACE,
    contrast,
    readable,
)
from wbc_desktop.domain.taxonomy.edits import (
    ClassChanges,
    ClassUpdate,
    NewClass,
    add_classes,
    apply_changes,
    free_code,
    free_keys,
    merge_classes,
    move_class,
    split_class,
    unmerge_class,
    update_class,
)

BASE = taxonomy_v1()
HAIRY = NewClass(name="Hairy cell", code="HCL", hotkey="B", colour="#FFFF00")
SMALL = NewClass(name="Small lymphocyte", code="SLY")
LARGE = NewClass(name="Large granular lymphocyte", code="LGL")


def with_added(*classes: NewClass) -> Taxonomy:
    return apply_changes(BASE, add_classes(BASE, classes))


def test_the_taxonomy_of_the_program_fulfils_what_is_asked_of_a_workspace() -> None:
    check_taxonomy(BASE)
    assert {c.hotkey for c in BASE.classes} <= set(CLASS_KEYS)


def test_a_class_is_renamed_recoloured_and_gets_another_key_and_keeps_its_id() -> None:
    wanted = ClassUpdate(name=" Stab  cell ", code="stb", hotkey="b", colour_light="#203040")
    taxonomy = apply_changes(BASE, update_class(BASE, "neutrophil_band", wanted))
    made = taxonomy.by_id["neutrophil_band"]
    assert (made.name, made.code, made.hotkey) == ("Stab cell", "STB", "B")
    assert (made.colour_light, made.colour_dark) == ("#203040", "#609ACA")
    assert taxonomy.ordinals == BASE.ordinals
    assert taxonomy.leaves == BASE.leaves
    assert taxonomy.resolve("Band neutrophil") == taxonomy.resolve("STB") == "neutrophil_band"


def test_a_change_back_leaves_nothing_to_keep() -> None:
    there = apply_changes(BASE, update_class(BASE, "blast", ClassUpdate(name="Blast cell")))
    back = apply_changes(there, update_class(there, "blast", ClassUpdate(name="Blast")))
    assert back == BASE
    assert update_class(BASE, "blast", ClassUpdate(name="Blast")) == {}


def test_a_changed_taxonomy_has_a_version_of_its_own() -> None:
    taxonomy = apply_changes(BASE, update_class(BASE, "blast", ClassUpdate(hidden=True)))
    assert taxonomy.version.startswith("wbc-1+")
    assert taxonomy.root == BASE


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (ClassUpdate(name=""), "no name"),
        (ClassUpdate(name="x" * 61), "too long"),
        (ClassUpdate(name="a\x07b"), "no name"),
        (ClassUpdate(name="Monocyte"), "“Monocyte” would mean both MON and BLA"),
        (ClassUpdate(code="BL"), "three letters"),
        (ClassUpdate(code="BÄÄ"), "three letters"),
        (ClassUpdate(code="MON"), "would mean both"),
        (ClassUpdate(name="mon"), "would mean both"),
        (ClassUpdate(hotkey="F"), "cannot have this key"),
        (ClassUpdate(hotkey="Ctrl+B"), "cannot have this key"),
        (ClassUpdate(hotkey="4"), "4 for Monocyte and for Blast"),
        (ClassUpdate(colour_light="#FFFFF0"), "light theme: #FFFFF0 has a contrast of 1.0"),
        (ClassUpdate(colour_dark="#202020"), "dark theme"),
        (ClassUpdate(colour_dark="red"), "no colour"),
    ],
)
def test_what_a_class_cannot_be_is_refused(wanted: ClassUpdate, message: str) -> None:
    with pytest.raises(UserError) as refused:
        update_class(BASE, "blast", wanted)
    assert message in str(refused.value)


def test_a_hidden_class_is_offered_no_more_and_its_key_is_free() -> None:
    taxonomy = apply_changes(BASE, update_class(BASE, "plasma_cell", ClassUpdate(hidden=True)))
    assert "plasma_cell" not in {c.id for c in taxonomy.offered}
    assert taxonomy.ordinals["plasma_cell"] == BASE.ordinals["plasma_cell"]
    assert "L" in free_keys(taxonomy)
    taken = apply_changes(taxonomy, update_class(taxonomy, "blast", ClassUpdate(hotkey="L")))
    with pytest.raises(UserError, match="Two classes would have one key"):
        update_class(taken, "plasma_cell", ClassUpdate(hidden=False))


@pytest.mark.parametrize("class_id", ["unidentified", "artefact"])
def test_what_the_program_needs_is_neither_hidden_nor_merged(class_id: str) -> None:
    with pytest.raises(UserError, match="cannot be hidden or merged"):
        update_class(BASE, class_id, ClassUpdate(hidden=True))
    with pytest.raises(UserError, match="cannot be merged"):
        merge_classes(BASE, [class_id], "blast")
    with pytest.raises(UserError, match="Nothing can be merged into"):
        merge_classes(BASE, ["blast"], class_id)
    with pytest.raises(UserError, match="cannot stand below"):
        split_class(BASE, class_id, [SMALL, LARGE])


def test_a_new_class_follows_the_others_and_the_model_does_not_know_it() -> None:
    taxonomy = with_added(HAIRY)
    made = taxonomy.classes[-1]
    assert (made.id, made.code, made.hotkey, made.leaf) == ("hairy_cell", "HCL", "B", False)
    assert taxonomy.ordinals["hairy_cell"] == len(BASE.classes)
    assert taxonomy.own("hairy_cell")
    assert not taxonomy.own("blast")
    assert taxonomy.leaves == BASE.leaves
    assert taxonomy.parents() == BASE.parents()
    assert contrast(made.colour_light, LIGHT_SURFACE) >= LEAST_CONTRAST


def test_ids_are_never_given_twice() -> None:
    taxonomy = with_added(HAIRY)
    renamed = apply_changes(
        taxonomy, update_class(taxonomy, "hairy_cell", ClassUpdate(name="Tricholeukocyte"))
    )
    again = apply_changes(renamed, add_classes(renamed, [NewClass(name="Häiry cell", code="HC2")]))
    assert [c.id for c in again.classes[-2:]] == ["hairy_cell", "hairy_cell_20"]


def test_a_class_below_another_counts_as_it_does() -> None:
    taxonomy = with_added(NewClass(name="Late", code="LAT", parent="erythroblast"))
    assert not taxonomy.by_id["late"].counted
    assert taxonomy.below("erythroblast") == ("late",)
    deeper = apply_changes(
        taxonomy, add_classes(taxonomy, [NewClass(name="Later", code="LTR", parent="late")])
    )
    assert deeper.below("erythroblast") == ("late", "later")
    away = apply_changes(deeper, move_class(deeper, "late", "monocyte"))
    assert away.by_id["later"].counted
    with pytest.raises(UserError, match="below itself"):
        move_class(deeper, "late", "later")
    with pytest.raises(UserError, match="keeps its parent"):
        move_class(deeper, "blast", None)


def test_cells_of_a_merged_class_count_as_the_other() -> None:
    taxonomy = apply_changes(BASE, merge_classes(BASE, ["neutrophil_band"], "neutrophil_segmented"))
    assert taxonomy.counted_as["neutrophil_band"] == "neutrophil_segmented"
    assert taxonomy.resolve("stab") == "neutrophil_segmented"
    assert taxonomy.by_id["neutrophil_band"].name == "Band neutrophil"
    again = apply_changes(taxonomy, merge_classes(taxonomy, ["neutrophil_segmented"], "neutrophil"))
    assert again.counted_as["neutrophil_band"] == "neutrophil"
    assert again.counting_ordinals["neutrophil_band"] == BASE.ordinals["neutrophil"]
    back = apply_changes(again, unmerge_class(again, "neutrophil_segmented"))
    assert back == taxonomy


@pytest.mark.parametrize(
    ("sources", "target", "message"),
    [
        ([], "blast", "Nothing is chosen"),
        (["blast"], "blast", "into itself"),
        (["neutrophil"], "blast", "with others below it"),
        (["neutrophil"], "neutrophil_band", "with others below it"),
        (["gone"], "blast", "no such class"),
        (["blast"], "gone", "no such class"),
    ],
)
def test_what_cannot_be_merged_is_refused(sources: list[str], target: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        merge_classes(BASE, sources, target)


def test_a_class_is_not_merged_into_one_that_is_merged_itself() -> None:
    taxonomy = apply_changes(BASE, merge_classes(BASE, ["neutrophil_band"], "neutrophil"))
    with pytest.raises(UserError, match="Merge into Neutrophil"):
        merge_classes(taxonomy, ["blast"], "neutrophil_band")
    with pytest.raises(UserError, match="merged already"):
        merge_classes(taxonomy, ["neutrophil_band"], "blast")
    with pytest.raises(UserError, match="was not merged"):
        unmerge_class(taxonomy, "blast")


def test_a_class_is_split_into_new_ones_below_it() -> None:
    taxonomy = apply_changes(BASE, split_class(BASE, "lymphocyte", [SMALL, LARGE]))
    assert taxonomy.below("lymphocyte") == ("small_lymphocyte", "large_granular_lymphocyte")
    assert taxonomy.by_id["lymphocyte"].leaf
    with pytest.raises(UserError, match="two or more"):
        split_class(BASE, "lymphocyte", [SMALL])


def test_a_code_is_proposed_that_no_class_has() -> None:
    assert free_code(BASE, "Hairy cell") == "HAI"
    assert free_code(BASE, "Monoblast") == "MOO"
    assert free_code(BASE, "") == ""


@pytest.mark.parametrize(
    ("definitions", "message"),
    [
        ({0: "{"}, "damaged"),
        ({0: "[]"}, "damaged"),
        ({0: definition(BASE.classes[1])}, "another id"),
        ({25: definition(BASE.classes[1])}, "stands where 19 should"),
        ({-1: definition(BASE.classes[1])}, "stands where"),
        ({19: definition(BASE.classes[1])}, "one id"),
        ({0: definition(BASE.classes[0]).replace('"hidden":false', '"hidden":0')}, "damaged"),
        (
            {7: definition(BASE.classes[7]).replace('"merged_into":null', '"merged_into":"x"')},
            "names x",
        ),
        (
            {7: definition(BASE.classes[7]).replace('"merged_into":null', '"merged_into":"blast"')},
            "below itself",
        ),
    ],
)
def test_a_damaged_definition_is_named(definitions: dict[int, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_definitions(BASE, definitions)


@given(st.integers(0, 0xFFFFFF), st.sampled_from([LIGHT_SURFACE, DARK_SURFACE]))
def test_every_colour_can_be_made_readable(number: int, surface: str) -> None:
    assert contrast(readable(f"#{number:06X}", surface), surface) >= LEAST_CONTRAST


@st.composite
def walks(draw: st.DrawFn) -> list[Taxonomy]:
    """Taxonomies, each made from the one before by some edit that was not refused."""
    walk = [BASE]
    names = st.sampled_from(["Alpha", "Beta", "Gamma", "Blast", "мегалобласт", "Δ9"])
    for _ in range(draw(st.integers(1, 8))):
        taxonomy = walk[-1]
        ids = st.sampled_from([c.id for c in taxonomy.classes])
        one, other, name = draw(ids), draw(ids), draw(names)
        code = draw(st.sampled_from(["AAA", "BBB", "CCC", "D9D"]))
        key = draw(st.sampled_from(["", *CLASS_KEYS]))
        try:
            changes: ClassChanges = {}
            match draw(st.integers(0, 4)):
                case 0:
                    wanted = ClassUpdate(name=name, hotkey=key, hidden=draw(st.booleans()))
                    changes = update_class(taxonomy, one, wanted)
                case 1:
                    new = NewClass(name=name, code=code, parent=draw(st.none() | ids))
                    changes = add_classes(taxonomy, [new])
                case 2:
                    changes = merge_classes(taxonomy, [one], other)
                case 3:
                    changes = unmerge_class(taxonomy, one)
                case 4:
                    changes = move_class(taxonomy, one, draw(st.none() | ids))
        except UserError:
            continue
        walk.append(apply_changes(taxonomy, changes))
    return walk


@given(walks())
def test_whatever_was_done_old_labels_stay_readable_and_the_model_is_served(
    walk: list[Taxonomy],
) -> None:
    for before, after in pairwise(walk):
        check_taxonomy(after)
        assert [c.id for c in after.classes[: len(before.classes)]] == [
            c.id for c in before.classes
        ]
        assert after.leaves == BASE.leaves
        assert after.parents() == BASE.parents()
        assert all(after.by_id[end].merged_into is None for end in after.counted_as.values())
        for cell_class in after.classes:
            assert after.resolve(cell_class.id) == after.counted_as[cell_class.id]


@given(walks())
def test_every_change_can_be_taken_back(walk: list[Taxonomy]) -> None:
    for before, after in pairwise(walk):
        back: dict[int, CellClass | None] = dict.fromkeys(
            range(len(before.classes), len(after.classes))
        )
        back |= dict(enumerate(before.classes))
        assert apply_changes(after, back) == before


def test_a_name_that_means_another_class_for_ever_is_refused() -> None:
    taxonomy = with_added(HAIRY)
    renamed = apply_changes(
        taxonomy, update_class(taxonomy, "hairy_cell", ClassUpdate(name="Tricholeukocyte"))
    )
    with pytest.raises(UserError, match="would mean both HCL and HC2"):
        add_classes(renamed, [NewClass(name="Hairy cell!", code="HC2")])
