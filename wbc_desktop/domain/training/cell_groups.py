"""Which labelled cells stay together when they are split: one rule for training and for export.

A *group* is a patient; where there are fewer than three of those, a slide; else a picture. Groups
that share a picture are one, and are counted after they were joined: three patients with a picture
in common are no three groups to judge by.
"""

from collections.abc import Hashable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_GROUPS = 3
"""Fewer patients, or slides, are no groups to judge by."""


class GroupLevel(StrEnum):
    """What keeps cells together when they are split."""

    PATIENT = "patient"
    SLIDE = "slide"
    CELL = "cell"


class CellSource(NamedTuple):
    """Where a cell comes from: anything that tells patients, slides and pictures apart."""

    patient: Hashable
    slide: Hashable
    picture: Hashable

    def at(self, level: GroupLevel) -> Hashable:
        """What is alike for all cells of a group, but for pictures that are shared."""
        match level:
            case GroupLevel.PATIENT:
                return self.patient
            case GroupLevel.SLIDE:
                return self.patient, self.slide
            case GroupLevel.CELL:
                return self.picture


def group_cells(
    cells: Sequence[CellSource], *, counted: NDArray[np.bool_] | None = None
) -> tuple[GroupLevel, NDArray[np.int64]]:
    """Group cells at the coarsest level that has groups enough.

    Args:
        cells: n of them.
        counted: bool (n,), the cells whose groups must be enough; all if left out.

    Returns:
        The level, and int64 (n,), 0, 1, 2 … in the order in which the groups first occur.
    """
    chosen = np.ones(len(cells), np.bool_) if counted is None else counted
    for level in (GroupLevel.PATIENT, GroupLevel.SLIDE):
        group = _joined(cells, level)
        if len(np.unique(group[chosen])) >= LEAST_GROUPS:
            return level, group
    return GroupLevel.CELL, _joined(cells, GroupLevel.CELL)


def _joined(cells: Sequence[CellSource], level: GroupLevel) -> NDArray[np.int64]:
    """Number the groups of a level, those that share a picture as one: int64 (n,)."""
    number: dict[Hashable, int] = {}
    own = [number.setdefault(cell.at(level), len(number)) for cell in cells]
    parent = list(range(len(number)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    first: dict[Hashable, int] = {}
    for group, cell in zip(own, cells, strict=True):
        a, b = sorted((root(group), root(first.setdefault(cell.picture, group))))
        parent[b] = a
    renumbered: dict[int, int] = {}
    joined = [renumbered.setdefault(root(group), len(renumbered)) for group in own]
    return np.array(joined, np.int64)
