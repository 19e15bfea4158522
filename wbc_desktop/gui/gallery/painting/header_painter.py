"""The header of a group: chevron, swatch, code, name, count, share, and what is reviewed.

Numbers stand in columns, so that a glance down the headers compares them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from wbc_desktop.domain.filter.grouping import Grouping
from wbc_desktop.gui.gallery.model import SectionCount
from wbc_desktop.gui.gallery.painting import marks
from wbc_desktop.gui.gallery.painting.style import GalleryStyle, grouped
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, TIGHT

_SWATCH = 6
_NAME_LEAST = 48  # px; a name cut shorter says less than its code beside it
_MEASURED = 50  # names whose width is measured
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, kw_only=True)
class HeaderState:
    """What a header says beside its class.

    Attributes:
        count: The numbers.
        selected: Selected cells of the group.
        collapsed: Only the header is shown.
        hovered: The mouse is over it.
        target: A drag is over it.
    """

    count: SectionCount
    selected: int = 0
    collapsed: bool = False
    hovered: bool = False
    target: bool = False


class HeaderPainter:
    """Paints the headers of classes in one style.

    Args:
        style: Fonts, colours, sizes.
        ordinals: The groups that have a header: their names shall fit.
    """

    def __init__(self, style: GalleryStyle, ordinals: Iterable[int]) -> None:
        self._style = style
        head = QFontMetrics(style.head)
        self._code = max(head.horizontalAdvance(c.code) for c in style.taxonomy.classes)
        self._name = max(style.line.horizontalAdvance(n) for n in self._names(ordinals))
        self._count = head.horizontalAdvance(grouped(100_000))
        self._done = style.mark + TIGHT + style.line.horizontalAdvance(grouped(100_000))
        self._share = style.line.horizontalAdvance("100.0 per 100")
        self._interval = style.line.horizontalAdvance("(100.0–100.0)")

    def chevron(self, header: QRect) -> QRect:
        """Return where the arrow of a header lies."""
        return QRect(header.x(), header.y(), self._style.metrics.margin + LARGE, header.height())

    def paint(self, painter: QPainter, rect: QRect, *, ordinal: int, state: HeaderState) -> None:
        """Paint one header.

        Args:
            painter: Where to.
            rect: The whole header.
            ordinal: The class, or −1.
            state: What it says.
        """
        theme = self._style.theme
        ground = theme.accent if state.target else theme.raised if state.hovered else theme.window
        ink = QColor(theme.on_accent if state.target else theme.text)
        second = QColor(theme.on_accent if state.target else theme.text2)
        painter.fillRect(rect, QColor(ground))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._style.line_colour)
        side = self._style.mark
        margin = self._style.metrics.margin
        arrow = QRectF(rect.x() + margin, rect.center().y() - side / 2 + 1, side, side)
        marks.chevron(painter, arrow, second, down=not state.collapsed)
        x = round(arrow.right()) + SMALL
        swatch = QRect(x, rect.y() + SMALL, _SWATCH, rect.height() - 2 * SMALL)
        x = self._swatch(painter, swatch, ordinal)
        done = QRect(rect.right() - MEDIUM - self._done, rect.y(), self._done, rect.height())
        self._reviewed(painter, done, state, ink=second)
        room = QRect(x, rect.y(), done.left() - MEDIUM - x, rect.height())
        self._title(painter, room, ordinal, state, (ink, second))

    def _title(
        self,
        painter: QPainter,
        room: QRect,
        ordinal: int,
        state: HeaderState,
        inks: tuple[QColor, QColor],
    ) -> None:
        ink, second = inks
        style = self._style
        self._text(painter, _span(room, 0, self._code), style.code(ordinal), style.head, ink)
        x = self._code + SMALL
        if state.target:
            words = f"Label as {style.name(ordinal)}"
            self._text(painter, _span(room, x, room.width() - x), words, style.font, ink)
            return
        numbers = self._count + 2 * MEDIUM + self._share
        name_width = min(self._name, room.width() - x - numbers)
        if name_width >= min(self._name, _NAME_LEAST):
            name = _span(room, x, name_width)
            self._text(painter, name, style.name(ordinal), style.font, ink)
            x += name_width + MEDIUM
        x = self._counted(painter, room, x, state, ink)
        share = share_words(state.count, counted=self._is_counted(ordinal))
        rest = _span(room, x, room.width() - x)
        self._share_and_selected(painter, rest, (share, interval_words(state.count)), state, second)

    def _names(self, ordinals: Iterable[int]) -> set[str]:
        """Return the names that decide on the width of their column."""
        names = {c.name for c in self._style.taxonomy.classes if c.leaf}
        return names | {self._style.name(ordinal) for ordinal in ordinals}

    def _swatch(self, painter: QPainter, place: QRect, ordinal: int) -> int:
        """Paint the colour of a group and return where its words begin."""
        painter.fillRect(place, self._style.class_colours[ordinal])
        return place.right() + 1 + SMALL

    def _counted(
        self, painter: QPainter, room: QRect, x: int, state: HeaderState, ink: QColor
    ) -> int:
        """Paint how many cells there are and return where the next column begins."""
        words, font = grouped(state.count.n), self._style.head
        self._text(painter, _span(room, x, self._count), words, font, ink, right=True)
        return x + self._count + MEDIUM

    def _share_and_selected(
        self,
        painter: QPainter,
        room: QRect,
        share: tuple[str, str],
        state: HeaderState,
        ink: QColor,
    ) -> None:
        """Paint share, interval and what is selected; where room is short, the last of them."""
        line, font = self._style.line, self._style.font
        words = f"{grouped(state.selected)} selected" if state.selected else ""
        left = room.width() - (MEDIUM + line.horizontalAdvance(words) if words else 0)
        if left >= self._share:
            self._text(painter, _span(room, 0, self._share), share[0], font, ink, right=True)
        if left >= self._share + SMALL + self._interval:
            place = _span(room, self._share + SMALL, self._interval)
            self._text(painter, place, share[1], font, ink)
        if words:
            accent = QColor(self._style.theme.accent)
            self._text(painter, room, words, font, accent, right=True)

    def _reviewed(self, painter: QPainter, room: QRect, state: HeaderState, *, ink: QColor) -> None:
        if not state.count.reviewed:
            return
        style = self._style
        complete = state.count.reviewed == state.count.n and not state.target
        colour = QColor(style.theme.ok) if complete else ink
        words = grouped(state.count.reviewed)
        self._text(painter, room, words, style.font, colour, right=True)
        x = room.right() + 1 - style.line.horizontalAdvance(words) - TIGHT - style.mark
        sign = QRectF(x, room.center().y() - style.mark / 2 + 1, style.mark, style.mark)
        marks.tick(painter, sign, colour)

    def _is_counted(self, ordinal: int) -> bool:
        cell_class = self._style.cell_class(ordinal)
        return cell_class is not None and cell_class.counted

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        words: str,
        font: QFont,
        ink: QColor,
        *,
        right: bool = False,
    ) -> None:
        metrics = QFontMetrics(font)
        if metrics.horizontalAdvance(words) > rect.width():
            words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(rect, _RIGHT if right else _LEFT, words)


class NamedHeaderPainter(HeaderPainter):
    """Paints the headers of groups that are no classes: a name and numbers, no colour, no share.

    Args:
        style: Fonts, colours, sizes.
        ordinals: The groups that have a header.
        grouping: Their names.
    """

    def __init__(self, style: GalleryStyle, ordinals: Sequence[int], grouping: Grouping) -> None:
        self._grouping = grouping
        super().__init__(style, ordinals)
        head = QFontMetrics(style.head)
        self._name = max(head.horizontalAdvance(name) for name in self._names(ordinals))

    def _names(self, ordinals: Iterable[int]) -> set[str]:
        # The longest few: there may be as many slides as a laboratory makes in years.
        names = (self._grouping.name(ordinal) for ordinal in ordinals)
        return {"", *nlargest(_MEASURED, names, key=len)}

    def _swatch(self, painter: QPainter, place: QRect, ordinal: int) -> int:  # noqa: ARG002  # none
        return place.x()

    def _title(
        self,
        painter: QPainter,
        room: QRect,
        ordinal: int,
        state: HeaderState,
        inks: tuple[QColor, QColor],
    ) -> None:
        width = min(self._name, room.width() - self._count - 2 * MEDIUM)
        name = self._grouping.name(ordinal)
        self._text(painter, _span(room, 0, width), name, self._style.head, inks[0])
        x = self._counted(painter, room, max(width, 0) + MEDIUM, state, inks[0])
        if state.selected and x < room.width():
            words, accent = f"{grouped(state.selected)} selected", QColor(self._style.theme.accent)
            place = _span(room, x, room.width() - x)
            self._text(painter, place, words, self._style.font, accent, right=True)


def share_words(count: SectionCount, *, counted: bool) -> str:
    """Return the share in words: percent, or cells per 100 counted ones outside the 100 %."""
    if count.share is None:
        return ""
    return f"{count.share:.1f} %" if counted else f"{count.share:.1f} per 100"


def interval_words(count: SectionCount) -> str:
    """Return the 95 % interval of the share in brackets, in the unit of the share."""
    if count.interval is None:
        return ""
    low, high = count.interval
    return f"({low:.1f}–{high:.1f})"


def _span(room: QRect, x: int, width: int) -> QRect:
    return QRect(room.x() + x, room.y(), width, room.height())
