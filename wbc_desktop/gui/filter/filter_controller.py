"""Which cells the reader looks at: filter, groups and order, kept in step everywhere.

The browser holds the truth. Whatever the reader touches (buttons, text, chips, the tree, menus,
saved views) asks here, and every view shows what the browser then says. To add a way to group or
sort, see ``actions.arrange_menu``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.cells.patients import Patient
from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.domain.filter.text import facets
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance


class FindController:
    """Brings filter bar, tree, toolbar and menus in line with the browser.

    Args:
        browser: The cells.
        window: The parts that ask and show.
        settings: Remembers groups and order.
        on_slides_chosen: Called after other patients or slides were chosen.
    """

    def __init__(
        self,
        *,
        browser: CellBrowser,
        window: MainWindow,
        settings: Settings,
        on_slides_chosen: Callable[[], None],
    ) -> None:
        self._browser = browser
        self._window = window
        self._settings = settings
        self._on_slides_chosen = on_slides_chosen
        self._names = FilterNames(browser.taxonomy)
        self._shown: tuple[Filter, FilterNames] | None = None
        self._counting = QTimer(window)
        self._counting.setSingleShot(True)
        self._counting.timeout.connect(self._count)
        pairs: list[tuple[SignalInstance, Callable[..., None]]] = [
            (window.filter_bar.filter_changed, self.filter),
            (window.filter_bar.left, window.gallery.setFocus),
            (window.view_bar.group_changed, self.group),
            (window.view_bar.sort_changed, self.sort),
            (window.tree.chosen, self._choose_patients_and_slides),
        ]
        for signal, slot in pairs:
            signal.connect(slot)
        self._connections = pairs
        self.show_arranging()

    @property
    def names(self) -> FilterNames:
        """What a filter text can name now."""
        return self._names

    @property
    def wanted(self) -> Filter:
        """The filter in force, with patients and slides."""
        return self._browser.filter

    @property
    def group_name(self) -> str:
        """Name of the groups chosen last that the settings can keep."""
        return self._settings.text("group")

    @property
    def sort_name(self) -> str:
        """Name of the order chosen last that the settings can keep."""
        return self._settings.text("sort")

    def close(self) -> None:
        """Let go of the window."""
        self._counting.stop()
        self._counting.deleteLater()
        for signal, slot in self._connections:
            signal.disconnect(slot)

    def take_patients(self, patients: Sequence[Patient]) -> None:
        """Take the patients and slides that can be named."""
        readers = tuple(self._browser.index.readers)
        self._names = FilterNames(
            self._browser.taxonomy, tuple(patients), readers, self._browser.vocabulary()
        )
        self.show()

    def type_filter(self) -> None:
        """Give the keyboard to the box where a filter is typed."""
        self._window.filter_bar.box.begin()

    def filter(self, wanted: Filter) -> None:
        """Show the cells that pass a filter, its patients and slides included."""
        moved = only_patients_and_slides(wanted) != only_patients_and_slides(self._browser.filter)
        if moved:
            self._window.tree.show_chosen(wanted.patients, wanted.slides)
        self._browser.set_filter(wanted)
        if moved:
            self._on_slides_chosen()
        current = self._window.gallery.current_id()
        if current is not None:  # the keys act on it, so it is to be seen
            self._window.gallery.scroll_to(current)

    def group(self, group: GroupBy) -> None:
        """Group the cells, and remember it."""
        self._settings.set("group", group.name.lower())
        self._browser.set_group(group)
        self.show_arranging()
        self._window.gallery.to_top()

    def sort(self, sort: SortKey) -> None:
        """Sort the cells, and remember it."""
        self._settings.set("sort", sort.name.lower())
        self._browser.set_sort(sort)
        self.show_arranging()
        self._window.gallery.to_top()  # who sorts wants to see what comes first

    def show_view(self, wanted: Filter, *, group: GroupBy, sort: SortKey) -> None:
        """Show another filter, grouped and sorted. It keeps the chosen slides if it has none."""
        chosen = only_patients_and_slides(wanted)
        if chosen == Filter():
            chosen = only_patients_and_slides(self._browser.filter)
        self.filter(replace(wanted, patients=chosen.patients, slides=chosen.slides))
        self.group(group)
        self.sort(sort)

    def show(self) -> None:
        """Show the filter that the browser has now."""
        readers = tuple(self._browser.index.readers)
        if readers != self._names.readers:
            self._names = FilterNames(
                self._browser.taxonomy, self._names.patients, readers, self._browser.vocabulary()
            )
        shown = (self._browser.filter, self._names)
        if shown != self._shown:  # most changes are labels: nothing to show anew
            self._shown = shown
            self._window.filter_bar.show_filter(*shown)
        # Counted once the cells are painted, and once for many changes in a row.
        self._counting.start(0)

    def show_arranging(self) -> None:
        """Show the groups and the order that the browser has now."""
        window, browser = self._window, self._browser
        window.view_bar.set_sort(browser.sort)
        window.commands[f"sort_{browser.sort.name.lower()}"].setChecked(True)
        if browser.group is not None:
            window.view_bar.set_group(browser.group)
            window.commands[f"group_{browser.group.name.lower()}"].setChecked(True)

    def _count(self) -> None:
        self._window.filter_bar.show_chips(
            counts_alone(self._browser.settled, self._browser.filter, self._names)
        )

    def _choose_patients_and_slides(
        self, patients: frozenset[int] | None, slides: frozenset[int] | None
    ) -> None:
        self._browser.set_patients_and_slides(patients=patients, slides=slides)
        self._on_slides_chosen()


def counts_alone(index: CellIndex, wanted: Filter, names: FilterNames) -> dict[str, int]:
    """Return how many cells of the chosen slides pass each condition of a filter by itself.

    Args:
        index: All cells.
        wanted: The filter.
        names: What can be named.
    """
    chosen = only_patients_and_slides(wanted).mask(index)
    found = {}
    for facet in facets(wanted, names):
        mask = facet.filter.mask(index)
        if mask is not None:
            found[facet.key] = int(np.count_nonzero(mask if chosen is None else mask & chosen))
    return found
