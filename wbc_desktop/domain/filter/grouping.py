"""By what the cells are put into groups, and what the groups are called.

To add a way that a column decides, add it to ``GroupBy`` and its line to ``grouped``; one that
something else decides (clusters) makes its own ``Grouping`` of codes and names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import STATUS_ORDER, CellIndex
from wbc_desktop.domain.taxonomy.classes import Taxonomy


class GroupBy(Enum):
    """What the cells of one group have in common."""

    CLASS = auto()
    PATIENT = auto()
    SLIDE = auto()
    STATUS = auto()
    READER = auto()


@dataclass(frozen=True, eq=False)
class Grouping:
    """The group of every cell.

    Attributes:
        by: What decides, or None if the caller does.
        codes: int16 or int32 (n,): 0 … g − 1, the groups in the order they are shown; −1 = none.
        names: The g groups in words.
        without: Name of the group of the cells that are in none, shown last.
    """

    by: GroupBy | None
    codes: NDArray[np.int16] | NDArray[np.int32]
    names: tuple[str, ...]
    without: str = "None"

    def name(self, ordinal: int) -> str:
        """Return the name of a group; −1 = none."""
        return self.names[ordinal] if ordinal >= 0 else self.without


@dataclass(frozen=True, kw_only=True)
class PatientSlideNames:
    """What patients and slides are called, by row id."""

    patients: Mapping[int, str]
    slides: Mapping[int, str]


def grouped(
    index: CellIndex, by: GroupBy, *, taxonomy: Taxonomy, names: PatientSlideNames
) -> Grouping:
    """Put every cell into its group.

    Classes come in the order of the taxonomy, patients and slides by name, status and reader in the
    order they are listed.

    Args:
        index: All cells.
        by: What decides.
        taxonomy: The classes.
        names: Names of patients and slides.
    """
    match by:
        case GroupBy.CLASS:
            classes = tuple(c.name for c in taxonomy.classes)
            return Grouping(by, index.current(), classes, "Not classified yet")
        case GroupBy.PATIENT:
            return Grouping(by, *_by_name(index.patient, names.patients))
        case GroupBy.SLIDE:
            return Grouping(by, *_by_name(index.slide, names.slides))
        case GroupBy.STATUS:
            states = tuple(s.value.capitalize() for s in STATUS_ORDER)
            return Grouping(by, index.status.astype(np.int16), states)
        case GroupBy.READER:
            return Grouping(by, index.reader, tuple(index.readers), "Not reviewed yet")


def _by_name(
    row_ids: NDArray[np.int32], names: Mapping[int, str]
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Number patients or slides by name; cells of unknown ones are in no group."""
    sorted_ids = sorted(names, key=lambda row_id: (names[row_id], row_id))
    size = max((int(row_ids.max(initial=0)), *sorted_ids)) + 1
    # Row ids are small and have few gaps: a dense table numbers them.
    rank = np.full(size, -1, np.int32)
    rank[sorted_ids] = np.arange(len(sorted_ids), dtype=np.int32)
    return rank[row_ids], tuple(names[row_id] for row_id in sorted_ids)
