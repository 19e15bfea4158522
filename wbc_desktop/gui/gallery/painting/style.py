"""Fonts, colours and sizes of the gallery, worked out once for a theme, a font and a tile size."""

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtGui import QColor, QFont, QFontMetrics

from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.gallery.layout import Metrics
from wbc_desktop.gui.widgets.theme import (
    SMALL,
    STAGE,
    TIGHT,
    Theme,
    figures,
    hairline,
    section_head,
)

TILE_MIN, TILE_MAX, TILE_DEFAULT = 64, 320, 112
CLASS_BAR = 3
NO_CLASS_CODE = "–"
NO_CLASS_NAME = "Not classified yet"


@dataclass(frozen=True, kw_only=True)
class GalleryStyle:
    """How the gallery looks.

    Attributes:
        theme: The tokens.
        taxonomy: The classes, for their codes and colours.
        base: The widget's font.
        tile: Side of a crop's stage in device-independent pixels.
    """

    theme: Theme
    taxonomy: Taxonomy
    base: QFont
    tile: int

    @cached_property
    def font(self) -> QFont:
        """Font of captions and numbers."""
        return figures(self.base)

    @cached_property
    def bold(self) -> QFont:
        """Font of class codes."""
        font = figures(self.base)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    @cached_property
    def head(self) -> QFont:
        """Font of headers."""
        return section_head(self.base)

    @cached_property
    def line(self) -> QFontMetrics:
        """Metrics of ``font``."""
        return QFontMetrics(self.font)

    @cached_property
    def mark(self) -> int:
        """Side of the marks on a caption."""
        return max(10, round(self.line.ascent() * 0.9))

    @cached_property
    def two_lines(self) -> bool:
        """True if mark, code, flag and confidence do not fit beside one another."""
        bold = QFontMetrics(self.bold)
        code = max(bold.horizontalAdvance(c.code) for c in self.taxonomy.classes)
        needed = self.mark * 2 + code + self.line.horizontalAdvance(">99 %") + 4 * TIGHT
        return needed > self.tile

    @cached_property
    def metrics(self) -> Metrics:
        """Sizes for the layout."""
        lines = self.line.height() * (2 if self.two_lines else 1)
        head = QFontMetrics(self.head).height()
        return Metrics(tile=self.tile, caption=CLASS_BAR + lines + TIGHT, header=head + 2 * SMALL)

    @cached_property
    def class_colours(self) -> tuple[QColor, ...]:
        """Colours by ordinal; the last one, reached by −1, stands for no class."""
        colours = [QColor(self.theme.class_colour(c)) for c in self.taxonomy.classes]
        return (*colours, QColor(self.theme.border))

    def cell_class(self, ordinal: int) -> CellClass | None:
        """Return a class, or None for −1."""
        return self.taxonomy.classes[ordinal] if ordinal >= 0 else None

    def code(self, ordinal: int) -> str:
        """Return the three letters of a class."""
        cell_class = self.cell_class(ordinal)
        return cell_class.code if cell_class else NO_CLASS_CODE

    def name(self, ordinal: int) -> str:
        """Return the name of a class."""
        cell_class = self.cell_class(ordinal)
        return cell_class.name if cell_class else NO_CLASS_NAME

    @cached_property
    def stage(self) -> QColor:
        """The neutral grey behind the crops."""
        return QColor(STAGE)

    @cached_property
    def line_colour(self) -> QColor:
        """Colour of hairlines."""
        return QColor(hairline(self.theme))


def grouped(n: int) -> str:
    """Return a count with its thousands apart."""
    return f"{n:,}".replace(",", "\u202f")
