"""Accepting a whole group after a look: which of its shown cells that means, and which stay.

Only cells that are shown can be accepted so: the rows come from the arrangement. Of these, a cell
stays if it is not confident (see ``queue``). In particular a cell that could be of more than
one class stays however sure the model is: of the real crops kept out of training, 22 in 100 such
cells above 80 % were labelled wrongly, against 3 in 100 of the others (docs/benchmarks.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, UNREVIEWED, CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement, Section
from wbc_desktop.domain.review.queue import confident, is_ambiguous

THRESHOLDS = (50, 60, 70, 80, 85, 90, 95, 97, 98, 99)  # percent, what the keys step through


@dataclass(frozen=True, eq=False)
class AcceptPlan:
    """What accepting one group would do.

    Attributes:
        ordinal: The group, as in the arrangement.
        cell_ids: int64 (m,), the cells to accept, in the order shown.
        below: Waiting cells that stay because the model is less sure.
        ambiguous: Of the surer ones, cells that stay because they could be of another class.
        flagged: Of the rest, cells that stay because somebody flagged them.
        regrouped: Of the rest, cells that stay because the model now calls them something else
            than the group they still stand in.
    """

    ordinal: int
    cell_ids: NDArray[np.int64]
    below: int = 0
    ambiguous: int = 0
    flagged: int = 0
    regrouped: int = 0

    @property
    def waiting(self) -> int:
        """Cells of the group that nobody has reviewed."""
        return len(self.cell_ids) + self.below + self.ambiguous + self.flagged + self.regrouped


def plan_accept(
    index: CellIndex,
    arrangement: Arrangement,
    section: Section,
    *,
    threshold: float,
    by_class: bool,
) -> AcceptPlan:
    """Return what accepting a group would do.

    Args:
        index: All cells, as they are now.
        arrangement: The cells shown.
        section: One of its groups.
        threshold: Least probability of the model's class, in [0, 1].
        by_class: The group is a class; else its cells keep each its own model's class.
    """
    rows = arrangement.rows[section.start : section.stop]
    rows = rows[(index.status[rows] == UNREVIEWED) & (index.predicted[rows] != NO_CLASS)]
    sure = index.prob[rows] >= np.float32(threshold)
    ambiguous = sure & is_ambiguous(index, rows)
    flagged = sure & ~ambiguous & index.flagged[rows]
    kept = confident(index, rows, threshold=threshold)
    moved = kept & (index.predicted[rows] != section.ordinal) if by_class else np.zeros_like(kept)
    return AcceptPlan(
        ordinal=section.ordinal,
        cell_ids=index.cell_id[rows[kept & ~moved]],
        below=int(np.count_nonzero(~sure)),
        ambiguous=int(np.count_nonzero(ambiguous)),
        flagged=int(np.count_nonzero(flagged)),
        regrouped=int(np.count_nonzero(moved)),
    )


def confident_groups(
    index: CellIndex, arrangement: Arrangement, *, threshold: float, by_class: bool
) -> tuple[Section, ...]:
    """Return the groups that hold at least one cell to accept, in the order shown.

    Args:
        index: All cells, as they are now.
        arrangement: The cells shown.
        threshold: As in ``plan_accept``.
        by_class: As in ``plan_accept``.
    """
    if not arrangement.sections:
        return ()
    rows = arrangement.rows
    kept = confident(index, rows, threshold=threshold)
    starts = [section.start for section in arrangement.sections]
    if by_class:
        sizes = [section.stop - section.start for section in arrangement.sections]
        ordinals = np.array([section.ordinal for section in arrangement.sections], np.int64)
        kept &= index.predicted[rows] == np.repeat(ordinals, sizes)
    some = np.logical_or.reduceat(kept, starts)
    return tuple(s for s, any_ in zip(arrangement.sections, some.tolist(), strict=True) if any_)


def next_threshold(percent: int, by: int) -> int:
    """Return the next threshold, in percent.

    Args:
        percent: The present one.
        by: +1 for the next higher, −1 for the next lower; the ends stay.
    """
    beyond = [t for t in THRESHOLDS if (t > percent if by > 0 else t < percent)]
    if not beyond:
        return percent
    return min(beyond) if by > 0 else max(beyond)
