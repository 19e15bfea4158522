"""The strip at the end: one chip for each class without a cell, so that a cell can be put there.

It always stands at the end and nothing comes after it, so it never makes the layout jump.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from wbc_desktop.gui.gallery.painting.style import GalleryStyle
from wbc_desktop.gui.widgets.theme import LARGE, SMALL, TIGHT

TITLE = "Classes without a cell here"
ALL_CLASSES = "Drop cells onto a class to label them"
_SWATCH = 4


@dataclass(frozen=True)
class Chip:
    """A class in the strip: its ordinal and its place in content coordinates."""

    ordinal: int
    rect: QRect


@dataclass(frozen=True)
class EmptyClassStrip:
    """The chips and the title above them.

    Attributes:
        title: Place of the title.
        chips: In the order of the taxonomy.
        height: Height with the room around it; 0 without chips.
        words: The title in words.
    """

    title: QRect
    chips: tuple[Chip, ...]
    height: int
    words: str = TITLE

    @classmethod
    def of(
        cls,
        style: GalleryStyle,
        ordinals: Sequence[int],
        *,
        top: int,
        width: int,
        words: str = TITLE,
    ) -> "EmptyClassStrip":
        """Lay the chips out in rows.

        Args:
            style: Fonts and sizes.
            ordinals: The classes.
            top: Where the strip begins, in content coordinates.
            width: Width of the viewport.
            words: The title.
        """
        if not ordinals:
            return cls(QRect(), (), 0)
        margin = style.metrics.margin + style.metrics.frame
        text = QFontMetrics(style.bold)
        line = style.line.height()
        title = QRect(margin, top + SMALL, max(0, width - 2 * margin), line)
        x, y = margin, title.bottom() + 1 + TIGHT
        chips = []
        for ordinal in ordinals:
            chip = text.horizontalAdvance(style.code(ordinal)) + _SWATCH + TIGHT + 2 * SMALL
            if x + chip > width - margin and x > margin:
                x, y = margin, y + line + 2 * TIGHT + TIGHT
            chips.append(Chip(ordinal, QRect(x, y, chip, line + 2 * TIGHT)))
            x += chip + TIGHT
        return cls(title, tuple(chips), chips[-1].rect.bottom() + 1 + LARGE - top, words)

    def chip_at(self, point: QPoint) -> Chip | None:
        """Return the chip under a point in content coordinates."""
        return next((chip for chip in self.chips if chip.rect.contains(point)), None)


def paint_strip(
    painter: QPainter,
    strip: EmptyClassStrip,
    *,
    style: GalleryStyle,
    scroll: int,
    target: int | None,
) -> None:
    """Paint the strip.

    Args:
        painter: Where to, in viewport coordinates.
        strip: What to paint.
        style: Fonts and colours.
        scroll: How far the content is scrolled down.
        target: Ordinal of the class that a drag is over, or None.
    """
    theme = style.theme
    painter.setFont(style.font)
    painter.setPen(QColor(theme.text2))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    title = style.line.elidedText(strip.words, Qt.TextElideMode.ElideRight, strip.title.width())
    painter.drawText(strip.title.translated(0, -scroll), left, title)
    painter.setFont(style.bold)
    for chip in strip.chips:
        rect = chip.rect.translated(0, -scroll)
        hit = chip.ordinal == target
        painter.fillRect(rect, QColor(theme.accent if hit else theme.raised))
        swatch = QRect(rect.x() + SMALL, rect.y() + TIGHT, _SWATCH, rect.height() - 2 * TIGHT)
        painter.fillRect(swatch, style.class_colours[chip.ordinal])
        painter.setPen(QColor(theme.on_accent if hit else theme.text))
        words = rect.adjusted(SMALL + _SWATCH + TIGHT, 0, 0, 0)
        painter.drawText(words, left, style.code(chip.ordinal))
