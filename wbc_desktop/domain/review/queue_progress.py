"""Where a reader stands in a review queue, and how long the rest will take.

The order never changes while the reader walks. Cells that need no look any more, because another
reader or another act dealt with them, are stepped over.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.review.queue import Reason, ReviewQueue

_GAPS = 15  # the pace of the last cells, not of the whole morning
_ENOUGH = 3
_BREAK_S = 120.0  # a longer gap is a telephone call


class QueueProgress:
    """Where a reader stands in a queue.

    Attributes:
        queue: The cells, in order.
        position: Where the reader stands, 0 … n; n is the end.

    Args:
        queue: The cells, in order.
    """

    def __init__(self, queue: ReviewQueue) -> None:
        self.queue = queue
        self.position = 0
        self._done: dict[int, None] = {}  # positions dealt with from here, in order
        self._visited: list[int] = []

    @property
    def current(self) -> int | None:
        """The cell the reader stands at, or None at the end."""
        return None if self.ended else int(self.queue.cell_ids[self.position])

    @property
    def ended(self) -> bool:
        """Tell whether no cell is left ahead."""
        return self.position >= len(self.queue)

    @property
    def reason(self) -> Reason:
        """Why the present cell is in the queue."""
        return self.queue.reason(self.position)

    @property
    def done(self) -> NDArray[np.int64]:
        """The cells dealt with since it was started, int64."""
        return self.queue.cell_ids[np.fromiter(self._done, np.int64, len(self._done))]

    def seek_unreviewed(self, open_: NDArray[np.bool_]) -> None:
        """Stand at the first cell from here on that needs a look.

        Args:
            open_: bool (n,), which cells of the queue do.
        """
        ahead = np.flatnonzero(open_[self.position :])
        self.position = self.position + int(ahead[0]) if len(ahead) else len(self.queue)

    def mark_reviewed(self) -> None:
        """Note that the reader dealt with the present cell; ``seek_unreviewed`` goes on."""
        self._visited.append(self.position)
        self._done[self.position] = None

    def skip(self, open_: NDArray[np.bool_]) -> None:
        """Leave the present cell as it is and go on."""
        self._visited.append(self.position)
        self.position += 1
        self.seek_unreviewed(open_)

    def back(self) -> bool:
        """Stand at the cell before; False if there is none."""
        while self._visited:
            position = self._visited.pop()
            if position != self.position:
                self.position = position
                return True
        return False

    def move_to(self, cell_ids: Sequence[int]) -> bool:
        """Stand at the first of some cells that is in the queue; False if none is."""
        positions = np.flatnonzero(np.isin(self.queue.cell_ids, np.array(cell_ids, np.int64)))
        if not len(positions):
            return False
        self.position = int(positions[0])
        return True

    def left(self, open_: NDArray[np.bool_]) -> int:
        """Return how many cells from here on need a look."""
        return int(np.count_nonzero(open_[self.position :]))


class ReviewPace:
    """How long the reader takes for one cell: the median of the last gaps between acts."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._gaps: list[float] = []

    def tick(self, now: float) -> None:
        """Take note of an act.

        Args:
            now: Seconds of a clock that never goes back.
        """
        if self._last is not None and now - self._last < _BREAK_S:
            self._gaps = [*self._gaps[1 - _GAPS :], now - self._last]
        self._last = now

    def seconds(self, cells: int) -> float | None:
        """Return the seconds that some cells will take, or None while too few acts are known."""
        if len(self._gaps) < _ENOUGH:
            return None
        return cells * median(self._gaps)
