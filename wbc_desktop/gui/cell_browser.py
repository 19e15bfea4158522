"""The cells in front of the reader: their index, the filter, the order and the groups.

Two copies of the columns are kept. ``index`` is what is true now and what tiles paint; ``settled``
is what groups, order and filter were computed from. Acts of the reader go into both, predictions
only into the first, so that nothing jumps while results stream in; ``settle`` makes them one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.arrangement import Arrangement, Filter, SortKey, arrange
from wbc_desktop.domain.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.changes import Changes, Kind
from wbc_desktop.domain.prediction import SCALE_FAILED, PredictionBatch, decide
from wbc_desktop.domain.prediction_set import pack
from wbc_desktop.domain.review import Review
from wbc_desktop.domain.taxonomy import Taxonomy

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.store.catalogue import Catalogue


@dataclass(frozen=True)
class Tally:
    """Cells and reviewed cells of something."""

    n_cells: int
    n_reviewed: int


class CellBrowser:
    """Holds what the gallery shows and tells its listeners when it changes.

    Args:
        catalogue: Reads of the workspace, on this thread.
        taxonomy: The classes.
        sort: Order of the cells in each group.
    """

    def __init__(self, catalogue: "Catalogue", taxonomy: Taxonomy, *, sort: SortKey) -> None:
        self._catalogue = catalogue
        self.taxonomy = taxonomy
        self._sort = sort
        self._filter = Filter()
        self._listeners: list[Callable[[], None]] = []
        self.index = catalogue.load_index(taxonomy)
        self._settled = _copy(self.index)
        self.unsettled = 0
        self.arrangement = self._arrange()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the arrangement was made anew."""
        self._listeners.append(listener)

    @property
    def filter(self) -> Filter:
        """What must hold for a cell to be shown."""
        return self._filter

    @property
    def sort(self) -> SortKey:
        """Order of the cells in each group."""
        return self._sort

    def set_filter(self, wanted: Filter) -> None:
        """Show the cells that pass a filter; new predictions settle with it."""
        if wanted != self._filter:
            self._filter = wanted
            self.settle()

    def set_places(self, *, patients: frozenset[int] | None, slides: frozenset[int] | None) -> None:
        """Show the cells of some patients and slides; None for both shows all."""
        self.set_filter(replace(self._filter, patients=patients, slides=slides))

    def set_sort(self, sort: SortKey) -> None:
        """Order the cells in each group; new predictions settle with it."""
        if sort is not self._sort:
            self._sort = sort
            self.settle()

    def reload(self) -> None:
        """Read every cell anew, after patients came or went."""
        self.index = self._catalogue.load_index(self.taxonomy)
        self.settle()

    def settle(self) -> None:
        """Let everything known now decide on groups, order and filter."""
        self._settled = _copy(self.index)
        self.unsettled = 0
        self._publish()

    def take(self, changes: Changes) -> None:
        """Bring the columns of changed cells up to date after an act of the reader."""
        ids = np.array(changes.cell_ids, np.int64)
        if changes.kinds & Kind.REVIEWS:
            self._set(ids, **self._review_columns(changes.cell_ids))
        if changes.kinds & Kind.FLAGS:
            flagged = self._catalogue.flagged(changes.cell_ids)
            self._set(ids, flagged=[cell_id in flagged for cell_id in changes.cell_ids])
        if changes.kinds & Kind.NOTES:
            noted = self._catalogue.notes_for(changes.cell_ids)
            self._set(ids, noted=[cell_id in noted for cell_id in changes.cell_ids])
        if changes.kinds & (Kind.REVIEWS | Kind.FLAGS):
            self._publish()

    def take_predictions(self, batch: PredictionBatch) -> None:
        """Note new predictions; the tiles show them, the groups wait for ``settle``."""
        predicted, prob = decide(batch.probs, self.taxonomy)
        self.index.set_rows(
            batch.cell_ids,
            predicted=predicted,
            prob=prob,
            scale_flag=batch.scale_source == SCALE_FAILED,
            pred_set=pack(batch.pred_set),
            ood=batch.ood_score,
        )
        self.unsettled += len(batch.cell_ids)

    def class_counts(self) -> Mapping[int, int]:
        """Return how many cells of the chosen places carry each class now, by ordinal."""
        places = Filter(patients=self._filter.patients, slides=self._filter.slides)
        current = self.index.current()[places.rows(self.index)]
        counts = np.bincount(current + 1, minlength=len(self.taxonomy.classes) + 1)
        return {ordinal - 1: int(n) for ordinal, n in enumerate(counts)}

    def slide_tallies(self) -> Mapping[int, Tally]:
        """Return cells and reviewed cells by row id of the slide."""
        if not len(self.index):
            return {}
        reviewed = self.index.status != UNREVIEWED
        n_cells = np.bincount(self.index.slide)
        n_reviewed = np.bincount(self.index.slide, weights=reviewed)
        return {
            int(slide): Tally(int(n_cells[slide]), int(n_reviewed[slide]))
            for slide in np.flatnonzero(n_cells)
        }

    def chosen_slides(self) -> frozenset[int]:
        """Return the row ids of the slides with cells among the chosen places."""
        places = Filter(patients=self._filter.patients, slides=self._filter.slides)
        return frozenset(np.unique(self.index.slide[places.rows(self.index)]).tolist())

    def shown_ids(self) -> NDArray[np.int64]:
        """Return the ids of the shown cells in their order, int64 (m,)."""
        return self.index.cell_id[self.arrangement.rows]

    def shown_among(self, cell_ids: Sequence[int]) -> tuple[int, ...]:
        """Return those of some cells that are shown, in the order given."""
        rows = self.index.rows_of(cell_ids)
        shown = np.zeros(len(self.index), np.bool_)
        shown[self.arrangement.rows] = True
        return tuple(cell for cell, seen in zip(cell_ids, shown[rows], strict=True) if seen)

    def group_of(self, cell_id: int) -> tuple[int, ...]:
        """Return the shown cells of the group a cell stands in."""
        row = int(self.index.rows_of([cell_id])[0])
        positions = np.flatnonzero(self.arrangement.rows == row)
        if not len(positions):
            return ()
        position = int(positions[0])
        for section in self.arrangement.sections:
            if section.start <= position < section.stop:
                rows = self.arrangement.rows[section.start : section.stop]
                return tuple(self.index.cell_id[rows].tolist())
        return ()

    def _review_columns(self, cell_ids: Sequence[int]) -> dict[str, list[int]]:
        reviews = self._catalogue.reviews_for(cell_ids)
        ordinals = self.taxonomy.ordinals

        def human(review: Review | None) -> int:
            return NO_CLASS if review is None else ordinals[review.label]

        def status(review: Review | None) -> int:
            return UNREVIEWED if review is None else STATUS_ORDER.index(review.status)

        found = [reviews.get(cell_id) for cell_id in cell_ids]
        return {"human": [human(r) for r in found], "status": [status(r) for r in found]}

    def _set(self, cell_ids: NDArray[np.int64], **columns: Sequence[int]) -> None:
        self.index.set_rows(cell_ids, **columns)
        self._settled.set_rows(cell_ids, **columns)

    def _publish(self) -> None:
        self.arrangement = self._arrange()
        for listener in self._listeners:
            listener()

    def _arrange(self) -> Arrangement:
        return arrange(
            self._settled,
            groups=self._settled.current(),
            filter=self._filter,
            sort=self._sort,
            n_groups=len(self.taxonomy.classes),
        )


def _copy(index: CellIndex) -> CellIndex:
    return CellIndex(**{f.name: getattr(index, f.name).copy() for f in fields(index)})
