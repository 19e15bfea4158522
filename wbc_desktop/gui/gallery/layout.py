"""Where every tile and header lies: arithmetic over the groups, nothing stored per cell.

Content coordinates start at 0, 0 above the first header and are device-independent pixels. Finding
the rectangle of a position, or the position under a point, costs one binary search over the groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect

from wbc_desktop.domain.filter.arrangement import Section

NOWHERE = -1


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Sizes in device-independent pixels.

    Attributes:
        tile: Side of the square stage a crop stands on.
        caption: Height of the class bar and the text below the stage.
        frame: Room around a tile for its selection ring.
        gap: Distance between the frames of neighbouring tiles.
        margin: Room at the left and right of the rows.
        header: Height of a group's header.
        below: Room below the last row of a group.
    """

    tile: int
    caption: int
    header: int
    frame: int = 4
    gap: int = 4
    margin: int = 8
    below: int = 12

    @property
    def width(self) -> int:
        """Width of a tile with its frame."""
        return self.tile + 2 * self.frame

    @property
    def height(self) -> int:
        """Height of a tile with its frame."""
        return self.tile + self.caption + 2 * self.frame


@dataclass(frozen=True)
class PositionRange:
    """A stretch of positions of one section: ``first`` to ``stop`` (exclusive)."""

    section: int
    first: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class GalleryLayout:
    """The layout of some sections at one width.

    Attributes:
        metrics: The sizes.
        width: Width of the viewport.
        sections: The groups, covering the positions 0 … n − 1 without gaps.
        collapsed: Numbers of the sections of which only the header is shown.
        columns: Tiles in a row.
    """

    metrics: Metrics
    width: int
    sections: Sequence[Section] = ()
    collapsed: frozenset[int] = frozenset()
    columns: int = field(init=False)
    _starts: NDArray[np.int64] = field(init=False, repr=False)
    _tops: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Add up the heights of the sections."""
        m = self.metrics
        room = self.width - 2 * m.margin + m.gap
        columns = max(1, room // (m.width + m.gap))
        starts = np.array([s.start for s in self.sections], np.int64)
        counts = np.array([s.stop - s.start for s in self.sections], np.int64)
        rows = -(-counts // columns)
        heights = m.header + rows * (m.height + m.gap) - m.gap + m.below
        heights[list(self.collapsed)] = m.header
        tops = np.concatenate(([0], np.cumsum(heights)))
        for name, value in (("columns", columns), ("_starts", starts), ("_tops", tops)):
            object.__setattr__(self, name, value)

    @property
    def height(self) -> int:
        """Height of all sections."""
        return int(self._tops[-1])

    @property
    def n_positions(self) -> int:
        """Number of positions, those in collapsed sections included."""
        return self.sections[-1].stop if self.sections else 0

    def section_of(self, position: int) -> int:
        """Return the number of the section that holds a position."""
        return int(np.searchsorted(self._starts, position, side="right")) - 1

    def section_at(self, y: int) -> int:
        """Return the number of the section at a height, or −1 above and below all."""
        if not 0 <= y < self.height:
            return NOWHERE
        return int(np.searchsorted(self._tops, y, side="right")) - 1

    def header_rect(self, section: int) -> QRect:
        """Return where the header of a section lies when it does not stick."""
        return QRect(0, int(self._tops[section]), self.width, self.metrics.header)

    def sticky_rect(self, section: int, scroll: int) -> QRect:
        """Return where a header lies while the content is scrolled down by ``scroll``.

        The header stays at the top as long as its section is in view; the next one pushes it out.
        """
        top = int(self._tops[section])
        last = int(self._tops[section + 1]) - self.metrics.header
        return QRect(0, max(top, min(scroll, last)), self.width, self.metrics.header)

    def rect_of(self, position: int) -> QRect:
        """Return the rectangle of a tile with its frame; a collapsed one lies on its header."""
        section = self.section_of(position)
        if section in self.collapsed:
            return self.header_rect(section)
        m = self.metrics
        row, column = divmod(position - self.sections[section].start, self.columns)
        top = int(self._tops[section]) + m.header + row * (m.height + m.gap)
        return QRect(m.margin + column * (m.width + m.gap), top, m.width, m.height)

    def rects(self, run: PositionRange, *, scroll: int) -> Iterator[QRect]:
        """Yield the rectangles of a run, one after another, in the viewport.

        Args:
            run: Positions of a section that is not collapsed.
            scroll: How far the content is scrolled down.
        """
        m = self.metrics
        first = run.first - self.sections[run.section].start
        row, column = divmod(first, self.columns)
        y = int(self._tops[run.section]) + m.header + row * (m.height + m.gap) - scroll
        width, height, pitch = m.width, m.height, m.width + m.gap
        for _ in range(run.stop - run.first):
            yield QRect(m.margin + column * pitch, y, width, height)
            column += 1
            if column == self.columns:
                column, y = 0, y + height + m.gap

    def position_at(self, point: QPoint) -> int:
        """Return the position of the tile under a point, or −1 between tiles and elsewhere."""
        section = self.section_at(point.y())
        m = self.metrics
        x = point.x() - m.margin
        if section == NOWHERE or section in self.collapsed or x < 0:
            return NOWHERE
        y = point.y() - int(self._tops[section]) - m.header
        row, below = divmod(y, m.height + m.gap)
        column, right = divmod(x, m.width + m.gap)
        position = self.sections[section].start + row * self.columns + column
        on_tile = y >= 0 and below < m.height and right < m.width and column < self.columns
        return position if on_tile and position < self.sections[section].stop else NOWHERE

    def runs(self, top: int, bottom: int) -> Iterator[PositionRange]:
        """Yield the positions whose rows touch the band ``top`` ≤ y < ``bottom``, by section.

        A section whose header alone lies in the band comes with an empty run.
        """
        m = self.metrics
        pitch = m.height + m.gap
        first = max(0, int(np.searchsorted(self._tops, top, side="right")) - 1)
        for number in range(first, len(self.sections)):
            if self._tops[number] >= bottom:
                return
            section = self.sections[number]
            if number in self.collapsed:
                yield PositionRange(number, section.start, section.start)
                continue
            origin = int(self._tops[number]) + m.header
            start = (
                section.start + max(0, -(-(top - origin - m.height + 1) // pitch)) * self.columns
            )
            stop = section.start + max(0, -(-(bottom - origin) // pitch)) * self.columns
            start, stop = min(start, section.stop), min(stop, section.stop)
            yield PositionRange(number, start, max(start, stop))

    def positions_in(self, rect: QRect) -> NDArray[np.int64]:
        """Return the positions of the tiles, frames left out, that a rectangle touches."""
        m = self.metrics
        pitch = m.width + m.gap
        # To touch the tile within its frame is to touch the frame with a band that much smaller.
        inner = rect.adjusted(m.frame, m.frame, -m.frame, -m.frame)
        left = max(0, -(-(inner.left() - m.margin - m.width + 1) // pitch))
        right = min(self.columns, (inner.right() - m.margin) // pitch + 1)
        found = [np.empty(0, np.int64)]
        for run in self.runs(inner.top(), inner.bottom() + 1):
            positions = np.arange(run.first, run.stop)
            column = (positions - self.sections[run.section].start) % self.columns
            found.append(positions[(column >= left) & (column < right)])
        return np.concatenate(found)

    def place_in_row(self, position: int) -> tuple[int, int, int]:
        """Return section number, row in the section and column of a position."""
        section = self.section_of(position)
        row, column = divmod(position - self.sections[section].start, self.columns)
        return section, row, column

    def position_in_row(self, section: int, row: int, column: int) -> int:
        """Return the position at a column of a row, or the last of the row if it is shorter."""
        span = self.sections[section]
        return min(span.start + row * self.columns + min(column, self.columns - 1), span.stop - 1)

    def n_rows(self, section: int) -> int:
        """Return the rows of tiles a section shows: none while it is collapsed."""
        if section in self.collapsed:
            return 0
        span = self.sections[section]
        return -(-(span.stop - span.start) // self.columns)
