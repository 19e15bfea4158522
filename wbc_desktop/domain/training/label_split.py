"""Which labelled cells train, which tune and which test: never two cells of one person apart.

A group (``cell_groups``) stays together. The order of the groups follows from their names by a
hash, so the same cells are always split alike, and how a slide looks has no say in it.

Cells drawn by lot are the only unbiased sample there is, so they are kept out of training and
tuning: outside of the test they are *held out*.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from wbc_desktop.domain.training.cell_groups import CellSource, GroupLevel, group_cells

TEST_SHARE = 0.15
VAL_SHARE = 0.15


class SplitPart(StrEnum):
    """What a cell is for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    HOLDOUT = "holdout"


class SplitCell(NamedTuple):
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
class LabelSplit:
    """Where each cell went.

    Attributes:
        grouped_by: What a group is.
        group: A number for each cell from 1, the same for the cells of one group.
        part: For each cell.
    """

    grouped_by: GroupLevel
    group: tuple[int, ...]
    part: tuple[SplitPart, ...]

    def sizes(self) -> dict[SplitPart, int]:
        """Return how many cells each part has, also where that is none."""
        counts = Counter(self.part)
        return {part: counts[part] for part in SplitPart}


def split_cells(cells: Sequence[SplitCell]) -> LabelSplit:
    """Split labelled cells into parts that share no group.

    The largest group always trains. Test and tuning then take whole groups, each until it has
    about 15 % of the cells and at least one; with two groups there is no tuning, with one no test.

    Args:
        cells: In any order; each group's part does not depend on it.
    """
    grouped_by, group = group_cells([CellSource(*cell[:3]) for cell in cells])
    names = _names(cells, grouped_by, group.tolist())
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}
    part_of = _parts(Counter(names))
    return LabelSplit(
        grouped_by=grouped_by,
        group=tuple(numbers[name] for name in names),
        part=tuple(
            SplitPart.HOLDOUT if cell.drawn and part is not SplitPart.TEST else part
            for cell, part in zip(cells, (part_of[name] for name in names), strict=True)
        ),
    )


def _names(
    cells: Sequence[SplitCell], level: GroupLevel, group: Sequence[int]
) -> list[tuple[str, ...]]:
    """Return the name of the group of each cell: the first in the alphabet of what it holds."""
    named: dict[int, tuple[str, ...]] = {}
    for cell, number in zip(cells, group, strict=True):
        name = _name(cell, level)
        named[number] = min(named.get(number, name), name)
    return [named[number] for number in group]


def _name(cell: SplitCell, level: GroupLevel) -> tuple[str, ...]:
    match level:
        case GroupLevel.PATIENT:
            return (cell.patient,)
        case GroupLevel.SLIDE:
            return (cell.patient, cell.slide)
        case GroupLevel.CELL:
            return (cell.image_sha256,)


def _parts(sizes: Counter[tuple[str, ...]]) -> dict[tuple[str, ...], SplitPart]:
    order = sorted(sizes, key=_rank_of_name)
    part_of = dict.fromkeys(order, SplitPart.TRAIN)
    largest = max(order, key=lambda name: sizes[name], default=None)
    waiting = [name for name in order if name != largest]
    total = sizes.total()
    for part, share, spared in ((SplitPart.TEST, TEST_SHARE, 1), (SplitPart.VAL, VAL_SHARE, 0)):
        taken = 0
        while waiting and taken < share * total and (not taken or len(waiting) > spared):
            taken += sizes[waiting[0]]
            part_of[waiting.pop(0)] = part
    return part_of


def _rank_of_name(name: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(name).encode()).hexdigest()
