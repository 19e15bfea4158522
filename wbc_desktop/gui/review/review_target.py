"""Where the reader's keys go: the gallery, or a view that stands in its place for a while."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class ReviewTarget(Protocol):
    """What a view of cells must be able to do so that cells can be labelled in it."""

    def current_id(self) -> int | None:
        """Return the cell with the focus, or None."""

    def selected_ids(self) -> Sequence[int]:
        """Return the cells that the next act is for."""

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell to look at once these are dealt with, or None."""

    def select(self, cell_ids: Iterable[int]) -> None:
        """Select these, as far as they are shown; the first of them gets the focus."""

    def scroll_to(self, cell_id: int) -> None:
        """Bring a cell into view, if it is shown."""
