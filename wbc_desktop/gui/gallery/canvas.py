"""The gallery without hands: shows arrangements in a theme at a tile size, keeping its place.

``view`` adds selecting and dragging.
"""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement
from wbc_desktop.domain.filter.grouping import Grouping
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.gallery.area import SceneArea
from wbc_desktop.gui.gallery.input.selection import Selection
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.model import GalleryModel
from wbc_desktop.gui.gallery.painting.style import TILE_DEFAULT, TILE_MAX, TILE_MIN, GalleryStyle
from wbc_desktop.gui.gallery.scene import Scene
from wbc_desktop.gui.widgets.theme import Theme


class GalleryCanvas(SceneArea):
    """Shows an arrangement of cells.

    Signals:
        tile_size_changed: The new side of a tile in device-independent pixels.

    Args:
        taxonomy: The classes.
        theme: The colours.
        selection: Painted, never changed here.
        parent: Owner.
    """

    tile_size_changed = Signal(int)

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        theme: Theme,
        selection: Selection,
        parent: QWidget | None = None,
    ) -> None:
        self._taxonomy = taxonomy
        self._theme = theme
        self._rendered_only: frozenset[int] = frozenset()
        self._exact = True
        model = GalleryModel(CellIndex.empty(), Arrangement.empty(), taxonomy)
        font = parent.font() if parent else QApplication.font()
        style = GalleryStyle(theme=theme, taxonomy=taxonomy, base=font, tile=TILE_DEFAULT)
        super().__init__(
            Scene(model=model, style=style, width=1), selection=selection, parent=parent
        )

    @property
    def tile_size(self) -> int:
        """Side of a tile in device-independent pixels."""
        return self.scene.style.tile

    def set_cells(
        self,
        index: CellIndex,
        arrangement: Arrangement,
        *,
        grouping: Grouping | None = None,
        keep_anchor: bool = True,
    ) -> None:
        """Show cells.

        Args:
            index: All cells; read again whenever something is painted.
            arrangement: Rows of the index in the order shown.
            grouping: What the groups are called; classes if None. Other groups than before are
                shown unfolded and from the top.
            keep_anchor: Keep what is in view where it is; else go to the top.
        """
        model = GalleryModel(
            index,
            arrangement,
            self._taxonomy,
            grouping=grouping,
            rendered_only=self._rendered_only,
            exact=self._exact,
        )
        same_groups = _kind(model.named) == _kind(self.scene.model.named)
        keep_anchor = keep_anchor and same_groups
        anchors = self.anchors() if keep_anchor else ()
        collapsed = self.scene.collapsed if same_groups else frozenset()
        scene = self.scene.evolve(model=model, collapsed=collapsed)
        self.show_scene(scene, anchors=anchors, together=True)
        if not keep_anchor:
            self.verticalScrollBar().setValue(0)

    def set_rendered_only(self, ordinals: frozenset[int]) -> None:
        """Show these classes with lower trust, from the next ``set_cells`` on."""
        self._rendered_only = ordinals

    def set_exact(self, exact: bool) -> None:
        """Show the intervals of the shares, or leave them out while they cannot be computed yet."""
        self._exact = exact
        self.scene.model.count_exactly(exact)
        self._repaint_headers()

    def refresh_cells(self, cell_ids: Iterable[int]) -> None:
        """Repaint cells whose columns changed; they stay in their places and groups."""
        self.scene.model.recount()
        self.repaint_tiles(np.fromiter(cell_ids, np.int64))
        self._repaint_headers()

    def _repaint_headers(self) -> None:
        for run in self.scene.runs(self.offset, self.viewport().height()):
            header = self.scene.layout.sticky_rect(run.section, self.offset)
            self.viewport().update(header.translated(0, -self.offset))

    def flash(self, cell_ids: Iterable[int]) -> None:
        """Let the frames of cells glow for a moment, unless the desktop wants no animations."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if self.style().styleHint(hint, None, self):
            self.interaction.flash.start(cell_ids)

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Show no cells, until ``set_cells`` brings those of another taxonomy."""
        self._taxonomy = taxonomy
        model = GalleryModel(CellIndex.empty(), Arrangement.empty(), taxonomy)
        self.show_scene(self.scene.evolve(model=model), anchors=(), together=True)
        self._restyle(self.tile_size)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._restyle(self.tile_size)

    def set_tile_size(self, size: int, *, around: int = NOWHERE) -> None:
        """Make tiles larger or smaller.

        Args:
            size: Side in device-independent pixels; kept within the bounds of ``style``.
            around: Position that stays where it is, as far as it can.
        """
        size = min(TILE_MAX, max(TILE_MIN, size))
        if size != self.tile_size:
            self._restyle(size, around=around)
            self.tile_size_changed.emit(size)

    def to_top(self) -> None:
        """Scroll to the first cell."""
        self.verticalScrollBar().setValue(0)

    def set_collapsed(self, ordinals: frozenset[int]) -> None:
        """Fold groups, named by their classes, so that only their headers are shown."""
        self.show_scene(self.scene.evolve(collapsed=ordinals), anchors=())

    def _restyle(self, tile: int, *, around: int = NOWHERE) -> None:
        anchors = self.anchors()
        if around != NOWHERE:
            held = self.scene.model.cell_id(around)
            anchors = tuple(sorted(anchors, key=lambda anchor: anchor.cell_id != held))
        style = GalleryStyle(
            theme=self._theme, taxonomy=self._taxonomy, base=self.font(), tile=tile
        )
        self.show_scene(self.scene.evolve(style=style), anchors=anchors)


def _kind(named: Grouping | None) -> object:
    """Return what tells groups of one kind from those of another; classes are None."""
    return named and (named.by or named.names)
