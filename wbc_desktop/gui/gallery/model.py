"""The index and the arrangement as the gallery reads them: captions, counts, positions of cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.cells.differential import intervals
from wbc_desktop.domain.cells.prediction_set import leaves_in
from wbc_desktop.domain.filter.arrangement import Arrangement
from wbc_desktop.domain.filter.grouping import GroupBy, Grouping
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.widgets.prediction_text import (
    RENDERED_ONLY,
    UNLIKE,
    is_unusual,
    percent_words,
    set_words,
    whole_percent,
)

NO_PERCENT = -1


class TileCaption(NamedTuple):
    """What the caption of a tile says; equal captions share one painted caption.

    Attributes:
        label: Ordinal of the label that counts, or −1.
        predicted: Ordinal of the model's class, or −1.
        percent: Confidence in whole percent, or −1.
        status: Ordinal in ``STATUS_ORDER``.
        flagged: A person flagged the cell.
        scale_flag: The scale of the crop is a guess.
        low_trust: The label is the model's, of a class that it knows from rendered cells only.
        shows: A person said that it shows some attribute.
    """

    label: int
    predicted: int
    percent: int
    status: int
    flagged: bool
    scale_flag: bool
    low_trust: bool = False
    shows: bool = False


@dataclass(frozen=True)
class SectionCount:
    """The numbers in a section's header.

    Attributes:
        n: Cells shown.
        reviewed: Of these, labelled or accepted by a person.
        share: Percent of the shown counted cells; for a class outside the 100 %, cells per 100
            counted ones; None where nothing is counted, the cells have no class, or the groups
            are no classes.
        interval: The exact 95 % interval of the share, or None as there.
    """

    n: int
    reviewed: int
    share: float | None
    interval: tuple[float, float] | None = None


class GalleryModel:
    """Read access by position: the place of a cell in the order it is shown.

    Attributes:
        index: All cells.
        arrangement: The cells shown.
        taxonomy: The classes.
        named: The names of the groups where these are no classes, else None.

    Args:
        index: All cells.
        arrangement: The cells shown.
        taxonomy: The classes.
        grouping: What the groups are called; classes if None.
        rendered_only: Ordinals of the classes that the model knows from rendered cells only.
        exact: Give the intervals of the shares.
    """

    def __init__(
        self,
        index: CellIndex,
        arrangement: Arrangement,
        taxonomy: Taxonomy,
        *,
        grouping: Grouping | None = None,
        rendered_only: frozenset[int] = frozenset(),
        exact: bool = True,
    ) -> None:
        self.index = index
        self.arrangement = arrangement
        self.taxonomy = taxonomy
        by_class = grouping is None or grouping.by is GroupBy.CLASS
        self.named = None if by_class else grouping
        self._exact = exact
        self._rendered_only = np.array(sorted(rendered_only), np.int16)
        self._positions = np.full(len(index), -1, np.int32)
        self._counts: tuple[SectionCount, ...] | None = None
        self._positions[arrangement.rows] = np.arange(len(arrangement), dtype=np.int32)

    def __len__(self) -> int:
        """Return the number of cells shown."""
        return len(self.arrangement)

    def cell_class(self, ordinal: int) -> CellClass | None:
        """Return a class, or None for −1."""
        return None if ordinal == NO_CLASS else self.taxonomy.classes[ordinal]

    def cell_id(self, position: int) -> int:
        """Return the cell at a position."""
        return int(self.index.cell_id[self.arrangement.rows[position]])

    def cell_ids(self, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Return the cells of a stretch of positions, int64, in the order shown."""
        return self.index.cell_id[self.arrangement.rows[start:stop]]

    def cells_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cells at some positions, int64."""
        return self.index.cell_id[self.arrangement.rows[positions]]

    def position_of(self, cell_id: int) -> int:
        """Return where a cell is shown, or −1."""
        found = self.positions_of([cell_id])
        return int(found[0]) if len(found) else -1

    def positions_of(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int32]:
        """Return where cells are shown, int32, in the order asked; those not shown are left out."""
        ids = cell_ids if isinstance(cell_ids, np.ndarray) else np.array([*cell_ids], np.int64)
        if not len(self.index):
            return np.empty(0, np.int32)
        rows = np.minimum(np.searchsorted(self.index.cell_id, ids), len(self.index) - 1)
        positions: NDArray[np.int32] = self._positions[rows[self.index.cell_id[rows] == ids]]
        return positions[positions >= 0]

    def shown(self, cell_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell for each of some cells whether it is shown, bool, same shape."""
        if not len(self.index):
            return np.zeros(cell_ids.shape, np.bool_)
        rows = np.minimum(np.searchsorted(self.index.cell_id, cell_ids), len(self.index) - 1)
        return np.asarray((self.index.cell_id[rows] == cell_ids) & (self._positions[rows] >= 0))

    def captions(self, start: int, stop: int) -> list[TileCaption]:
        """Return the faces of a stretch of positions."""
        rows = self.arrangement.rows[start:stop]
        index = self.index
        predicted, human = index.predicted[rows], index.human[rows]
        return list(
            map(
                TileCaption,
                np.where(human != NO_CLASS, human, predicted).tolist(),
                predicted.tolist(),
                percent(index.prob[rows]).tolist(),
                index.status[rows].tolist(),
                index.flagged[rows].tolist(),
                index.scale_flag[rows].tolist(),
                self._low_trust(predicted, human).tolist(),
                (index.attributes[rows] != 0).tolist(),
            )
        )

    def _low_trust(
        self, predicted: NDArray[np.int16], human: NDArray[np.int16]
    ) -> NDArray[np.bool_]:
        if not len(self._rendered_only):
            return np.zeros(len(predicted), np.bool_)
        rendered: NDArray[np.bool_] = np.isin(predicted, self._rendered_only) & (human == NO_CLASS)
        return rendered

    def recount(self) -> None:
        """Count again, after columns of the index were written."""
        self._counts = None

    def count_exactly(self, exact: bool) -> None:
        """Give the intervals of the shares, or no longer."""
        self._exact = exact
        self.recount()

    def section_counts(self) -> tuple[SectionCount, ...]:
        """Return the numbers of every section, in order."""
        if self._counts is None:
            self._counts = self._counted()
        return self._counts

    def _counted(self) -> tuple[SectionCount, ...]:
        sections = self.arrangement.sections
        if not sections:
            return ()
        reviewed = self.index.status[self.arrangement.rows] != UNREVIEWED
        n_reviewed = np.add.reduceat(reviewed, [s.start for s in sections], dtype=np.int64)
        if self.named is not None:
            return tuple(
                SectionCount(section.stop - section.start, n, None)
                for section, n in zip(sections, n_reviewed.tolist(), strict=True)
            )
        classes = [self.cell_class(s.ordinal) for s in sections]
        numbers = np.array([s.stop - s.start for s in sections], np.int64)
        counted = np.array([c is not None and c.counted for c in classes])
        total = int(numbers[counted].sum())
        low, high = intervals(numbers, total if self._exact else 0, counted=counted)
        shared, exact = total > 0, total > 0 and self._exact
        return tuple(
            SectionCount(
                int(n),
                int(n_reviewed[i]),
                100 * int(n) / total if shared and classes[i] is not None else None,
                (float(low[i]), float(high[i])) if exact and classes[i] is not None else None,
            )
            for i, n in enumerate(numbers)
        )

    def empty_classes(self) -> tuple[int, ...]:
        """Return the ordinals of the classes without a section: all where groups are no classes."""
        if self.named is not None:
            return tuple(self.taxonomy.ordinals[c.id] for c in self.taxonomy.offered)
        shown = {section.ordinal for section in self.arrangement.sections}
        ordinals = self.taxonomy.ordinals
        return tuple(ordinals[c.id] for c in self.taxonomy.offered if ordinals[c.id] not in shown)

    def description(self, position: int) -> str:
        """Return a cell in words: class, confidence, whose label, review state, marks, trust."""
        caption = self.captions(position, position + 1)[0]
        label, predicted = self.cell_class(caption.label), self.cell_class(caption.predicted)
        status = STATUS_ORDER[caption.status]
        if label is None:
            words = ["Not classified yet"]
        elif status is Status.UNREVIEWED:
            words = [label.name, percent_words(caption.percent), "model"]
        else:
            words = [label.name, "human"]
        words.append(status.value)
        if predicted is not None and status is not Status.UNREVIEWED:
            words.append(f"model said {predicted.name} {percent_words(caption.percent)}")
        words += ["flagged"] * caption.flagged + [
            "scale of the crop not known"
        ] * caption.scale_flag
        words += ["with attributes"] * caption.shows
        return "\n".join((", ".join(words), *self._trust(position, caption)))

    def _trust(self, position: int, caption: TileCaption) -> Iterator[str]:
        """Yield what bears on the model's class, a line each."""
        row = int(self.arrangement.rows[position])
        leaves = leaves_in(int(self.index.pred_set[row]), self.taxonomy)
        if leaves:
            yield set_words([self.taxonomy.by_id[leaf].name for leaf in leaves]).capitalize()
        if is_unusual(float(self.index.ood[row])):
            yield UNLIKE.capitalize()
        if caption.low_trust:
            yield RENDERED_ONLY.capitalize()


def percent(prob: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return whole percent as ``whole_percent`` cuts it, int64, −1 for nan."""
    return np.where(np.isnan(prob), NO_PERCENT, whole_percent(prob))
