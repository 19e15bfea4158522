"""The strip above the gallery: which cells are shown, and how many of all.

Above, buttons for what is asked most often; below, the same filter as text and as chips. All three
show one filter, which the bar is given and never changes by itself: it tells what the reader wants.
"""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import (
    facets,
    filter_text,
    parse_filter,
    without,
)
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.filter.filter_box import FilterBox
from wbc_desktop.gui.filter.filter_chips import ChipText, FilterChips
from wbc_desktop.gui.filter.filter_controls import REVIEW_CHOICES, FilterControls
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures

_WIDE, _NARROW, _NARROWEST = range(3)
_BOX_LEAST = 150  # px

__all__ = ["REVIEW_CHOICES", "FilterBar"]


class FilterBar(QWidget):
    """Buttons, text and chips of one filter.

    Signals:
        filter_changed: A ``Filter``: what the reader wants to see.
        left: The reader wants the keyboard back in the gallery.
    """

    filter_changed = Signal(object)
    left = Signal()

    def __init__(self, taxonomy: Taxonomy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = FilterNames(taxonomy)
        self._wanted = Filter()
        self._counts = ""
        self.controls = FilterControls(taxonomy, self)
        self.box = FilterBox(self._names, self)
        self.chips = FilterChips(self)
        self._clear = QToolButton(self)
        self._clear.setText("Show all")
        self._clear.setToolTip("Remove every filter; the chosen patients stay (Ctrl+Shift+F)")
        self._clear.setProperty("flat", True)
        self._clear.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._shown = QLabel(self)
        self._shown_below = QLabel(self)  # where the upper row has no room for it
        for label in (self._shown, self._shown_below):
            label.setFont(figures(self.font()))
        self._upper = QHBoxLayout()
        self._lower = QHBoxLayout()
        self._lay_out()
        self._connect()
        self.show_filter(Filter(), self._names)

    def filter(self) -> Filter:
        """Return what is asked for, with patients and slides."""
        return self._wanted

    def show_filter(self, wanted: Filter, names: FilterNames) -> None:
        """Show what is asked for, without asking for it.

        Args:
            wanted: The filter in force.
            names: What can be named.
        """
        self._wanted, self._names = wanted, names
        self.controls.show_filter(wanted, names)
        self.box.set_names(names)
        self.box.show_text(filter_text(wanted, names))
        # Kept in place while there is nothing to clear, so that the strip does not shift.
        self._clear.setEnabled(wanted != only_patients_and_slides(wanted))

    def show_chips(self, counts: Mapping[str, int]) -> None:
        """Show each condition as a chip.

        Args:
            counts: Cells that pass each condition alone, by the name of its key.
        """
        self.chips.show_chips(
            [
                ChipText(facet.key, facet.words, counts.get(facet.key, 0), facet.text)
                for facet in facets(self._wanted, self._names)
            ]
        )
        self._fit()

    def clear(self) -> None:
        """Ask for every cell of the chosen patients and slides."""
        self._ask(only_patients_and_slides(self._wanted))

    @property
    def shown_text(self) -> str:
        """How many cells are shown, in words."""
        return self._counts

    def show_flagged_only(self) -> None:
        """Ask for flagged cells, as the button does."""
        self.controls.flagged_button.setChecked(True)

    def show_unusual_only(self) -> None:
        """Ask for unusual cells, as the button does."""
        self.controls.unusual_button.setChecked(True)

    def show_review_state(self, text: str) -> None:
        """Ask for a review state by its text in the box."""
        self.controls.review_box.setCurrentText(text)

    def show_counts(self, shown: int, total: int) -> None:
        """Write how many cells of the workspace are shown."""
        self._counts = f"{shown:,} of {total:,} shown" if total else ""
        self._fit()

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self.controls.repaint_icons(icons)
        self.box.repaint_icons(icons)
        self.chips.repaint_icons(icons)
        self._clear.setIcon(icons["clear"])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Spare words in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Drop words that icons say too where there is no room; a cut number is a wrong one."""
        for level in (_WIDE, _NARROW, _NARROWEST):
            self._write(level)
            # What a layout in a layout remembers of its widgets is renewed later than now.
            self.controls.updateGeometry()
            self._upper.invalidate()
            if self._upper.sizeHint().width() <= self.contentsRect().width():
                break

    def _write(self, level: int) -> None:
        styles = Qt.ToolButtonStyle
        self.controls.set_short(level > _WIDE, shortest=level == _NARROWEST)
        self._clear.setToolButtonStyle(
            styles.ToolButtonTextBesideIcon if level == _WIDE else styles.ToolButtonIconOnly
        )
        text = self._counts if level == _WIDE else self._counts.removesuffix(" shown")
        self._shown.setText("" if level == _NARROWEST else text)
        self._shown_below.setText(text if level == _NARROWEST else "")

    def _lay_out(self) -> None:
        for row in (self._upper, self._lower):
            row.setContentsMargins(SMALL, 0, MEDIUM, 0)
            row.setSpacing(TIGHT)
        self._upper.addWidget(self.controls)
        self._upper.addStretch(1)
        self._upper.addWidget(self._shown)
        self.box.setMinimumWidth(_BOX_LEAST)
        self._lower.addWidget(self.box, 1)
        self._lower.addWidget(self.chips)
        self._lower.addWidget(self._clear)
        self._lower.addWidget(self._shown_below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, TIGHT, 0, TIGHT)
        column.setSpacing(TIGHT)
        column.addLayout(self._upper)
        column.addLayout(self._lower)

    def _connect(self) -> None:
        self.controls.changed.connect(self._ask)
        self.box.entered.connect(self._take_text)
        self.box.left.connect(self.left)
        self.box.typing.connect(self.chips.setHidden)  # room for the text while it is typed
        self.chips.removed.connect(self._remove)
        self._clear.clicked.connect(self.clear)

    def _take_text(self, text: str) -> None:
        try:
            wanted = parse_filter(text, self._names)
        except FilterTextError as error:
            self.box.show_error(error)
            return
        self._ask(wanted)
        self.left.emit()

    def _remove(self, key: str) -> None:
        self._ask(without(self._wanted, key))

    def _ask(self, wanted: Filter) -> None:
        self.show_filter(wanted, self._names)
        self.filter_changed.emit(wanted)
