"""Which labelled cells train, which tune and which test: never two cells of one person apart.

A *group* stays together: the cells of a patient; where there are fewer than three patients, the
cells of a slide; where there are fewer than three slides, the cells of one picture. Groups that
share a picture are one. The order of the groups follows from their names by a hash, so the same
cells are always split alike, and how a slide looks has no say in it.

Cells drawn by lot are the only unbiased sample there is, so they are kept out of training and
tuning: outside of the test they are *held out*.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from wbc_desktop.domain.training.training_set import LEAST_GROUPS, Grouping

TEST_SHARE = 0.15
VAL_SHARE = 0.15


class Part(StrEnum):
    """What a cell is for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    HOLDOUT = "holdout"


class Origin(NamedTuple):
    """Where a labelled cell comes from.

    Attributes:
        patient: Code of the patient.
        slide: Name of the slide.
        image_sha256: Digest of the crop.
        drawn: True if the cell, or another with its crop, was drawn by lot for review.
    """

    patient: str
    slide: str
    image_sha256: str
    drawn: bool


@dataclass(frozen=True, kw_only=True)
class Split:
    """Where each cell went.

    Attributes:
        grouped_by: What a group is.
        group: A number for each cell from 1, the same for the cells of one group.
        part: For each cell.
    """

    grouped_by: Grouping
    group: tuple[int, ...]
    part: tuple[Part, ...]

    def sizes(self) -> dict[Part, int]:
        """Return how many cells each part has, also where that is none."""
        counts = Counter(self.part)
        return {part: counts[part] for part in Part}


def split_cells(cells: Sequence[Origin]) -> Split:
    """Split labelled cells into parts that share no group.

    The largest group always trains. Test and tuning then take whole groups, each until it has
    about 15 % of the cells and at least one; with two groups there is no tuning, with one no test.

    Args:
        cells: In any order; each group's part does not depend on it.
    """
    grouped_by = _grouping(cells)
    names = _joined([_name(cell, grouped_by) for cell in cells], [c.image_sha256 for c in cells])
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}
    part_of = _parts(Counter(names))
    return Split(
        grouped_by=grouped_by,
        group=tuple(numbers[name] for name in names),
        part=tuple(
            Part.HOLDOUT if cell.drawn and part_of[name] is not Part.TEST else part_of[name]
            for cell, name in zip(cells, names, strict=True)
        ),
    )


def _grouping(cells: Sequence[Origin]) -> Grouping:
    for grouping in (Grouping.PATIENT, Grouping.SLIDE):
        if len({_name(cell, grouping) for cell in cells}) >= LEAST_GROUPS:
            return grouping
    return Grouping.CELL


def _name(cell: Origin, grouping: Grouping) -> tuple[str, ...]:
    match grouping:
        case Grouping.PATIENT:
            return (cell.patient,)
        case Grouping.SLIDE:
            return (cell.patient, cell.slide)
        case Grouping.CELL:
            return (cell.image_sha256,)


def _joined(names: Sequence[tuple[str, ...]], crops: Sequence[str]) -> list[tuple[str, ...]]:
    """Give groups that share a crop one name, the first of theirs in the alphabet."""
    leads: dict[tuple[str, ...], tuple[str, ...]] = {name: name for name in names}

    def lead(name: tuple[str, ...]) -> tuple[str, ...]:
        while leads[name] != name:
            leads[name] = name = leads[leads[name]]
        return name

    first_of: dict[str, tuple[str, ...]] = {}
    for name, crop in zip(names, crops, strict=True):
        a, b = sorted((lead(name), lead(first_of.setdefault(crop, name))))
        leads[b] = a
    return [lead(name) for name in names]


def _parts(sizes: Counter[tuple[str, ...]]) -> dict[tuple[str, ...], Part]:
    order = sorted(sizes, key=_lot)
    part_of = dict.fromkeys(order, Part.TRAIN)
    largest = max(order, key=lambda name: sizes[name], default=None)
    waiting = [name for name in order if name != largest]
    total = sizes.total()
    for part, share, spared in ((Part.TEST, TEST_SHARE, 1), (Part.VAL, VAL_SHARE, 0)):
        taken = 0
        while waiting and taken < share * total and (not taken or len(waiting) > spared):
            taken += sizes[waiting[0]]
            part_of[waiting.pop(0)] = part
    return part_of


def _lot(name: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(name).encode()).hexdigest()
