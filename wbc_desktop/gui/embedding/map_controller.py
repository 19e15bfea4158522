"""Fills the embedding map and keeps its selection and the gallery's the same.

The layout is made in a worker: the overview first, then the map as its groups draw apart. A new
layout is made when cells come or embeddings are added while the map is open, not when labels
change: then points change their colour and mark where they lie.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.embedding.embedding_controller import (
    UNDER_WAY,
    EmbeddingController,
    duration_text,
)
from wbc_desktop.gui.embedding.map_points import Points, coloured

if TYPE_CHECKING:  # the window is painted before these load
    from collections.abc import Generator

    from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot
    from wbc_desktop.services.embeddings.projection import MapStep

_NOTHING = "No cell has an embedding yet.\nThe map shows which cells look alike to the network."


@dataclass(frozen=True, eq=False)
class _Found:
    """What a worker found: the cells with an embedding, int64 ascending, and how many lack one."""

    cell_ids: NDArray[np.int64]
    missing: NDArray[np.int64]


class EmbeddingMapController(Controller):
    """Shows the cells of the open workspace on the map.

    Args:
        context: The workspace, its cells and the window.
        embeddings: Finds and computes embeddings.
    """

    def __init__(self, context: WorkspaceContext, *, embeddings: EmbeddingController) -> None:
        super().__init__()
        self._catalogue = context.catalogue
        self._browser = context.browser
        self._embeddings = embeddings
        self._runner = context.runner
        self._window = context.window
        self._map = context.window.map
        self._on_error = context.on_error
        self._found: _Found | None = None  # by the layout that has shown no positions yet
        self._ids: NDArray[np.int64] = np.empty(0, np.int64)
        self._missing: NDArray[np.int64] = np.empty(0, np.int64)
        self._laid_out: object = None  # cells and files of embeddings that the layout is of
        self._failed = False
        self._selection_text = ""
        self._points: Points | None = None
        self._positions: NDArray[np.float32] | None = None
        self._plot: EmbeddingPlot | None = None
        self._later = QTimer(self._window)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._refresh)
        self._browser.subscribe(self._schedule_refresh)
        embeddings.subscribe(self._schedule_refresh)
        self.connect(self._map.colour_changed, self._schedule_refresh)
        self.connect(self._map.compute_asked, self._compute)
        self.connect(self._map.closed, self.hide)
        self.connect(self._window.gallery.selection_changed, self._show_selection)
        self.connect(self._window.gallery.selection_changed, self._clear_selection_text)

    def toggle(self) -> None:
        """Show the map and give it the keyboard, or hide it."""
        if self._map.isVisible():
            self.hide()
        else:
            self.show()

    def show(self) -> None:
        """Show the map; laid out anew if cells or embeddings came since, or if that failed."""
        if self._failed:
            self._laid_out = None
        plot = self._map.ensure_plot()
        if self._plot is None:
            self._plot = plot
            self.connect(plot.chosen, self._choose)
            self.connect(plot.cleared, self._window.gallery.clear_selection)
            self.connect(plot.left, self._window.focus_cells)
            plot.describe = self._describe
        self._window.show_beside(self._map, shown=True)
        self._window.commands.keep_space()
        plot.setFocus()
        self._refresh()

    def hide(self) -> None:
        """Hide the map; the keyboard goes back to the cells."""
        self._window.show_beside(self._map, shown=False)
        self._window.focus_cells()

    def close(self) -> None:
        """Let go of the window."""
        self._later.stop()
        self._later.deleteLater()
        super().close()
        self._window.show_beside(self._map, shown=False)
        self._map.show_empty("")

    def _schedule_refresh(self, *_: object) -> None:
        """Bring the map up to date once the gallery is painted."""
        if self._map.isVisible():
            self._later.start(0)

    def _refresh(self) -> None:
        try:
            stamp = (id(self._browser.index), self._embeddings.stored())
        except UserError as error:  # the model is missing; the gallery goes on without a map
            self._map.show_empty(str(error))
            return
        if stamp != self._laid_out and not self._embeddings.busy():
            self._laid_out = stamp
            self._lay_out()
        elif self._embeddings.running and not len(self._ids):
            self._map.show_empty(f"{UNDER_WAY}\nThe map follows when they are there.")
        else:
            self._show_points()

    def _compute(self) -> None:
        self._embeddings.fill(self._missing)

    def _lay_out(self) -> None:
        self._failed = False
        if not len(self._ids):
            self._map.show_empty("Reading embeddings …")
        self._map.show_state("")
        cell_ids = self._browser.index.cell_id
        self._runner.run(
            lambda: self._steps(cell_ids),
            on_item=self._take,
            on_done=self._tell,
            on_error=self._fail,
            key="embedding map",
        )

    def _steps(self, cell_ids: NDArray[np.int64]) -> "Generator[_Found | MapStep, None, None]":
        """Runs in a worker."""
        from wbc_desktop.services.embeddings.projection import MapStep, layout, overview
        from wbc_desktop.services.embeddings.similarity import Similarity

        missing = self._embeddings.missing(cell_ids)
        everything = self._embeddings.embeddings().similarity()
        here = np.isin(everything.cell_ids, cell_ids, assume_unique=True)
        similarity = Similarity(everything.cell_ids[here], everything.reduced[here])
        yield _Found(similarity.cell_ids, missing)
        start = overview(similarity)
        yield MapStep(start, 0.0)
        yield from layout(similarity, start)

    def _take(self, item: "_Found | MapStep") -> None:
        if isinstance(item, _Found):
            self._found = item
            for damage in self._embeddings.embeddings().damaged:
                self._window.notice.warn(damage)
            return
        if self._found is not None:  # until now the positions on the map were of other cells
            self._ids, self._missing = self._found.cell_ids, self._found.missing
            self._found = self._points = None
        if item.positions is not self._positions:
            self._positions = item.positions
            self._map.ensure_plot().show_positions(item.positions)
            self._show_points()
        if item.done < 1 and len(self._ids):
            cells = counted(len(self._ids), "cell")
            self._map.show_state(f"Laying out {cells}, {100 * item.done:.0f} % done")

    def _tell(self) -> None:
        """Say what is on the map, and offer to compute what is not."""
        lacking = len(self._missing)
        compute = f"Compute ({duration_text(lacking)})" if lacking else ""
        if not len(self._ids):
            self._map.show_empty(_NOTHING)
            self._map.show_state(f"{counted(lacking, 'cell')} to compute", compute=compute)
            return
        text = counted(len(self._ids), "cell")
        if lacking:
            text += f", {lacking:,} more without an embedding"
        self._map.show_state(text, compute=compute)

    def _fail(self, error: Exception) -> None:
        """Say so; not tried again by itself, or each label would bring the same error."""
        self._failed = True
        if not len(self._ids):
            self._map.show_empty("")
        self._map.show_state("The map could not be laid out. Close it and press P to try again.")
        self._on_error(error)

    def _show_points(self) -> None:
        index = self._browser.index
        rows = np.searchsorted(index.cell_id, self._ids)
        known = rows < len(index)
        if not (len(self._ids) and known.all() and (index.cell_id[rows] == self._ids).all()):
            return  # a new layout is on its way
        shown = np.zeros(len(index), np.bool_)
        shown[self._browser.arrangement.rows] = True
        colouring = coloured(
            index,
            rows,
            self._map.colour_by,
            taxonomy=self._browser.taxonomy,
            theme=self._map.theme,
            patients={p.id: p.code for p in self._catalogue.patients.all()},
        )
        self._points = Points(rows, index.human[rows] >= 0, shown[rows], colouring)
        self._show_selection()

    def _show_selection(self, *_: object) -> None:
        if self._points is None or not self._map.isVisible():
            return
        chosen = np.array(self._window.gallery.selected_ids(), np.int64)
        self._map.show_points(self._points, np.isin(self._ids, chosen, assume_unique=True))

    def _choose(self, points: NDArray[np.int64], adds: bool) -> None:
        """Select the cells of some points in the gallery."""
        gallery = self._window.gallery
        cells = self._ids[points]
        if adds:
            cells = np.union1d(cells, np.array(gallery.selected_ids(), np.int64))
        if not len(cells):
            gallery.clear_selection()
            return
        gallery.select(cells.tolist())
        current = gallery.current_id()
        if current is not None:
            gallery.scroll_to(current)
        n = len(gallery.selected_ids())
        if n > 1:
            self._selection_text = f"{n:,} cells selected. A class key labels them all."
            self._window.notice.say(self._selection_text)

    def _clear_selection_text(self, *_: object) -> None:
        """Take back how many cells are selected once others are."""
        if self._selection_text and self._window.notice.text == self._selection_text:
            self._window.notice.clear()
        self._selection_text = ""

    def _describe(self, point: int) -> str:
        model = self._window.gallery.scene.model
        return model.description(model.position_of(int(self._ids[point])))
