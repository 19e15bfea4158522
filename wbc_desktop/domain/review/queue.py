"""Which unreviewed cells a reader should look at first, and which may be accepted together.

A cell is *confident* where the model's probability reaches the reader's threshold, no other class
could be meant, and nobody flagged it: such cells may be accepted group by group after a look. All
others are worth a visit of their own, and so are the cells of rare classes and of classes that the
model knows from rendered cells only. Some more cells are drawn by lot, so that a sample stands
beside the doubtful ones that no score has chosen. Flagged cells come first, then
an initial sample of every predicted class while little of the workspace is reviewed
(``initial_sample``), then the most doubtful. To add a reason, add it to
``Reason``, mark it in ``_reasons`` and give it its weight in ``_WEIGHTS``.
"""

from dataclasses import dataclass
from enum import IntFlag, auto

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, UNREVIEWED, CellIndex
from wbc_desktop.domain.cells.prediction_set import UNUSUAL

INITIAL_SAMPLE = 25
"""Cells reviewed in a workspace from which on the doubt alone leads."""
RARE_SHARE = 0.02
"""A class is rare in a patient up to this share of the patient's classified cells."""
DRAWN_SHARE = 0.1
DRAWN_MOST = 200
"""Cells drawn: one in ten, but no more than a sample needs, however many cells are shown."""


class Reason(IntFlag):
    """Why a cell is in the queue."""

    FLAGGED = auto()
    UNSURE = auto()
    AMBIGUOUS = auto()
    UNUSUAL = auto()
    RARE = auto()
    RENDERED_ONLY = auto()
    DRAWN = auto()


_WEIGHTS = {
    Reason.FLAGGED: 1.0,
    Reason.AMBIGUOUS: 0.1,
    Reason.UNUSUAL: 0.1,
    Reason.RARE: 0.1,
    Reason.RENDERED_ONLY: 0.1,
}
# Small on purpose: on real crops kept out of training, low confidence alone finds the wrong labels
# soonest, and a weight of 0.25 or more for anything else pushed them back (docs/benchmarks.md).


@dataclass(frozen=True, eq=False)
class ReviewQueue:
    """The cells to visit, in their order.

    Attributes:
        cell_ids: int64 (m,), each once.
        reasons: uint8 (m,), bits of ``Reason``; never 0.
    """

    cell_ids: NDArray[np.int64]
    reasons: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cell_ids)

    def reason(self, position: int) -> Reason:
        """Return why the cell at a position is in the queue."""
        return Reason(int(self.reasons[position]))


def confident(index: CellIndex, rows: NDArray[np.int32], *, threshold: float) -> NDArray[np.bool_]:
    """Tell which cells may be accepted together after a look, bool (m,).

    Args:
        index: All cells.
        rows: int (m,), the rows asked about.
        threshold: Least probability of the model's class, in [0, 1].
    """
    return (
        _is_waiting(index, rows)
        & (index.prob[rows] >= np.float32(threshold))
        & ~index.flagged[rows]
        & ~is_ambiguous(index, rows)
    )


def build_queue(
    index: CellIndex,
    rows: NDArray[np.int32],
    *,
    threshold: float,
    rendered_only: frozenset[int] = frozenset(),
) -> ReviewQueue:
    """Choose and order the cells to visit.

    Flagged cells come first. While fewer than ``INITIAL_SAMPLE`` cells of the index are reviewed,
    as many as are lacking follow from an initial sample of the predicted classes; then the most
    doubtful.

    The order depends on the cells alone, not on how they are sorted. Cells drawn by lot stand at
    even distances between the others, so that whoever stops early has drawn in proportion.

    Args:
        index: All cells.
        rows: int (m,), rows of the cells shown.
        threshold: As in ``confident``.
        rendered_only: Ordinals of the classes that the model knows from rendered cells only.
    """
    rows = np.sort(rows)
    rows = rows[_is_waiting(index, rows)]
    reasons = _reasons(index, rows, threshold=threshold, rendered_only=rendered_only)
    reasons[random_sample(index.cell_id[rows])] |= np.uint8(Reason.DRAWN)
    doubtful = np.flatnonzero(reasons & ~np.uint8(Reason.DRAWN))
    first = doubtful[_in_order(index, rows[doubtful], reasons[doubtful])]
    lot = np.flatnonzero(reasons == np.uint8(Reason.DRAWN))
    lot = lot[np.argsort(_random_order(index.cell_id[rows[lot]]), kind="stable")]
    order = np.concatenate((first, lot))
    spread = np.concatenate((_spread(len(first)), _spread(len(lot))))
    order = order[np.argsort(spread, kind="stable")]
    return ReviewQueue(index.cell_id[rows[order]], reasons[order])


