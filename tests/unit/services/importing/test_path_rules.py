"""How paths become patients, slides and labels: every rule, without a disk."""

import pytest

from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.importing.options import FolderLayout, LabelsFrom
from wbc_desktop.services.importing.path_rules import (
    ParsedFolders,
    other_layouts,
    parse_folders,
    prefix_of,
)
from wbc_desktop.store.sources.base import FoundCrop


def crops(*paths: str) -> list[FoundCrop]:
    return [FoundCrop(path=path, file=path) for path in paths]


def read(
    *paths: str, wanted: FolderLayout = FolderLayout.AUTO, labels: LabelsFrom | None = None
) -> ParsedFolders:
    return parse_folders("P1", crops(*paths), wanted=wanted, labels=labels, taxonomy=taxonomy_v1())


def places(understood: ParsedFolders) -> list[tuple[str, str]]:
    return [(place.patient, place.slide) for place in understood.paths]


def labels(understood: ParsedFolders) -> list[str | None]:
    return [place.label for place in understood.paths]


def test_images_in_the_folder_itself_are_one_slide_named_after_it() -> None:
    found = read("a.png", "b.png")
    assert places(found) == [("P1", "P1")] * 2
    assert found.text == "P1: one patient, 1 slide."


def test_the_first_level_is_the_slide_and_deeper_ones_join_its_name() -> None:
    found = read("s1/a.png", "s2/deep/er/b.png", "c.png")
    assert places(found) == [("P1", "s1"), ("P1", "s2/deep/er"), ("P1", "P1")]
    assert found.layout is FolderLayout.SLIDES
    assert found.text == "P1: one patient, 3 slides, named after the folders."


def test_children_that_all_hold_folders_are_a_batch() -> None:
    found = read("A/s1/a.png", "B/s1/b.png", "B/c.png")
    assert places(found) == [("A", "s1"), ("B", "s1"), ("B", "B")]
    assert found.layout is FolderLayout.PATIENTS
    assert found.text == "P1: a batch of 2 patients, each folder is one patient; 3 slides in all."


@pytest.mark.parametrize("odd_one", ["c.png", "C/c.png"])
def test_one_child_without_folders_means_one_patient(odd_one: str) -> None:
    found = read("A/s1/a.png", "B/s1/b.png", odd_one)
    assert found.layout is FolderLayout.SLIDES
    assert {patient for patient, _ in places(found)} == {"P1"}


def test_a_batch_can_be_asked_for() -> None:
    found = read("A/a.png", "B/b.png", "c.png", wanted=FolderLayout.PATIENTS)
    assert places(found) == [("A", "A"), ("B", "B"), ("P1", "P1")]


def test_folders_named_after_classes_are_no_slides() -> None:
    found = read("Neutrophils/a.png", "15-SEG/0001-1000/b.png", "EO/c.png")
    assert found.layout is FolderLayout.CLASSES
    assert places(found) == [("P1", "P1")] * 3
    assert labels(found) == [None] * 3
    assert "3 class folders are not used as labels" in found.text


def test_class_folders_become_labels_only_when_asked() -> None:
    found = read("Neutrophils/a.png", "15-SEG/0001-1000/b.png", labels=LabelsFrom.FOLDER)
    assert labels(found) == ["Neutrophils", "15-SEG"]
    assert "become labels" in found.text


def test_one_strange_folder_makes_all_of_them_slides() -> None:
    found = read("neutrophil/a.png", "hairy_cell/b.png")
    assert places(found) == [("P1", "neutrophil"), ("P1", "hairy_cell")]


def test_class_folders_are_known_within_each_patient_of_a_batch() -> None:
    found = read("A/BAS/a.png", "A/EOS/b.png", "B/s1/c.png", "B/s2/d.png", labels=LabelsFrom.FOLDER)
    assert places(found) == [("A", "A"), ("A", "A"), ("B", "s1"), ("B", "s2")]
    assert labels(found) == ["BAS", "EOS", None, None]


def test_class_folders_within_a_slide_are_no_part_of_its_name() -> None:
    found = read("s1/BAS/a.png", "s1/EOS/b.png", "s2/c.png", labels=LabelsFrom.FOLDER)
    assert places(found) == [("P1", "s1"), ("P1", "s1"), ("P1", "s2")]
    assert labels(found) == ["BAS", "EOS", None]


def test_the_reading_can_be_switched() -> None:
    paths = ("BAS/x/a.png", "EOS/x/b.png")
    assert places(read(*paths)) == [("P1", "P1"), ("P1", "P1")]
    assert places(read(*paths, wanted=FolderLayout.SLIDES)) == [("P1", "BAS/x"), ("P1", "EOS/x")]
    assert places(read(*paths, wanted=FolderLayout.PATIENTS)) == [("BAS", "x"), ("EOS", "x")]
    assert other_layouts(crops(*paths), FolderLayout.CLASSES) == (
        FolderLayout.SLIDES,
        FolderLayout.PATIENTS,
    )


def test_without_folders_there_is_nothing_to_switch() -> None:
    assert other_layouts(crops("a.png"), FolderLayout.SLIDES) == ()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("SNE_123.jpg", "SNE"),
        ("BAS_0001 (2021_05_21 20_42_39 UTC).tiff", "BAS"),
        ("NGS_0001.tiff.tiff", "NGS"),
        ("s1/PMY_1001.jpg", "PMY"),
        ("lymphocyte_atypical_7.png", "lymphocyte_atypical"),
        ("95-8-10-1_527_1.jpg", None),
        ("BloodImage_00008_1.jpg", None),
        ("cell.png", None),
    ],
)
def test_a_code_before_the_number_is_the_label(name: str, label: str | None) -> None:
    assert labels(read(name, labels=LabelsFrom.PREFIX)) == [label]


def test_a_prefix_ends_before_the_first_number() -> None:
    assert prefix_of("a/IG_12_3.jpg") == "IG"
    assert prefix_of("123.jpg") is None


def test_what_a_manifest_states_goes_before_the_folders() -> None:
    stated = [
        FoundCrop(path="x/a.png", file="", patient="P8", slide="S2"),
        FoundCrop(path="P9/s1/b.png", file="", patient="P9"),
        FoundCrop(path="c.png", file="", patient="P9"),
        FoundCrop(path="y/d.png", file=""),
    ]
    found = parse_folders(
        "P1",
        stated,
        wanted=FolderLayout.AUTO,
        labels=None,
        taxonomy=taxonomy_v1(),
    )
    assert places(found) == [("P8", "S2"), ("P9", "s1"), ("P9", "P9"), ("P1", "y")]
    assert found.text == "P1: 3 patients, 4 slides."


def test_nothing_is_read_as_nothing() -> None:
    found = read()
    assert found.paths == ()
    assert found.text == "P1: no images."
