"""Which cells are shown: what must hold for a cell, column by column.

To add a condition, add its field to ``Filter`` and its line to one of the ``_by_…`` functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import STATUS_ORDER, CellIndex
from wbc_desktop.domain.cells.prediction_set import NO_SET, UNUSUAL
from wbc_desktop.domain.review.review import Status


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What must hold for a cell to be shown; None asks nothing.

    Cells without a prediction pass the bounds on confidence, margin and set only while neither
    bound is set.

    Attributes:
        classes: Ordinals of the label that counts; −1 stands for "not classified yet".
        patients: Row ids of patients.
        slides: Row ids of slides. A cell passes if its patient or its slide is named.
        min_conf: Least probability of the model's class, in [0, 1].
        max_conf: Greatest probability, in [0, 1].
        statuses: Review states.
        flagged: True for flagged cells only, False for the others only.
        unusual: True for cells unlike the training cells only, False for the others only.
        readers: Names of those who reviewed the cell last; a name nobody has matches no cell.
        disagrees: True where a person chose another class than the model, False elsewhere.
        noted: True for cells with a note only, False for the others only.
        min_margin: Least lead of the likeliest leaf over the second, in [0, 1].
        max_margin: Greatest lead, in [0, 1].
        min_set: Least number of leaves in the prediction set.
        max_set: Greatest number.
        with_attributes: Bits of attributes, all of which the cell shows.
        without_attributes: Bits of attributes, none of which it shows.
    """

    classes: frozenset[int] | None = None
    patients: frozenset[int] | None = None
    slides: frozenset[int] | None = None
    min_conf: float | None = None
    max_conf: float | None = None
    statuses: frozenset[Status] | None = None
    flagged: bool | None = None
    unusual: bool | None = None
    readers: frozenset[str] | None = None
    disagrees: bool | None = None
    noted: bool | None = None
    min_margin: float | None = None
    max_margin: float | None = None
    min_set: int | None = None
    max_set: int | None = None
    with_attributes: frozenset[int] | None = None
    without_attributes: frozenset[int] | None = None

    def rows(self, index: CellIndex) -> NDArray[np.int32]:
        """Return the rows that pass, int32 (m,), ascending."""
        shown = self.mask(index)
        if shown is None:
            return np.arange(len(index), dtype=np.int32)
        return np.flatnonzero(shown).astype(np.int32)

    def mask(self, index: CellIndex) -> NDArray[np.bool_] | None:
        """Tell for each row whether it passes, bool (n,), or None if nothing is asked."""
        shown: NDArray[np.bool_] | None = None
        for condition in self._conditions(index):
            if shown is None:
                shown = condition
            else:
                shown &= condition
        return shown

    def _conditions(self, index: CellIndex) -> Iterator[NDArray[np.bool_]]:
        if self.patients is not None or self.slides is not None:
            yield _among(index.patient, self.patients) | _among(index.slide, self.slides)
        if self.classes is not None:
            yield _among(index.current(), self.classes)
        yield from _within(index.prob, self.min_conf, self.max_conf)
        yield from _within(index.margin, self.min_margin, self.max_margin)
        yield from self._by_review(index)
        yield from self._by_trust(index)
        if self.with_attributes is not None:
            wanted = _mask(self.with_attributes)
            yield (index.attributes & wanted) == wanted
        if self.without_attributes is not None:
            yield (index.attributes & _mask(self.without_attributes)) == 0

    def _by_review(self, index: CellIndex) -> Iterator[NDArray[np.bool_]]:
        if self.statuses is not None:
            wanted = frozenset(STATUS_ORDER.index(status) for status in self.statuses)
            yield _among(index.status, wanted)
        if self.readers is not None:
            known = enumerate(index.readers)
            yield _among(index.reader, frozenset(i for i, name in known if name in self.readers))
        if self.flagged is not None:
            yield index.flagged == self.flagged
        if self.noted is not None:
            yield index.noted == self.noted
        if self.disagrees is not None:
            yield index.disagrees() == self.disagrees

    def _by_trust(self, index: CellIndex) -> Iterator[NDArray[np.bool_]]:
        if self.unusual is not None:
            yield (index.ood > np.float32(UNUSUAL)) == self.unusual
        if self.min_set is not None or self.max_set is not None:
            sizes = index.set_sizes()
            yield index.pred_set != NO_SET
            if self.min_set is not None:
                yield sizes >= self.min_set
            if self.max_set is not None:
                yield sizes <= self.max_set


def only_patients_and_slides(wanted: Filter) -> Filter:
    """Return what a filter asks of patients and slides."""
    return Filter(patients=wanted.patients, slides=wanted.slides)


def _mask(bits: frozenset[int]) -> np.uint32:
    return np.uint32(sum(1 << bit for bit in bits))


def _within(
    column: NDArray[np.float32], low: float | None, high: float | None
) -> Iterator[NDArray[np.bool_]]:
    if low is not None:
        yield column >= np.float32(low)
    if high is not None:
        yield column <= np.float32(high)


def _among(column: NDArray[np.integer], wanted: frozenset[int] | None) -> NDArray[np.bool_]:
    """Tell for each value, −1 or more, whether it is wanted."""
    if wanted is None:
        return np.zeros(column.shape, np.bool_)
    # Ordinals and row ids have few gaps: a dense table is ten times as fast as np.isin. Its last
    # slot is that of −1.
    table = np.zeros(int(column.max()) + 2 if column.size else 1, np.bool_)
    table[[each for each in wanted if -1 <= each < len(table) - 1]] = True
    return np.take(table, column, mode="wrap")
