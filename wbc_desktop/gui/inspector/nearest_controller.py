"""Finds the labelled cells most like the chosen one, or says why there are none."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.gallery.crop_loader import thumbnail_image
from wbc_desktop.gui.inspector.nearest_row import NearestRow, Neighbour
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before these load
    from collections.abc import Callable

    from wbc_desktop.services.embeddings.workspace_embeddings import Embeddings
    from wbc_desktop.store.workspace import Workspace

NOT_KEPT = (
    "What the network saw of this cell is not kept yet. View > Sort by > Most alike first "
    "computes it."
)
NONE_LABELLED = "No labelled cell to compare with yet."


class NearestController:
    """Shows the neighbours of a cell.

    Args:
        workspace: The open one.
        taxonomy: The classes.
        embeddings: Gives what the network saw of the cells; called in workers.
        row: Where they are shown.
        runner: Runs workers.
        on_error: Shows an error of ours.
    """

    def __init__(
        self,
        *,
        workspace: "Workspace",
        taxonomy: Taxonomy,
        embeddings: "Callable[[], Embeddings]",
        row: NearestRow,
        runner: TaskRunner,
        on_error: "Callable[[Exception], None]",
    ) -> None:
        self._workspace = workspace
        self._taxonomy = taxonomy
        self._row = row
        self._runner = runner
        self._on_error = on_error
        self._embeddings = embeddings

    def show(self, cell_id: int) -> None:
        """Show the neighbours of a cell as soon as they are found."""
        self._runner.call(
            partial(self._find, cell_id),
            on_result=self._take,
            on_error=self._fail,
            place="nearest",
        )

    def _find(self, cell_id: int) -> Sequence[Neighbour] | str:
        """Runs in a worker: the neighbours, or why there are none."""
        embeddings = self._embeddings()
        found = embeddings.nearest_labelled(cell_id)
        if not found:
            missing = len(embeddings.missing([cell_id])) > 0
            return NOT_KEPT if missing else NONE_LABELLED
        catalogue, crops = self._workspace.reader(), self._workspace.crops
        records = [catalogue.cell(other) for other, _ in found]
        pictures = crops.thumbnails({record.image_sha256 for record in records})
        by_id, counted_as = self._taxonomy.by_id, self._taxonomy.counted_as
        return [
            Neighbour(
                cell_id=record.id,
                cell_class=by_id[counted_as[record.review.label]],
                status=record.review.status,
                reader=record.review.reviewer,
                place=f"{record.patient_code} · {record.slide_code}",
                similarity=similarity,
                image=thumbnail_image(pictures.get(record.image_sha256, b"")),
            )
            for record, (_, similarity) in zip(records, found, strict=True)
            if record.review is not None and record.review.label in counted_as
        ]

    def _take(self, found: Sequence[Neighbour] | str) -> None:
        if isinstance(found, str):
            self._row.show_hint(found)
        else:
            self._row.show_neighbours(found)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._row.show_hint(str(error))
        else:
            self._row.show_hint("")
            self._on_error(error)
