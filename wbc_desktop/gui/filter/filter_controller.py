"""Which cells the reader looks at: filter, groups and order, kept in step everywhere.

The browser holds the truth. Whatever the reader touches (buttons, text, chips, the tree, menus,
saved views) asks here, and every view shows what the browser then says. To add a way to group or
sort, see ``actions.arrange_menu``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.cells.patients import Patient
from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.domain.filter.text import facets
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller


class FilterController(Controller):
    """Brings filter bar, tree, toolbar and menus in line with the browser.

    Args:
        context: The open workspace.
        on_slides_chosen: Called after other patients or slides were chosen.
    """

    def __init__(self, context: WorkspaceContext, *, on_slides_chosen: Callable[[], None]) -> None:
        super().__init__()
        self._context = context
        self._browser = context.browser
        self._window = window = context.window
        self._settings = context.settings
        self._on_slides_chosen = on_slides_chosen
        self._names = FilterNames(self._browser.taxonomy)
        self._shown: tuple[Filter, FilterNames] | None = None
        self._counting = QTimer(window)
        self._counting.setSingleShot(True)
        self._counting.timeout.connect(self._count)
        self.on_close(self._counting.deleteLater)
        self.on_close(self._counting.stop)
        for signal, slot in (
            (window.filter_bar.filter_changed, self.apply),
            (window.filter_bar.left, window.gallery.setFocus),
            (window.view_bar.group_changed, self.group),
            (window.view_bar.sort_changed, self.sort),
            (window.view_bar.size_asked, self.sort_by_crop_size),
            (window.tree.chosen, self._choose_patients_and_slides),
        ):
            self.connect(signal, slot)
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

    def apply(self, wanted: Filter) -> None:
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

    def sort_by_crop_size(self) -> None:
        """Put the cells with the largest crops first; like similarity, it is not remembered.

        The sizes are looked up in a worker, for the index does not hold them.
        """
        workspace, cell_ids = self._context.workspace, self._browser.index.cell_id

        def look_up() -> NDArray[np.float32]:
            from wbc_desktop.services.inference.crop_sizes import crop_areas

            return crop_areas(workspace, cell_ids)

        self._context.runner.call(
            look_up,
            on_result=self._sort_by_area,
            on_error=self._context.on_error,
            key="crop sizes",
        )

    def show_view(self, wanted: Filter, *, group: GroupBy, sort: SortKey) -> None:
        """Show another filter, grouped and sorted. It keeps the chosen slides if it has none."""
        chosen = only_patients_and_slides(wanted)
        if chosen == Filter():
            chosen = only_patients_and_slides(self._browser.filter)
        self.apply(replace(wanted, patients=chosen.patients, slides=chosen.slides))
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

    def _sort_by_area(self, areas: NDArray[np.float32]) -> None:
        if len(areas) != len(self._browser.index):
            return  # cells came or went meanwhile
        self._browser.set_sort(SortKey.LARGEST_CROP, scores=areas)
        self.show_arranging()
        self._window.gallery.to_top()
        known = areas[np.isfinite(areas)]
        if len(known) and known.min() == known.max():
            self._window.notice.say("All crops are of one size, so the order stays that of import.")

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
