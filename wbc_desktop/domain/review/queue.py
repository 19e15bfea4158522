"""Which unreviewed cells a reader should look at first, and which may be accepted together.

A cell is *confident* where the model's probability reaches the reader's threshold, no other class
could be meant, and nobody flagged it: such cells may be accepted group by group after a look. All
others are worth a visit of their own, and so are the cells of rare classes and of classes that the
model knows from rendered cells only. Some more cells are drawn by lot, so that a sample stands
beside the doubtful ones that no score has chosen. Flagged cells come first, then a survey while
little of the workspace is reviewed (``survey``), then the most doubtful. To add a reason, add it to
``Reason``, mark it in ``_reasons`` and give it its weight in ``_WEIGHTS``.
"""

from dataclasses import dataclass
from enum import IntFlag, auto

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, UNREVIEWED, CellIndex
from wbc_desktop.domain.cells.prediction_set import UNUSUAL
from wbc_desktop.domain.review.first_look import SURVEYED, survey

RARE_SHARE = 0.02
"""A class is rare in a patient up to this share of the patient's classified cells."""
DRAWN_SHARE = 0.1
DRAWN_MOST = 200
"""Cells drawn: one in ten, but no more than a sample needs, however many cells are shown."""


class Reason(IntFlag):
    """Why a cell is in the queue."""

    FLAGGED = auto()
    UNSURE = auto()
    RIVALS = auto()
    UNUSUAL = auto()
    RARE = auto()
    LOW_TRUST = auto()
    DRAWN = auto()


_WEIGHTS = {
    Reason.FLAGGED: 1.0,
    Reason.RIVALS: 0.1,
    Reason.UNUSUAL: 0.1,
    Reason.RARE: 0.1,
    Reason.LOW_TRUST: 0.1,
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

    def why(self, place: int) -> Reason:
        """Return why the cell at a place is in the queue."""
        return Reason(int(self.reasons[place]))


def confident(index: CellIndex, rows: NDArray[np.int32], *, threshold: float) -> NDArray[np.bool_]:
    """Tell which cells may be accepted together after a look, bool (m,).

    Args:
        index: All cells.
        rows: int (m,), the rows asked about.
        threshold: Least probability of the model's class, in [0, 1].
    """
    return (
        _is_open(index, rows)
        & (index.prob[rows] >= np.float32(threshold))
        & ~index.flagged[rows]
        & ~has_rivals(index, rows)
    )


def build_queue(
    index: CellIndex,
    rows: NDArray[np.int32],
    *,
    threshold: float,
    rendered_only: frozenset[int] = frozenset(),
) -> ReviewQueue:
    """Choose and order the cells to visit.

    Flagged cells come first. While fewer than ``SURVEYED`` cells of the index are reviewed, as many
    as are lacking follow from a survey over the predicted classes; then the most doubtful.

    The order depends on the cells alone, not on how they are sorted. Cells drawn by lot stand at
    even distances between the others, so that whoever stops early has drawn in proportion.

    Args:
        index: All cells.
        rows: int (m,), rows of the cells shown.
        threshold: As in ``confident``.
        rendered_only: Ordinals of the classes that the model knows from rendered cells only.
    """
    rows = np.sort(rows)
    rows = rows[_is_open(index, rows)]
    reasons = _reasons(index, rows, threshold=threshold, rendered_only=rendered_only)
    reasons[drawn(index.cell_id[rows])] |= np.uint8(Reason.DRAWN)
    doubtful = np.flatnonzero(reasons & ~np.uint8(Reason.DRAWN))
    first = doubtful[_in_order(index, rows[doubtful], reasons[doubtful])]
    lot = np.flatnonzero(reasons == np.uint8(Reason.DRAWN))
    lot = lot[np.argsort(_lots(index.cell_id[rows[lot]]), kind="stable")]
    order = np.concatenate((first, lot))
    spread = np.concatenate((_spread(len(first)), _spread(len(lot))))
    order = order[np.argsort(spread, kind="stable")]
    return ReviewQueue(index.cell_id[rows[order]], reasons[order])


def drawn(cell_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Draw cells by lot, bool (m,); the same cells give the same draw.

    Every cell has a lot of its own from its id, whatever the model says of it; the cells with the
    smallest lots are drawn. So any of the given cells is as likely as another.

    Args:
        cell_ids: int64 (m,), each once.
    """
    chosen = np.zeros(len(cell_ids), np.bool_)
    n = min(DRAWN_MOST, round(DRAWN_SHARE * len(cell_ids)))
    if n:
        chosen[np.argsort(_lots(cell_ids), kind="stable")[:n]] = True
    return chosen


def _reasons(
    index: CellIndex,
    rows: NDArray[np.int32],
    *,
    threshold: float,
    rendered_only: frozenset[int],
) -> NDArray[np.uint8]:
    low_trust = np.array(sorted(rendered_only), np.int16)
    marks = {
        Reason.FLAGGED: index.flagged[rows],
        Reason.UNSURE: ~(index.prob[rows] >= np.float32(threshold)),
        Reason.RIVALS: has_rivals(index, rows),
        Reason.UNUSUAL: index.ood[rows] > np.float32(UNUSUAL),
        Reason.RARE: _rare(index, rows),
        Reason.LOW_TRUST: np.isin(index.predicted[rows], low_trust),
    }
    reasons = np.zeros(len(rows), np.uint8)
    for reason, marked in marks.items():
        reasons[marked] |= np.uint8(reason)
    return reasons


def _in_order(
    index: CellIndex, rows: NDArray[np.int32], reasons: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Return the places of the cells in the order to visit them, int (m,)."""
    order = np.argsort(-_score(index, rows, reasons), kind="stable")
    marked = (reasons[order] & np.uint8(Reason.FLAGGED)) != 0
    flagged, others = order[marked], order[~marked]
    lacking = max(0, SURVEYED - int(np.count_nonzero(index.status != UNREVIEWED)))
    first = survey(index.predicted[rows[others]], n=lacking)
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


def _is_open(index: CellIndex, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which cells are classified and wait for a person."""
    waiting = (index.status[rows] == UNREVIEWED) & (index.predicted[rows] != NO_CLASS)
    return np.asarray(waiting)


def has_rivals(index: CellIndex, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which cells could be of more than one class; an unknown set (0) is none."""
    sets = index.pred_set[rows]
    return np.asarray((sets & (sets - np.uint32(1))) != 0)


def _spread(n: int) -> NDArray[np.float64]:
    """Return n even places in (0, 1)."""
    return (np.arange(n) + 0.5) / max(1, n)


def _lots(cell_ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a number for each id that looks random and is always the same (splitmix64)."""
    z = cell_ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
