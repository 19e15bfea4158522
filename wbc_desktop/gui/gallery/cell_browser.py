"""The cells in front of the reader: their index, the filter, the order and the groups.

``index`` is what is true now and what tiles paint; ``settled`` is what groups, order and filter
are computed from. They are one and the same until predictions stream in: these go into the first
only, so that nothing jumps; ``settle`` makes them one again. Acts of the reader go into both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.cells.cell_index import NO_CLASS, REVIEW_COLUMNS, UNREVIEWED, CellIndex
from wbc_desktop.domain.cells.prediction import (
    SCALE_FAILED,
    PredictionBatch,
    counting,
    decide,
    entropy,
    margin,
)
from wbc_desktop.domain.cells.prediction_set import pack
from wbc_desktop.domain.filter.arrangement import Arrangement, SortKey, arrange
from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.grouping import GroupBy, Grouping, PatientSlideNames, grouped
from wbc_desktop.domain.filter.sorting import Orders
from wbc_desktop.domain.taxonomy.attributes import Vocabulary, with_own
from wbc_desktop.domain.taxonomy.classes import Taxonomy

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.store.catalogue.catalogue import Catalogue


_PREDICTED = ("predicted", "prob", "scale_flag", "pred_set", "ood", "margin", "entropy")


@dataclass(frozen=True)
class SlideProgress:
    """Cells and reviewed cells of something."""

    n_cells: int
    n_reviewed: int


class CellBrowser:
    """Holds what the gallery shows and tells its listeners when it changes.

    Args:
        catalogue: Reads of the workspace, on this thread.
        taxonomy: The classes.
        sort: Order of the cells in each group.
        group: What the cells of a group have in common.
        index: All cells, where they have been read already.
    """

    def __init__(
        self,
        catalogue: "Catalogue",
        taxonomy: Taxonomy,
        *,
        sort: SortKey,
        group: GroupBy = GroupBy.CLASS,
        index: CellIndex | None = None,
    ) -> None:
        self._catalogue = catalogue
        self.taxonomy = taxonomy
        self._sort = sort
        self._scores: NDArray[np.float32] | None = None
        self._group: GroupBy | Grouping = group
        self._named_group = group  # to go back to when given groups no longer fit the cells
        self._names: PatientSlideNames | None = None
        self._filter = Filter()
        self._listeners: list[Callable[[], None]] = []
        self.index = catalogue.index.load(taxonomy) if index is None else index
        self._settled = self.index
        self._orders = Orders(self._settled)
        self.unsettled = 0
        self.grouping = self._grouped()
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

    @property
    def group(self) -> GroupBy | None:
        """What the cells of a group have in common; None if somebody gave the groups."""
        return self._group if isinstance(self._group, GroupBy) else None

    @property
    def settled(self) -> CellIndex:
        """The columns that decide on groups, order and filter; not to be written."""
        return self._settled

    def set_filter(self, wanted: Filter) -> None:
        """Show the cells that pass a filter; new predictions settle with it."""
        if wanted != self._filter:
            self._filter = wanted
            self.settle()

    def set_patients_and_slides(
        self, *, patients: frozenset[int] | None, slides: frozenset[int] | None
    ) -> None:
        """Show the cells of some patients and slides; None for both shows all."""
        self.set_filter(replace(self._filter, patients=patients, slides=slides))

    def set_sort(self, sort: SortKey, *, scores: NDArray[np.float32] | None = None) -> None:
        """Order the cells in each group; new predictions settle with it.

        Args:
            sort: The order.
            scores: float32 (n,), one for each row of the index, for the orders that need them.
        """
        if sort is not self._sort or scores is not self._scores:
            self._sort, self._scores = sort, scores
            self.settle()

    def set_group(self, group: GroupBy | Grouping) -> None:
        """Put the cells into other groups; new predictions settle with it.

        Args:
            group: What the cells of a group have in common, or the group of every row.
        """
        if group is not self._group:
            self._group = group
            if isinstance(group, GroupBy):
                self._named_group = group
            self.settle()

    def reload(self) -> None:
        """Read every cell anew, after patients came or went."""
        self.index = self._catalogue.index.load(self.taxonomy)
        self._settled = self.index
        self._orders = Orders(self._settled)
        self._names = None
        if isinstance(self._group, Grouping):  # given for the cells there were
            self._group = self._named_group
        if self._scores is not None:
            self._sort, self._scores = SortKey.IMPORT_ORDER, None
        self.settle()

    def settle(self) -> None:
        """Let everything known now decide on groups, order and filter."""
        if self._settled is not self.index:
            self._settled = self.index
            self._orders = Orders(self._settled)
        self.unsettled = 0
        self._publish()

    def take(self, changes: Changes) -> None:
        """Bring the columns of changed cells up to date after an act of the reader."""
        ids = np.array(changes.cell_ids, np.int64)
        if changes.kinds & Kind.REVIEWS:
            self._catalogue.index.reload_reviews(self.index, ids, self.taxonomy)
            self._orders.forget(REVIEW_COLUMNS)
        if changes.kinds & Kind.FLAGS:
            flagged = self._catalogue.reviews.flagged(changes.cell_ids)
            self.index.set_rows(ids, flagged=[cell_id in flagged for cell_id in changes.cell_ids])
        if changes.kinds & Kind.ATTRIBUTES:
            self.index.set_rows(ids, attributes=self._attribute_masks(changes.cell_ids))
        if changes.kinds & Kind.NOTES:
            noted = self._catalogue.reviews.notes_for(changes.cell_ids)
            self.index.set_rows(ids, noted=[cell_id in noted for cell_id in changes.cell_ids])
        deciding = Kind.REVIEWS | Kind.FLAGS
        if (self._filter.with_attributes, self._filter.without_attributes) != (None, None):
            deciding |= Kind.ATTRIBUTES
        if self._filter.noted is not None:
            deciding |= Kind.NOTES
        if changes.kinds & deciding:
            self._publish()

    def take_predictions(self, batch: PredictionBatch) -> None:
        """Note new predictions; the tiles show them, the groups wait for ``settle``."""
        if self._settled is self.index:
            # What decides keeps its own copy of what is written now, and shares all else.
            self._settled = self.index.parted(*_PREDICTED)
            self._orders = self._orders.of(self._settled)
        predicted, prob = decide(batch.probs, self.taxonomy)
        predicted = counting(predicted, self.taxonomy)
        self.index.set_rows(
            batch.cell_ids,
            predicted=predicted,
            prob=prob,
            scale_flag=batch.scale_source == SCALE_FAILED,
            pred_set=pack(batch.pred_set),
            ood=batch.ood_score,
            margin=margin(batch.probs),
            entropy=entropy(batch.probs),
        )
        self.unsettled += len(batch.cell_ids)

    def class_counts(self) -> Mapping[int, int]:
        """Return how many cells of the chosen slides carry each class now, by ordinal."""
        mask = only_patients_and_slides(self._filter).mask(self.index)
        current = self.index.current() if mask is None else self.index.current()[mask]
        counts = np.bincount(current + 1, minlength=len(self.taxonomy.classes) + 1)
        return {ordinal - 1: int(n) for ordinal, n in enumerate(counts)}

    def slide_progress(self) -> Mapping[int, SlideProgress]:
        """Return cells and reviewed cells by row id of the slide."""
        if not len(self.index):
            return {}
        n_cells = np.bincount(self.index.slide)
        reviewed = self.index.slide[self.index.status != UNREVIEWED]
        n_reviewed = np.bincount(reviewed, minlength=len(n_cells))
        return {
            int(slide): SlideProgress(int(n_cells[slide]), int(n_reviewed[slide]))
            for slide in np.flatnonzero(n_cells)
        }

    def chosen_slides(self) -> frozenset[int]:
        """Return the row ids of the slides that hold cells of what is chosen at the left."""
        mask = only_patients_and_slides(self._filter).mask(self.index)
        slides = self.index.slide if mask is None else self.index.slide[mask]
        # Row ids of slides are small: counting them is far quicker than sorting them.
        return frozenset(np.flatnonzero(np.bincount(slides)).tolist())

    def shown_among(self, cell_ids: Sequence[int]) -> tuple[int, ...]:
        """Return those of some cells that are shown, in the order given."""
        rows = self.index.rows_of(cell_ids)
        shown = np.zeros(len(self.index), np.bool_)
        shown[self.arrangement.rows] = True
        return tuple(cell for cell, seen in zip(cell_ids, shown[rows], strict=True) if seen)

    def vocabulary(self) -> Vocabulary:
        """Return the attributes of the workspace."""
        return with_own(self._catalogue.meta.definitions(Field.VOCABULARY))

    def _attribute_masks(self, cell_ids: Sequence[int]) -> list[int]:
        vocabulary = self.vocabulary()
        carried = self._catalogue.reviews.attributes_for(cell_ids)
        return [vocabulary.mask(carried.get(cell_id, ())) for cell_id in cell_ids]

    def _publish(self) -> None:
        self.grouping = self._grouped()
        self.arrangement = self._arrange()
        for listener in self._listeners:
            listener()

    def _arrange(self) -> Arrangement:
        return arrange(
            self._settled,
            groups=self.grouping.codes,
            filter=self._filter,
            sort=self._sort,
            n_groups=len(self.grouping.names),
            scores=self._scores,
            orders=self._orders,
        )

    def _grouped(self) -> Grouping:
        if isinstance(self._group, Grouping):
            return self._group
        if self._names is None and self._group in (GroupBy.PATIENT, GroupBy.SLIDE):
            self._names = self._catalogue.index.patient_and_slide_names()
        names = self._names or PatientSlideNames(patients={}, slides={})
        return grouped(self._settled, self._group, taxonomy=self.taxonomy, names=names)


def why_empty(index: CellIndex, wanted: Filter) -> tuple[str, str]:
    """Return a title and a hint.

    Args:
        index: All cells of the workspace.
        wanted: The filter that no cell passes.
    """
    rows = only_patients_and_slides(wanted).rows(index)
    if not len(rows):
        return "No cells in what is chosen", "Choose another patient or slide at the left."
    asks_for_a_class = wanted.classes is not None and NO_CLASS not in wanted.classes
    asks_for_confidence = wanted.min_conf is not None or wanted.max_conf is not None
    unclassified = bool((index.current()[rows] == NO_CLASS).all())
    if unclassified and (asks_for_a_class or asks_for_confidence):
        return "Not classified yet", "Classify the cells (Ctrl+R), or show all (Ctrl+Shift+F)."
    return "The filter hides every cell", "Change the filter, or show all cells (Ctrl+Shift+F)."
