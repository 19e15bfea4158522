import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.hierarchy import LEAVES, PARENTS
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED, Taxonomy, taxonomy_v1
from wbc_desktop.domain.taxonomy.edits import NewClass, add_classes, apply_changes, merge_classes
from wbc_desktop.domain.training.cell_groups import GroupLevel
from wbc_desktop.domain.training.training_set import (
    LabelledCell,
    LeftOut,
    TrainingSet,
    learnt_as,
    training_set,
)

TAXONOMY = taxonomy_v1()


def cell(
    cell_id: int,
    label: str = "lymphocyte",
    *,
    mode: ReviewMode = ReviewMode.SINGLE,
    patient: int = 1,
    slide: int | None = None,
    picture: str | None = None,
) -> LabelledCell:
    return LabelledCell(
        cell_id=cell_id,
        label=label,
        mode=mode,
        patient=patient,
        slide=patient if slide is None else slide,
        site="",
        image_sha256=picture or f"picture {cell_id}",
    )


@st.composite
def labelled(draw: st.DrawFn) -> tuple[list[LabelledCell], dict[int, str]]:
    """Cells of a few patients and slides, some of the same picture; some of them drawn by lot."""
    n = draw(st.integers(1, 40))
    cells = []
    for i in range(n):
        patient = draw(st.integers(1, 5))
        cells.append(
            cell(
                i + 1,
                draw(st.sampled_from([c.id for c in TAXONOMY.classes])),
                mode=draw(st.sampled_from([*ReviewMode])),
                patient=patient,
                slide=10 * patient + draw(st.integers(0, 1)),
                picture=f"picture {draw(st.integers(1, n))}",
            )
        )
    drawn = {c.cell_id: c.image_sha256 for c in cells if draw(st.booleans())}
    return cells, drawn


def parts(found: TrainingSet) -> tuple[set[int], set[int]]:
    return set(found.cell_id[~found.holdout].tolist()), set(found.cell_id[found.holdout].tolist())


@given(labelled())
def test_what_came_by_lot_never_trains_nor_does_a_copy_of_it(
    given_cells: tuple[list[LabelledCell], dict[int, str]],
) -> None:
    cells, drawn = given_cells
    train, held = parts(training_set(cells, TAXONOMY, drawn=drawn))
    picture = {c.cell_id: c.image_sha256 for c in cells}
    assert not train & drawn.keys()
    assert held <= drawn.keys()
    assert not {picture[i] for i in train} & {picture[i] for i in held}


@given(labelled())
def test_a_group_holds_whole_patients_and_whole_pictures(
    given_cells: tuple[list[LabelledCell], dict[int, str]],
) -> None:
    """So that whoever splits by group has no patient, slide or picture on both sides."""
    cells, drawn = given_cells
    found = training_set(cells, TAXONOMY, drawn=drawn)
    group = dict(zip(found.cell_id.tolist(), found.group.tolist(), strict=True))
    used = [c for c in cells if c.cell_id in group]
    whole = {
        GroupLevel.PATIENT: ("patient", "image_sha256"),
        GroupLevel.SLIDE: ("slide", "image_sha256"),
        GroupLevel.CELL: ("image_sha256",),
    }[found.grouped_by]
    for name in whole:
        groups: dict[object, set[int]] = {}
        for c in used:
            groups.setdefault(getattr(c, name), set()).add(group[c.cell_id])
        assert all(len(those) == 1 for those in groups.values()), name
    if found.grouped_by is not GroupLevel.CELL:
        assert len(np.unique(found.group[~found.holdout])) >= 3


@given(labelled(), st.integers(1, 20))
def test_unidentified_never_trains_and_every_cell_is_accounted_for(
    given_cells: tuple[list[LabelledCell], dict[int, str]], at_most: int
) -> None:
    cells, drawn = given_cells
    found = training_set(cells, TAXONOMY, drawn=drawn, at_most=at_most)
    label = {c.cell_id: c.label for c in cells}
    assert UNIDENTIFIED not in {label[i] for i in found.cell_id.tolist()}
    assert set(found.labels) <= {*LEAVES, *PARENTS}
    left = found.left_out
    told = left.undecided + left.unsupported + left.copies + left.surplus
    assert len(found) + told == len(cells)
    assert len(found) <= at_most
    assert left.undecided == sum(c.label == UNIDENTIFIED for c in cells)


@given(labelled())
def test_the_order_in_which_cells_come_changes_nothing(
    given_cells: tuple[list[LabelledCell], dict[int, str]],
) -> None:
    cells, drawn = given_cells
    a, b = (training_set(some, TAXONOMY, drawn=drawn) for some in (cells, cells[::-1]))
    assert a.labels == b.labels
    np.testing.assert_array_equal(a.group, b.group)


