"""Cells, layout and strip together: what lies under a point, what is in view, what to keep there.

A scene is never changed; a new arrangement, width or tile size makes a new one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from PySide6.QtCore import QPoint, QRect

from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.gui.gallery.layout import NOWHERE, GalleryLayout, PositionRange
from wbc_desktop.gui.gallery.model import GalleryModel
from wbc_desktop.gui.gallery.painting.empty_classes import ALL_CLASSES, TITLE, EmptyClassStrip
from wbc_desktop.gui.gallery.painting.header_painter import (
    HeaderPainter,
    NamedHeaderPainter,
    interval_words,
    share_words,
)
from wbc_desktop.gui.gallery.painting.style import GalleryStyle, grouped


class HitKind(Enum):
    """What can lie under the mouse."""

    NOTHING = auto()
    TILE = auto()
    HEADER = auto()
    CHEVRON = auto()
    CHIP = auto()


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What lies under a point.

    Attributes:
        kind: The kind of thing.
        position: Position of the tile, or −1.
        section: Number of the section, or −1.
        ordinal: Group of the header, or class of the chip, or −1.
        label: Class that cells get which are dropped here, or −1.
    """

    kind: HitKind
    position: int = NOWHERE
    section: int = NOWHERE
    ordinal: int = NO_CLASS
    label: int = NO_CLASS


@dataclass(frozen=True)
class Anchor:
    """A cell in view: its id, its group, and how far below the top of the view it lies."""

    cell_id: int
    ordinal: int
    below: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """What the gallery shows at one width.

    Attributes:
        model: The cells.
        style: Fonts, colours, sizes.
        width: Width of the viewport.
        collapsed: Ordinals of the groups of which only the header is shown.
    """

    model: GalleryModel
    style: GalleryStyle
    width: int
    collapsed: frozenset[int] = frozenset()

    def evolve(
        self,
        *,
        model: GalleryModel | None = None,
        style: GalleryStyle | None = None,
        width: int | None = None,
        collapsed: frozenset[int] | None = None,
    ) -> "Scene":
        """Return a scene that differs in what is given."""
        return Scene(
            model=self.model if model is None else model,
            style=style or self.style,
            width=width or self.width,
            collapsed=self.collapsed if collapsed is None else collapsed,
        )

    @cached_property
    def layout(self) -> GalleryLayout:
        """Where the tiles lie."""
        sections = self.model.arrangement.sections
        closed = frozenset(i for i, s in enumerate(sections) if s.ordinal in self.collapsed)
        return GalleryLayout(
            metrics=self.style.metrics, width=self.width, sections=sections, collapsed=closed
        )

    @cached_property
    def strip(self) -> EmptyClassStrip:
        """The classes without a header; none while nothing is shown."""
        ordinals = self.model.empty_classes() if len(self.model) else ()
        return EmptyClassStrip.of(
            self.style,
            ordinals,
            top=self.layout.height,
            width=self.width,
            words=TITLE if self.model.named is None else ALL_CLASSES,
        )

    @cached_property
    def headers(self) -> HeaderPainter:
        """Paints the headers and knows where their arrows lie."""
        ordinals = [s.ordinal for s in self.model.arrangement.sections]
        if self.model.named is None:
            return HeaderPainter(self.style, ordinals)
        return NamedHeaderPainter(self.style, ordinals, self.model.named)

    @property
    def height(self) -> int:
        """Height of everything."""
        return self.layout.height + self.strip.height

    def ordinal(self, section: int) -> int:
        """Return the class of a section, or −1."""
        return self.model.arrangement.sections[section].ordinal

    def hit(self, point: QPoint, *, scroll: int) -> Hit:
        """Return what lies under a point of the viewport."""
        content = QPoint(point.x(), point.y() + scroll)
        section = self.layout.section_at(content.y())
        if section == NOWHERE:
            chip = self.strip.chip_at(content)
            if chip is None:
                return Hit(kind=HitKind.NOTHING)
            return Hit(kind=HitKind.CHIP, ordinal=chip.ordinal, label=chip.ordinal)
        header = self.layout.sticky_rect(section, scroll)
        if header.contains(content):
            arrow = self.headers.chevron(header).contains(content)
            kind = HitKind.CHEVRON if arrow else HitKind.HEADER
            ordinal = self.ordinal(section)
            label = ordinal if self.model.named is None else NO_CLASS
            return Hit(kind=kind, section=section, ordinal=ordinal, label=label)
        position = self.layout.position_at(content)
        if position == NOWHERE:
            return Hit(kind=HitKind.NOTHING, section=section)
        return Hit(kind=HitKind.TILE, position=position, section=section)

    def description(self, hit: Hit) -> str:
        """Return what a tile, header or chip stands for, in words."""
        if hit.kind is HitKind.TILE:
            return self.model.description(hit.position)
        name = self.style.name(hit.ordinal)
        if hit.section == NOWHERE:
            return f"{name}: drop cells here to label them"
        count = self.model.section_counts()[hit.section]
        if self.model.named is not None:
            return (
                f"{self.model.named.name(hit.ordinal)}: {grouped(count.n)} shown, "
                f"{grouped(count.reviewed)} reviewed.\nClick to select the group."
            )
        cell_class = self.model.cell_class(hit.ordinal)
        share = share_words(count, counted=cell_class is not None and cell_class.counted)
        of = " of the" if share.endswith("%") else ""
        of = f", {share}{of} counted cells shown" if share else ""
        exact = f"95 % interval {interval_words(count)}: chance of the sample only.\n" if of else ""
        return (
            f"{name}: {grouped(count.n)} shown{of}, {grouped(count.reviewed)} reviewed.\n{exact}"
            "Click to select the group, drop cells here to label them."
        )

    def runs(self, scroll: int, height: int) -> list[PositionRange]:
        """Return the positions in view, by section."""
        return list(self.layout.runs(scroll, scroll + height))

    def anchors(self, scroll: int, height: int) -> tuple[Anchor, ...]:
        """Return the cells in view, from the top; cells mostly under the header left out."""
        below_header = scroll + self.style.metrics.header
        found = []
        for run in self.runs(scroll, height):
            ordinal = self.ordinal(run.section)
            for position in range(run.first, run.stop):
                rect = self.layout.rect_of(position)
                if rect.center().y() >= below_header:
                    cell = self.model.cell_id(position)
                    found.append(Anchor(cell, ordinal, rect.y() - scroll))
        return tuple(found)

    def scrolls_for(self, anchors: Iterable[Anchor]) -> list[int]:
        """Return for each cell that stayed in its group how far to scroll so that it stays put."""
        found = []
        for anchor in anchors:
            position = self.model.position_of(anchor.cell_id)
            if position == NOWHERE:
                continue
            section = self.layout.section_of(position)
            if self.ordinal(section) == anchor.ordinal and section not in self.layout.collapsed:
                found.append(self.layout.rect_of(position).y() - anchor.below)
        return found

    def scroll_to(self, rect: QRect, *, scroll: int, height: int) -> int:
        """Return the least change of the scroll that brings a rectangle into clear view."""
        top = rect.top() - self.style.metrics.header
        bottom = rect.bottom() + self.style.metrics.gap - height
        return min(max(scroll, bottom), top)
