"""In what order cells are shown: each sort order is one unsigned integer per cell.

A million cells are sorted in some fifteen milliseconds. To add an order, add it to ``SortKey`` and
give its key in ``_key``.
"""

from collections.abc import Iterable
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import CellIndex

_KEPT = 3  # orders of one index; 4 bytes a cell each


class SortKey(Enum):
    """Order of the cells within a group. Ties stay in import order, cells without a value last."""

    CONFIDENCE_DESC = auto()
    CONFIDENCE_ASC = auto()
    UNUSUAL_FIRST = auto()
    IMPORT_ORDER = auto()
    LEAST_MARGIN = auto()
    MOST_ENTROPY = auto()
    LARGEST_SET = auto()
    DISAGREEMENT = auto()  # a person against the model first, then the surest
    REVIEWED_LAST_FIRST = auto()
    SIMILARITY = auto()  # by scores that the caller gives, the greatest first
    LARGEST_CROP = auto()  # the same: the pixels are not in the index


_DECIDES = {
    SortKey.CONFIDENCE_DESC: {"prob"},
    SortKey.CONFIDENCE_ASC: {"prob"},
    SortKey.UNUSUAL_FIRST: {"ood"},
    SortKey.LEAST_MARGIN: {"margin"},
    SortKey.MOST_ENTROPY: {"entropy"},
    SortKey.LARGEST_SET: {"pred_set"},
    SortKey.DISAGREEMENT: {"prob", "predicted", "human"},
    SortKey.REVIEWED_LAST_FIRST: {"reviewed_at"},
}

_GIVEN = frozenset((SortKey.SIMILARITY, SortKey.LARGEST_CROP))


class Orders:
    """The orders of one index, each sorted once and kept while its columns stay as they are.

    Args:
        index: All cells, n rows.
    """

    def __init__(self, index: CellIndex) -> None:
        self._index = index
        self._made: dict[SortKey, NDArray[np.int32]] = {}
        self._scores: NDArray[np.float32] | None = None

    def rows(
        self, sort: SortKey, *, scores: NDArray[np.float32] | None = None
    ) -> NDArray[np.int32] | None:
        """Return all rows in an order, int32 (n,), or None where it is that of the rows.

        Args:
            sort: The order.
            scores: float32 (n,), any numbers, nan = none; for ``SIMILARITY`` and ``LARGEST_CROP``.
                Without them these orders are the import order. They must not be written to
                afterwards.

        Raises:
            ValueError: If there is not one score for each cell.
        """
        if sort is SortKey.IMPORT_ORDER or (sort in _GIVEN and scores is None):
            return None
        if sort in _GIVEN and scores is not self._scores:
            for given in _GIVEN:
                self._made.pop(given, None)
            self._scores = scores
        order = self._made.pop(sort, None)
        if order is None:
            order = stable_order(_key(self._index, sort, scores))
        self._made[sort] = order  # at the end: the one used last is dropped last
        if len(self._made) > _KEPT:
            del self._made[next(iter(self._made))]
        return order

    def of(self, index: CellIndex) -> "Orders":
        """Return the same orders for another index that holds the same values."""
        same = Orders(index)
        same._made, same._scores = dict(self._made), self._scores
        return same

    def forget(self, columns: Iterable[str]) -> None:
        """Drop the orders that some columns decide, after these were written."""
        written = frozenset(columns)
        for sort in [*self._made]:
            if sort in _DECIDES and _DECIDES[sort] & written:
                del self._made[sort]


def stable_order(key: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return the rows by ascending key, int32 (n,), equal keys in their order.

    Args:
        key: uint32 (n,).
    """
    # Key and row in one number each: all differ, and numpy sorts numbers four times as fast as it
    # finds out the order they would have.
    both = key.astype(np.uint64)
    both <<= np.uint64(32)
    both |= np.arange(len(key), dtype=np.uint32)
    both.sort()
    return both.astype(np.uint32).view(np.int32)


def _key(index: CellIndex, sort: SortKey, scores: NDArray[np.float32] | None) -> NDArray[np.uint32]:
    match sort:
        case SortKey.CONFIDENCE_ASC:
            return _rising(index.prob)
        case SortKey.LEAST_MARGIN:
            return _rising(index.margin)
        case SortKey.LARGEST_SET:
            return np.uint32(32) - index.set_sizes()
        case SortKey.DISAGREEMENT:
            return _against_the_model_first(index)
        case SortKey.REVIEWED_LAST_FIRST:
            return np.uint32(0xFFFFFFFF) - index.reviewed_at
    return _falling(_value(index, sort, scores))


def _value(
    index: CellIndex, sort: SortKey, scores: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    match sort:
        case SortKey.UNUSUAL_FIRST:
            return index.ood
        case SortKey.MOST_ENTROPY:
            return index.entropy
        case SortKey.SIMILARITY | SortKey.LARGEST_CROP:
            if scores is None or scores.shape != index.cell_id.shape:
                raise ValueError(f"no score for each of {len(index)} cells")
            return scores.astype(np.float32, copy=False)
    return index.prob


def _against_the_model_first(index: CellIndex) -> NDArray[np.uint32]:
    # The keys from 1 down to 0, and one for nan, moved down so that the highest bit is free.
    surest, least = (int(key) for key in _falling(np.array([1, 0], np.float32)))
    key = np.minimum(_falling(index.prob), np.uint32(least + 1)) - np.uint32(surest)
    return np.where(index.disagrees(), key, key | np.uint32(1 << 31))


def _rising(value: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return keys that rise with the value, nan last: the bits of a float, made to ascend."""
    bits = (value + np.float32(0)).view(np.uint32)  # adding 0 turns −0 into 0
    top = np.uint32(1 << 31)
    key = np.where(bits & top, ~bits, bits | top)
    return np.where(np.isnan(value), np.uint32(0xFFFFFFFF), key)


def _falling(value: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return keys that fall as the value rises, nan last."""
    return _rising(-value)
