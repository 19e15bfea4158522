"""Which cells are selected, and which one has the keyboard's focus.

Cells are remembered by their id, never by their place, so that a selection survives sorting,
regrouping and filtering. Sets of a million ids are kept as one sorted array.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

NO_CELL = -1


class Selection:
    """The selected cells.

    Attributes:
        current: The cell with the focus, or −1.
        anchor: Where a range with Shift starts, or −1.
    """

    def __init__(self) -> None:
        self.current = NO_CELL
        self.anchor = NO_CELL
        self._ids: NDArray[np.int64] = np.empty(0, np.int64)

    def __len__(self) -> int:
        """Return how many cells are selected."""
        return len(self._ids)

    def __contains__(self, cell_id: int) -> bool:
        """Tell whether a cell is selected."""
        place = int(np.searchsorted(self._ids, cell_id))
        return place < len(self._ids) and int(self._ids[place]) == cell_id

    @property
    def ids(self) -> NDArray[np.int64]:
        """The selected ids, int64 (m,), ascending; not to be written."""
        return self._ids

    def marks(self, cell_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell for each of some cells whether it is selected, bool, same shape."""
        if not len(self._ids):
            return np.zeros(cell_ids.shape, np.bool_)
        places = np.minimum(np.searchsorted(self._ids, cell_ids), len(self._ids) - 1)
        return np.asarray(self._ids[places] == cell_ids)

    def replace(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> None:
        """Select just these."""
        self._ids = _sorted(cell_ids)

    def add(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> None:
        """Select these too."""
        self._ids = merged(self._ids, _sorted(cell_ids))

    def remove(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> None:
        """Select these no longer."""
        self._ids = np.setdiff1d(self._ids, _sorted(cell_ids), assume_unique=True)

    def toggle(self, cell_id: int) -> None:
        """Select a cell, or select it no longer."""
        (self.remove if cell_id in self else self.add)([cell_id])

    def clear(self) -> None:
        """Select nothing; the focus stays."""
        self._ids = np.empty(0, np.int64)

    def keep(self, shown: Callable[[NDArray[np.int64]], NDArray[np.bool_]]) -> None:
        """Forget what is no longer shown: nobody can act on a cell he does not see.

        Args:
            shown: Tells for each of some ids whether it is shown.
        """
        self._ids = self._ids[shown(self._ids)]
        current, anchor = shown(np.array([self.current, self.anchor]))
        self.current = self.current if current else NO_CELL
        self.anchor = self.anchor if anchor else NO_CELL


def merged(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ids of both, int64, ascending, each once."""
    return _sorted(np.concatenate((a, b)))


def _sorted(cell_ids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    ids = cell_ids if isinstance(cell_ids, np.ndarray) else np.array([*cell_ids], np.int64)
    ids = np.sort(ids)
    # Not np.unique, which hashes integers: far slower on a million of them.
    first = np.ones(len(ids), np.bool_)
    first[1:] = ids[1:] != ids[:-1]
    return ids[first]
