"""The order by the size of the crops: looked up in a worker, for the index does not hold it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.filter.filter_controller import FindController
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.store.workspace import Workspace


class CropSizeOrder:
    """Puts the cells with the largest crops first. Like similarity, it is not remembered.

    Args:
        workspace: The crops.
        browser: Takes the order.
        find: Shows it.
        runner: Runs the worker.
        window: The gallery and the toolbar.
        on_error: Shows an error.
    """

    def __init__(
        self,
        *,
        workspace: "Workspace",
        browser: CellBrowser,
        find: FindController,
        runner: TaskRunner,
        window: MainWindow,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._workspace = workspace
        self._browser = browser
        self._find = find
        self._runner = runner
        self._window = window
        self._on_error = on_error
        window.view_bar.size_asked.connect(self.sort)

    def sort(self) -> None:
        """Look the sizes up and sort by them."""
        cell_ids = self._browser.index.cell_id
        self._runner.call(
            lambda: self._areas(cell_ids),
            on_result=self._show,
            on_error=self._on_error,
            place="crop sizes",
        )

    def close(self) -> None:
        """Let go of the window."""
        self._window.view_bar.size_asked.disconnect(self.sort)

    def _areas(self, cell_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        from wbc_desktop.services.inference.crop_sizes import crop_areas

        return crop_areas(self._workspace, cell_ids)

    def _show(self, areas: NDArray[np.float32]) -> None:
        if len(areas) != len(self._browser.index):
            return  # cells came or went meanwhile
        self._browser.set_sort(SortKey.LARGEST_CROP, scores=areas)
        self._find.show_arranging()
        self._window.gallery.to_top()
        known = areas[np.isfinite(areas)]
        if len(known) and known.min() == known.max():
            self._window.notice.say("All crops are of one size, so the order stays that of import.")
