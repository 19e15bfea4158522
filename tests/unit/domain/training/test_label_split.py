"""Training, tuning and test: no person on two sides, and always the same split."""

from collections import defaultdict
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.training.cell_groups import GroupLevel
from wbc_desktop.domain.training.label_split import (
    LabelSplit,
    SplitCell,
    SplitPart,
    split_cells,
)

ORIGINS = st.lists(
    st.builds(
        SplitCell,
        patient=st.sampled_from("ABCDE"),
        slide=st.sampled_from(["1", "2"]),
        image_sha256=st.integers(0, 60).map("{:064x}".format),
        drawn=st.booleans(),
    ),
    max_size=60,
)


def origins(*patients: str, n: int = 20, slides: int = 1, drawn: bool = False) -> list[SplitCell]:
    """Cells with a crop of their own, ``n`` of each patient."""
    return [
        SplitCell(code, f"slide {i % slides}", f"{code}-{i}", drawn)
        for code in patients
        for i in range(n)
    ]


def parts_of(cells: list[SplitCell], split: LabelSplit) -> dict[str, set[SplitPart]]:
    found: dict[str, set[SplitPart]] = defaultdict(set)
    for cell, part in zip(cells, split.part, strict=True):
        found[cell.patient].add(part)
    return found


@given(ORIGINS)
def test_no_group_and_no_picture_stands_on_two_sides(cells: list[SplitCell]) -> None:
    split = split_cells(cells)
    seen: dict[object, set[SplitPart]] = defaultdict(set)
    for cell, group, part in zip(cells, split.group, split.part, strict=True):
        side = SplitPart.TRAIN if part is SplitPart.HOLDOUT else part
        for name in (group, cell.image_sha256):
            seen[name].add(part)
        if split.grouped_by is GroupLevel.PATIENT:
            seen["patient", cell.patient].add(part)
        elif split.grouped_by is GroupLevel.SLIDE:
            seen["slide", cell.patient, cell.slide].add(part)
        assert not (cell.drawn and side is part and part is not SplitPart.TEST)
    assert all(len(found - {SplitPart.HOLDOUT}) <= 1 for found in seen.values())
    assert all(SplitPart.TEST not in found or len(found) == 1 for found in seen.values())


@given(ORIGINS, st.randoms(use_true_random=False))
def test_the_order_of_the_cells_has_no_say(cells: list[SplitCell], lot: Random) -> None:
    places = list(range(len(cells)))
    lot.shuffle(places)
    split, other = split_cells(cells), split_cells([cells[place] for place in places])
    assert other.part == tuple(split.part[place] for place in places)
    assert other.grouped_by is split.grouped_by


def test_patients_stay_whole_and_every_part_has_some() -> None:
    cells = origins(*(f"P-{i}" for i in range(12)))
    split = split_cells(cells)
    assert split.grouped_by is GroupLevel.PATIENT
    assert all(len(parts) == 1 for parts in parts_of(cells, split).values())
    sizes = split.sizes()
    assert sizes[SplitPart.TEST] == sizes[SplitPart.VAL] == 40  # two patients of twelve
    assert sizes[SplitPart.TRAIN] == 160
    assert sizes[SplitPart.HOLDOUT] == 0


def test_with_two_patients_slides_stay_whole_and_with_one_slide_pictures() -> None:
    slides = origins("A", "B", slides=4)
    split = split_cells(slides)
    assert split.grouped_by is GroupLevel.SLIDE
    of_slide = defaultdict(set)
    for cell, part in zip(slides, split.part, strict=True):
        of_slide[cell.patient, cell.slide].add(part)
    assert all(len(parts) == 1 for parts in of_slide.values())
    assert split_cells(origins("A", "B")).grouped_by is GroupLevel.CELL


def test_of_three_patients_the_largest_trains_and_each_part_has_one() -> None:
    cells = [*origins("A", "B", n=3), *origins("C", n=90)]
    found = parts_of(cells, split_cells(cells))
    assert found["C"] == {SplitPart.TRAIN}
    assert found["A"] | found["B"] == {SplitPart.TEST, SplitPart.VAL}


def test_patients_that_share_a_picture_are_one_group() -> None:
    cells = [*origins(*"ABCDEF"), SplitCell("A", "s", "same", drawn=False)]
    cells.append(SplitCell("B", "s", "same", drawn=False))
    split = split_cells(cells)
    assert split.group[0] == split.group[20] == split.group[-1] == split.group[-2]
    found = parts_of(cells, split)
    assert found["A"] == found["B"]
    assert len(set(split.group)) == 5


def test_cells_drawn_by_lot_never_train_and_never_tune() -> None:
    cells = [*origins(*"ABCDEF"), *origins(*"ABCDEF", n=2, drawn=True)]
    split = split_cells(cells)
    drawn = {part for cell, part in zip(cells, split.part, strict=True) if cell.drawn}
    assert drawn == {SplitPart.HOLDOUT, SplitPart.TEST}
    assert split.sizes()[SplitPart.HOLDOUT] + sum(
        cell.drawn and part is SplitPart.TEST for cell, part in zip(cells, split.part, strict=True)
    ) == sum(cell.drawn for cell in cells)


def test_few_cells_all_train_and_none_are_no_error() -> None:
    assert split_cells([]).part == ()
    assert split_cells(origins("A", n=1)).part == (SplitPart.TRAIN,)
    assert set(split_cells(origins("A", n=2)).part) == {SplitPart.TRAIN, SplitPart.TEST}


def test_patients_are_counted_after_those_that_share_a_picture_were_joined() -> None:
    cells = [
        *origins(*"ABC", slides=4),
        *(SplitCell(code, "slide 0", "control", drawn=False) for code in "ABC"),
    ]
    split = split_cells(cells)
    assert split.grouped_by is GroupLevel.SLIDE
    assert split.sizes()[SplitPart.TEST] > 0
