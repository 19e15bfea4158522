"""The classes: ids that never change, a tree, keys and aliases without clashes."""

import dataclasses

import pytest

from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy, alias_key, taxonomy_v1

RESERVED_KEYS = frozenset("FNCSRZGPAQEVH?")  # commands of the window; U and X are class keys

IDS_FOR_EVER = [
    "neutrophil_segmented",
    "neutrophil_band",
    "eosinophil",
    "basophil",
    "lymphocyte",
    "lymphocyte_reactive",
    "monocyte",
    "blast",
    "promyelocyte",
    "myelocyte",
    "metamyelocyte",
    "plasma_cell",
    "erythroblast",
    "smudge_cell",
    "platelet",
    "artefact",
    "neutrophil",
    "immature_granulocyte",
    "unidentified",
]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return taxonomy_v1()


def test_the_ids_of_version_1_stay_as_events_and_exports_wrote_them(taxonomy: Taxonomy) -> None:
    assert [c.id for c in taxonomy.classes] == IDS_FOR_EVER


def test_leaves_come_first_and_in_order(taxonomy: Taxonomy) -> None:
    assert taxonomy.leaves == tuple(IDS_FOR_EVER[:16])
    assert [taxonomy.ordinals[leaf] for leaf in taxonomy.leaves] == list(range(16))


def test_a_parent_has_its_leaves_and_a_leaf_has_itself(taxonomy: Taxonomy) -> None:
    assert taxonomy.parents() == ("neutrophil", "immature_granulocyte")
    assert taxonomy.leaves_of("neutrophil") == ("neutrophil_segmented", "neutrophil_band")
    assert taxonomy.leaves_of("immature_granulocyte") == (
        "promyelocyte",
        "myelocyte",
        "metamyelocyte",
    )
    assert taxonomy.leaves_of("monocyte") == ("monocyte",)
    assert taxonomy.leaves_of("unidentified") == ()


def test_every_parent_named_by_a_leaf_exists_and_counts_as_its_leaves_do(
    taxonomy: Taxonomy,
) -> None:
    for cell_class in taxonomy.classes:
        if cell_class.parent is not None:
            parent = taxonomy.by_id[cell_class.parent]
            assert not parent.leaf
            assert parent.counted == cell_class.counted


def test_what_lies_outside_the_hundred_per_cent(taxonomy: Taxonomy) -> None:
    outside = {c.id for c in taxonomy.classes if not c.counted}
    assert outside == {"erythroblast", "smudge_cell", "platelet", "artefact", "unidentified"}


def test_each_class_has_a_key_a_code_and_colours_of_its_own(taxonomy: Taxonomy) -> None:
    for name in ("hotkey", "code", "name", "colour_light", "colour_dark"):
        values = [getattr(c, name) for c in taxonomy.classes]
        assert len(set(values)) == len(values), name
    assert all(len(c.code) == 3 and c.code.isupper() for c in taxonomy.classes)
    assert all(len(c.hotkey) == 1 for c in taxonomy.classes)


def test_no_class_takes_a_key_that_a_command_needs(taxonomy: Taxonomy) -> None:
    assert not {c.hotkey for c in taxonomy.classes} & RESERVED_KEYS


@pytest.mark.parametrize(
    ("text", "class_id"),
    [
        ("neutrophil_segmented", "neutrophil_segmented"),
        ("Segmented neutrophil", "neutrophil_segmented"),
        ("SNE", "neutrophil_segmented"),  # Acevedo-20
        ("NGB", "neutrophil_band"),  # Matek-19
        ("11-STAB", "neutrophil_band"),  # INT-20 numbers its folders
        ("ig", "immature_granulocyte"),
        ("Neutrophil", "neutrophil"),
        ("EOSINOPHILS", "eosinophil"),
        ("05-MONO", "monocyte"),
        ("normoblast", "erythroblast"),
        ("KSC", "smudge_cell"),
        (" lymphocyte_reactive ", "lymphocyte_reactive"),
        ("lymph", "lymphocyte"),
        ("Artefact", "artefact"),
    ],
)
def test_names_codes_and_aliases_of_public_sets_resolve(
    taxonomy: Taxonomy, text: str, class_id: str
) -> None:
    assert taxonomy.resolve(text) == class_id


@pytest.mark.parametrize(
    ("code", "class_id"), [("MYB", "myelocyte"), ("MYO", "blast"), ("MY", "myelocyte")]
)
def test_matek_codes_that_are_easily_mistaken(taxonomy: Taxonomy, code: str, class_id: str) -> None:
    assert taxonomy.resolve(code) == class_id


@pytest.mark.parametrize("text", ["", "  ", "_", "slide 1", "red cell", "12", "s"])
def test_what_names_no_class_resolves_to_none(taxonomy: Taxonomy, text: str) -> None:
    assert taxonomy.resolve(text) is None


def test_every_name_and_alias_resolves_to_its_own_class(taxonomy: Taxonomy) -> None:
    for cell_class in taxonomy.classes:
        for text in (cell_class.id, cell_class.name, cell_class.code, *cell_class.aliases):
            assert taxonomy.resolve(text) == cell_class.id


def test_an_alias_that_means_two_classes_is_refused() -> None:
    first = CellClass(
        id="a", code="AAA", name="A cell", hotkey="1", colour_light="#000000", colour_dark="#FFFFFF"
    )
    second = dataclasses.replace(first, id="b", code="BBB", name="B cell", aliases=("a-cell",))
    with pytest.raises(ValueError, match="means both a and b"):
        Taxonomy(version="t", classes=(first, second)).resolve("a")


def test_comparison_ignores_case_separators_and_a_running_number() -> None:
    assert alias_key("15-SEG") == alias_key("seg") == alias_key(" S_e-g ")
    assert alias_key("15") != ""


def test_known_tells_foreign_ids_apart(taxonomy: Taxonomy) -> None:
    assert taxonomy.known(["blast", "neutrophil"])
    assert not taxonomy.known(["blast", "hairy_cell"])
