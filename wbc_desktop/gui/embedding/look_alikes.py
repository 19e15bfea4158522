"""All that rests on embeddings, put together for one desk: similar cells, clusters, the map."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.embedding.map_controller import EmbeddingMapController
from wbc_desktop.gui.embedding.similar_cells import SimilarCells
from wbc_desktop.gui.filter.filter_controller import FindController
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.models.classify_controller import ClassifyController
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.store.workspace import Workspace


class LookAlikes:
    """The embeddings of one workspace and what shows them.

    Attributes:
        embeddings: Finds them, and computes those that are missing.
        similar: Arranges the gallery by them.
        map: The embedding map.

    Args:
        workspace: The cells and crops.
        browser: The cells shown.
        find: Goes back to the order and the groups of before.
        classify: Keeps embeddings as it goes.
        runner: Runs workers.
        window: The parts.
        on_error: Shows an error.
    """

    def __init__(
        self,
        *,
        workspace: "Workspace",
        browser: CellBrowser,
        find: FindController,
        classify: ClassifyController,
        runner: TaskRunner,
        window: MainWindow,
        on_error: Callable[[Exception], None],
    ) -> None:
        self.embeddings = EmbeddingController(
            workspace=workspace,
            browser=browser,
            runner=runner,
            window=window,
            busy=lambda: classify.running,
            on_error=on_error,
        )
        classify.subscribe(self.embeddings.tell_idle)
        self.similar = SimilarCells(
            workspace=workspace,
            browser=browser,
            find=find,
            embeddings=self.embeddings,
            window=window,
        )
        self.map = EmbeddingMapController(
            workspace=workspace,
            browser=browser,
            embeddings=self.embeddings,
            runner=runner,
            window=window,
            on_error=on_error,
        )

    def close(self) -> None:
        """Let go of the window."""
        self.similar.close()
        self.map.close()
