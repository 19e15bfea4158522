"""Similar cells and clusters: an order and groups of the gallery that come from embeddings.

The key of similar cells puts all shown cells into one group, the most alike to the chosen cell
first; the same key on that cell, or any other order and grouping, ends it. Neither is remembered:
at the next start there is no chosen cell.
"""

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.filter.grouping import GroupBy, Grouping
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.filter.filter_controller import FilterController

_NONE_YET = "Choose a cell first, then press S for the cells most like it."


class SimilarCells(Controller):
    """Arranges the gallery by similarity.

    Args:
        context: The workspace, its cells and the window.
        filter_: Goes back to the order and the groups of before.
        embeddings: Runs the work.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        filter_: FilterController,
        embeddings: EmbeddingController,
    ) -> None:
        super().__init__()
        self._catalogue = context.catalogue
        self._browser = context.browser
        self._filter = filter_
        self._embeddings = embeddings
        self._window = context.window
        self._anchor: int | None = None
        self._compared = self._browser.index
        self._before: tuple[GroupBy, SortKey] = (GroupBy.CLASS, SortKey.CONFIDENCE_DESC)
        self._browser.subscribe(self._check)
        self.connect(self._window.view_bar.similar_asked, self.toggle)
        self.connect(self._window.view_bar.clusters_asked, self.cluster)

    @property
    def anchor(self) -> int | None:
        """The cell that the others are compared with, or None while there is no such order."""
        return self._anchor if self._browser.sort is SortKey.SIMILARITY else None

    def toggle(self) -> None:
        """Show the cells most like the chosen one first, or go back to the order of before."""
        cell_id = self._window.gallery.current_id()
        if self.anchor is not None and cell_id in (None, self.anchor):
            self.leave()
        elif cell_id is None:
            self._window.notice.warn(_NONE_YET)
            self._filter.show_arranging()
        else:
            self._embeddings.with_embeddings(
                lambda: self._sort_by(cell_id), what="Most alike first"
            )

    def leave(self) -> None:
        """Go back to the groups and the order of before."""
        group, sort = self._before
        cell = self._anchor
        self._anchor = None
        self._filter.group(group)
        self._filter.sort(sort)
        self._window.notice.clear()
        if cell is not None:
            self._window.gallery.scroll_to(cell)

    def cluster(self) -> None:
        """Put cells that look alike into one group each."""
        self._embeddings.with_embeddings(self._group, what="Group by cluster")

    def _check(self) -> None:
        """End what another order has ended: a group that promises an order it has not."""
        browser = self._browser
        if self._anchor is None or browser.sort is SortKey.SIMILARITY:
            return
        self._anchor = None
        group, sort = self._before
        if browser.index is not self._compared:  # cells came or went: the browser began anew
            self._filter.group(group)
            self._filter.sort(sort)
        elif browser.group is None:
            self._filter.group(group)

    def _sort_by(self, cell_id: int) -> None:
        cell_ids = self._browser.index.cell_id
        self._embeddings.call(
            lambda: self._scores(cell_id, cell_ids),
            lambda scores: self._show(cell_id, scores),
            key="similar",
        )

    def _scores(self, cell_id: int, cell_ids: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Runs in a worker: how alike each cell is, nan where it has no embedding."""
        similarity = self._embeddings.embeddings().similarity()
        alike = similarity.to(cell_id)
        if alike is None:
            return None
        rows = similarity.rows_of(cell_ids)
        return np.where(rows >= 0, alike[rows], np.float32(np.nan)).astype(np.float32)

    def _show(self, cell_id: int, scores: NDArray[np.float32] | None) -> None:
        window, browser = self._window, self._browser
        if scores is None:
            window.notice.warn(
                "This cell's crop cannot be read, so nothing can be compared with it."
            )
            self._filter.show_arranging()
            return
        if len(scores) != len(browser.index):
            return  # cells came or went meanwhile
        if self.anchor is None:
            self._before = (browser.group or GroupBy.CLASS, browser.sort)
        self._anchor = cell_id
        name = self._catalogue.cells.get(cell_id).cell_id
        together = np.zeros(len(scores), np.int16)
        self._compared = browser.index
        browser.set_sort(SortKey.SIMILARITY, scores=scores)
        browser.set_group(Grouping(None, together, (f"Like {name}",)))
        self._filter.show_arranging()
        window.view_bar.set_group(None, other="One group")
        window.gallery.to_top()
        window.notice.say(
            f"Sorted by similarity to cell {name}. S on that cell, or another order, goes back."
        )

    def _group(self) -> None:
        cell_ids = self._browser.index.cell_id
        self._embeddings.call(lambda: self._clusters(cell_ids), self._show_clusters, key="clusters")

    def _clusters(self, cell_ids: NDArray[np.int64]) -> NDArray[np.int16]:
        """Runs in a worker: the cluster of each cell, −1 where it has no embedding."""
        from wbc_desktop.services.embeddings.clusters import clusters

        similarity = self._embeddings.embeddings().similarity()
        found = clusters(similarity)
        rows = similarity.rows_of(cell_ids)
        if not len(found):
            return np.full(len(cell_ids), -1, np.int16)
        return np.where(rows >= 0, found[rows], -1).astype(np.int16)

    def _show_clusters(self, codes: NDArray[np.int16]) -> None:
        if len(codes) != len(self._browser.index):
            return  # cells came or went meanwhile
        names = tuple(f"Cluster {i + 1}" for i in range(int(codes.max(initial=-1)) + 1))
        self._browser.set_group(Grouping(None, codes, names, "No embedding"))
        self._filter.show_arranging()
        self._window.view_bar.set_group(None)
        self._window.commands["group_clusters"].setChecked(True)
        self._window.gallery.to_top()
        self._window.notice.say(f"{len(names)} clusters of cells that look alike to the network.")