def test_a_relabelled_cell_changes_its_label_and_not_its_place() -> None:
    drawn = {1: "picture 1"}
    cells = [cell(1, "monocyte", mode=ReviewMode.SINGLE), cell(2, mode=ReviewMode.DRAW)]
    found = training_set(cells, TAXONOMY, drawn=drawn)
    assert found.holdout.tolist() == [True, False]
    assert found.labels == ("monocyte", "lymphocyte")


def test_bulk_labels_weigh_half() -> None:
    cells = [cell(i, mode=mode) for i, mode in enumerate(ReviewMode)]
    found = training_set(cells, TAXONOMY, drawn={})
    assert dict(zip(ReviewMode, found.weight.tolist(), strict=True)) == {
        ReviewMode.SINGLE: 1.0,
        ReviewMode.QUEUE: 1.0,
        ReviewMode.DRAW: 1.0,
        ReviewMode.BULK: 0.5,
    }


@pytest.mark.parametrize(
    ("patients", "slides", "grouped_by"),
    [
        ([1, 2, 3], [1, 2, 3], GroupLevel.PATIENT),
        ([1, 2, 2], [1, 2, 3], GroupLevel.SLIDE),
        ([1, 1, 2], [1, 1, 2], GroupLevel.CELL),
    ],
)
def test_groups_are_patients_then_slides_then_pictures(
    patients: list[int], slides: list[int], grouped_by: GroupLevel
) -> None:
    cells = [
        cell(i, patient=p, slide=s) for i, (p, s) in enumerate(zip(patients, slides, strict=True))
    ]
    found = training_set(cells, TAXONOMY, drawn={})
    assert found.grouped_by is grouped_by
    assert len(set(found.group.tolist())) == 3


def test_patients_who_only_have_held_out_cells_are_no_groups_to_train_by() -> None:
    cells = [cell(i, patient=i) for i in range(1, 5)]
    found = training_set(cells, TAXONOMY, drawn={3: "picture 3", 4: "picture 4"})
    assert found.grouped_by is GroupLevel.CELL


def test_what_is_too_much_is_taken_from_bulk_labels_of_the_commonest_class() -> None:
    bulk = [cell(i, mode=ReviewMode.BULK) for i in range(20)]
    rare = [cell(100 + i, "basophil", mode=ReviewMode.BULK) for i in range(3)]
    looked_at = [cell(200 + i) for i in range(5)]
    held = cell(300, mode=ReviewMode.BULK)
    found = training_set(
        [*bulk, *rare, *looked_at, held], TAXONOMY, drawn={300: "picture 300"}, at_most=12
    )
    assert found.counts() == {"lymphocyte": 8, "basophil": 3}
    assert found.counts(held_out=True) == {"lymphocyte": 1}
    assert {*range(200, 205), 100, 101, 102, 300} <= set(found.cell_id.tolist())
    assert found.left_out == LeftOut(surplus=17)


def own_class(below: str | None) -> Taxonomy:
    new = NewClass(name="Hairy cell", code="HCL", parent=below)
    return apply_changes(TAXONOMY, add_classes(TAXONOMY, [new]))


def test_a_class_of_ones_own_teaches_the_class_above_it() -> None:
    taxonomy = own_class("lymphocyte")
    (own,) = [c.id for c in taxonomy.classes if taxonomy.own(c.id)]
    assert learnt_as(own, taxonomy) == "lymphocyte"


def test_a_class_of_ones_own_below_no_class_teaches_nothing_and_is_counted() -> None:
    taxonomy = own_class(None)
    (own,) = [c.id for c in taxonomy.classes if taxonomy.own(c.id)]
    found = training_set([cell(1), cell(2, own)], taxonomy, drawn={})
    assert found.cell_id.tolist() == [1]
    assert found.left_out == LeftOut(unsupported=1)
    assert found.left_out


def merged_taxonomy(one: str, into: str) -> Taxonomy:
    return apply_changes(TAXONOMY, merge_classes(TAXONOMY, [one], into))


def test_merged_leaves_teach_the_parent_that_they_make_up() -> None:
    taxonomy = merged_taxonomy("neutrophil_band", "neutrophil_segmented")
    for label in ("neutrophil_band", "neutrophil_segmented"):
        assert learnt_as(label, taxonomy) == "neutrophil"


def test_a_leaf_that_was_merged_into_another_teaches_that_one() -> None:
    taxonomy = merged_taxonomy("lymphocyte_reactive", "lymphocyte")
    assert learnt_as("lymphocyte_reactive", taxonomy) == "lymphocyte"


def test_every_class_of_the_program_teaches_itself_but_one() -> None:
    taught = {c.id: learnt_as(c.id, TAXONOMY) for c in TAXONOMY.classes}
    assert taught.pop(UNIDENTIFIED) is None
    assert all(name == label for label, name in taught.items())
    assert learnt_as("no such class", TAXONOMY) is None