def initial_sample(predicted: NDArray[np.int16], *, n: int) -> NDArray[np.intp]:
    """Return the positions of the cells to look at first, int (min(n, m),), each once.

    On cells of a stain it has not met, a model may be fairly sure and wrong. The most doubtful
    cells are then of one kind, the oddest, and labels of these alone teach it little. So the first
    cells looked at are of every class it names (docs/benchmarks.md).

    Within a predicted class the surest cell comes first, then the most doubtful, then the next
    surest, and so on. A class of k cells has √k turns for each turn that a class of one
    cell has: more of what is frequent, without forgetting what is rare. Of cells that are due at
    the same time the more doubtful goes first. O(m) for each class.

    Args:
        predicted: int16 (m,), ordinals of the classes that the model chose, of the most doubtful
            cell first.
        n: How many cells, ≥ 0.
    """
    positions, dues = [np.zeros(0, np.intp)], [np.zeros(0)]
    for kind in np.unique(predicted):
        own = np.flatnonzero(predicted == kind)
        behind = np.arange(len(own))  # cells of the class more doubtful
        turn = np.minimum(2 * behind + 1, 2 * behind[::-1])
        near = turn < n  # nothing else of the class can be among the first
        positions.append(own[near])
        dues.append((turn[near] + 0.5) / np.sqrt(len(own)))
    position, due = np.concatenate(positions), np.concatenate(dues)
    return np.asarray(position[np.lexsort((position, due))][:n], np.intp)


def random_sample(cell_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Draw cells by lot, bool (m,); the same cells give the same draw.

    Every cell has a lot of its own from its id, whatever the model says of it; the cells with the
    smallest lots are drawn. So any of the given cells is as likely as another.

    Args:
        cell_ids: int64 (m,), each once.
    """
    chosen = np.zeros(len(cell_ids), np.bool_)
    n = min(DRAWN_MOST, round(DRAWN_SHARE * len(cell_ids)))
    if n:
        chosen[np.argsort(_random_order(cell_ids), kind="stable")[:n]] = True
    return chosen


def _reasons(
    index: CellIndex,
    rows: NDArray[np.int32],
    *,
    threshold: float,
    rendered_only: frozenset[int],
) -> NDArray[np.uint8]:
    untested = np.array(sorted(rendered_only), np.int16)
    marks = {
        Reason.FLAGGED: index.flagged[rows],
        Reason.UNSURE: ~(index.prob[rows] >= np.float32(threshold)),
        Reason.AMBIGUOUS: is_ambiguous(index, rows),
        Reason.UNUSUAL: index.ood[rows] > np.float32(UNUSUAL),
        Reason.RARE: _rare(index, rows),
        Reason.RENDERED_ONLY: np.isin(index.predicted[rows], untested),
    }
    reasons = np.zeros(len(rows), np.uint8)
    for reason, marked in marks.items():
        reasons[marked] |= np.uint8(reason)
    return reasons


def _in_order(
    index: CellIndex, rows: NDArray[np.int32], reasons: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Return the positions of the cells in the order to visit them, int (m,)."""
    order = np.argsort(-_score(index, rows, reasons), kind="stable")
    marked = (reasons[order] & np.uint8(Reason.FLAGGED)) != 0
    flagged, others = order[marked], order[~marked]
    lacking = max(0, INITIAL_SAMPLE - int(np.count_nonzero(index.status != UNREVIEWED)))
    first = initial_sample(index.predicted[rows[others]], n=lacking)
    return np.concatenate((flagged, others[first], np.delete(others, first)))


def _score(
    index: CellIndex, rows: NDArray[np.int32], reasons: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return how much a look is worth, float32 (m,): the doubt, and a weight for each reason."""
    score = 1 - np.nan_to_num(index.prob[rows], nan=0.0)
    for reason, weight in _WEIGHTS.items():
        score += np.float32(weight) * ((reasons & np.uint8(reason)) != 0)
    return score


def _rare(index: CellIndex, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell whose predicted class is rare among all classified cells of the patient, bool (m,)."""
    known = index.predicted != NO_CLASS
    patients, place = np.unique(index.patient[known], return_inverse=True)
    if not len(patients) or not len(rows):
        return np.zeros(len(rows), np.bool_)
    n_classes = int(index.predicted.max()) + 1
    counts = np.bincount(
        place * n_classes + index.predicted[known], minlength=len(patients) * n_classes
    ).reshape(-1, n_classes)
    most = np.maximum(1, RARE_SHARE * counts.sum(axis=1))
    own = np.searchsorted(patients, index.patient[rows])
    return np.asarray(counts[own, index.predicted[rows]] <= most[own])


def _is_waiting(index: CellIndex, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which cells are classified and wait for a person."""
    waiting = (index.status[rows] == UNREVIEWED) & (index.predicted[rows] != NO_CLASS)
    return np.asarray(waiting)


def is_ambiguous(index: CellIndex, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which cells could be of more than one class; an unknown set (0) is none."""
    sets = index.pred_set[rows]
    return np.asarray((sets & (sets - np.uint32(1))) != 0)


def _spread(n: int) -> NDArray[np.float64]:
    """Return n even places in (0, 1)."""
    return (np.arange(n) + 0.5) / max(1, n)


def _random_order(cell_ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a number for each id that looks random and is always the same (splitmix64)."""
    z = cell_ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
