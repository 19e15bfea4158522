"""Which cells are shown, in what order, in which groups: filter, sort and group by numpy.

A million cells are arranged in well under 150 ms because every key is an unsigned integer, which
numpy sorts fast, and because the order of all cells is sorted once and kept (``sorting.Orders``).
What can be asked: ``cell_filter``; the orders: ``sorting``; the groups: ``grouping``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, CellIndex
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.sorting import Orders, SortKey, stable_order

__all__ = ["Arrangement", "Filter", "Section", "SortKey", "arrange"]

_ONE_PASS = 0xFFFF  # groups below this, and −1 behind them, are keys of 16 bits


@dataclass(frozen=True)
class Section:
    """One group of the arrangement: positions ``start`` to ``stop`` (exclusive).

    Attributes:
        ordinal: The group, for classes the ordinal in the taxonomy; −1 = none yet.
        start: First position.
        stop: One past the last.
    """

    ordinal: int
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The cells in the order they are shown.

    Attributes:
        rows: int32 (m,), the row in the index at each position.
        sections: The groups that hold at least one cell, in order; they cover all positions.
    """

    rows: NDArray[np.int32]
    sections: tuple[Section, ...]

    def __len__(self) -> int:
        """Return the number of cells shown."""
        return len(self.rows)

    @classmethod
    def empty(cls) -> "Arrangement":
        """Return an arrangement that shows nothing."""
        return cls(np.empty(0, np.int32), ())


def arrange(
    index: CellIndex,
    *,
    groups: NDArray[np.int16] | NDArray[np.int32],
    filter: Filter,  # noqa: A002 - the word users and the contract between rooms have for it
    sort: SortKey,
    n_groups: int,
    scores: NDArray[np.float32] | None = None,
    orders: Orders | None = None,
) -> Arrangement:
    """Filter, group and sort the cells.

    Args:
        index: All cells, n rows.
        groups: int16 or int32 (n,), the group of each cell, −1 … n_groups − 1. Groups come in the
            order of their ordinals, cells without one last.
        filter: Which cells are shown.
        sort: Order within each group.
        n_groups: Number of groups.
        scores: float32 (n,), what some orders go by, see ``Orders.rows``.
        orders: Orders of the same index that were sorted before.

    Raises:
        ValueError: If ``groups`` has another length or an ordinal out of range.
    """
    if groups.shape != index.cell_id.shape:
        raise ValueError(f"{groups.shape} groups for {len(index)} cells")
    rows = _passing(index, filter, (orders or Orders(index)).rows(sort, scores=scores))
    shown = groups[rows]
    if len(shown) and not NO_CLASS <= int(shown.min()) <= int(shown.max()) < n_groups:
        raise ValueError(f"a group is not below {n_groups}")
    rows = rows[_by_group(shown, n_groups)]
    return Arrangement(rows, _sections(np.bincount(shown + 1, minlength=n_groups + 1)))


def _passing(
    index: CellIndex, filter_: Filter, order: NDArray[np.int32] | None
) -> NDArray[np.int32]:
    """Return the rows that pass a filter, int32 (m,), in an order."""
    mask = filter_.mask(index)
    if order is None:
        return filter_.rows(index) if mask is None else np.flatnonzero(mask).astype(np.int32)
    return order if mask is None else order[mask[order]]


def _by_group(
    groups: NDArray[np.int16] | NDArray[np.int32], n_groups: int
) -> NDArray[np.int32] | NDArray[np.int64]:
    # −1 seen as unsigned is the greatest key, which puts the cells without a group last.
    if n_groups < _ONE_PASS:
        return np.argsort(groups.astype(np.uint16), kind="stable")
    return stable_order(groups.astype(np.uint32))


def _sections(counts: NDArray[np.int64]) -> tuple[Section, ...]:
    """Return the groups that hold a cell.

    Args:
        counts: int64 (g + 1,), cells by group, those without one first.
    """
    counts = np.roll(counts, -1)
    held = np.flatnonzero(counts)
    stops = np.cumsum(counts[held])
    starts = stops - counts[held]
    ordinals = np.where(held == len(counts) - 1, NO_CLASS, held)
    return tuple(map(Section, ordinals.tolist(), starts.tolist(), stops.tolist()))
