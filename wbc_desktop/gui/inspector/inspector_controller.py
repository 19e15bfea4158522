"""Fills the inspector: the chosen cell's facts at once, its crop, map and neighbours from workers.

What a worker brings for a cell that is no longer the chosen one is dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from wbc_desktop.domain.cells.evidence import Evidence
from wbc_desktop.domain.cells.scale import CropScale
from wbc_desktop.domain.cells.stain_channels import StainView, stain_picture
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.gallery.crop_loader import image_of, thumbnail_image
from wbc_desktop.gui.history.history_text import sentences
from wbc_desktop.gui.inspector.nearest_row import Neighbour

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
    from wbc_desktop.services.inference.evidence import EvidenceMaps
    from wbc_desktop.store.records import CellRecord
    from wbc_desktop.store.workspace import Workspace

NOT_KEPT = (
    "What the network saw of this cell is not kept yet. View > Sort by > Most alike first "
    "computes it."
)
NONE_LABELLED = "No labelled cell to compare with yet."
_HISTORY = 30  # events shown of one cell
_OFFERED = 5  # classes whose evidence can be asked for, as many as there are bars


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A crop as it is to be shown."""

    image: QImage
    scale: CropScale | None


class InspectorController(Controller):
    """Shows the chosen cell in the inspector.

    Args:
        context: The workspace and the window.
        embeddings: Gives what the network saw of the cells; called in workers.
        go_to: Makes another cell the chosen one.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        embeddings: "Callable[[], WorkspaceEmbeddings]",
        go_to: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._workspace = context.workspace
        self._taxonomy = context.taxonomy
        self._inspector = inspector = context.window.inspector
        self._panel = inspector.panel
        self._runner = context.runner
        self._notice = context.window.notice
        self._on_error = context.on_error
        self._record: CellRecord | None = None
        self._class_id: str | None = None
        self._maps: EvidenceMaps | None = None
        self._nearest = NearestController(context, embeddings=embeddings)
        self.connect(self._panel.stain_changed, lambda _view: self._load_crop())
        self.connect(self._panel.evidence_asked, lambda _on: self._load_evidence())
        self.connect(self._panel.evidence_class_chosen, self._choose_class)
        self.connect(inspector.nearest_unfolded, self._load_nearest)
        self.connect(inspector.nearest.chosen, go_to)

    def show(self, cell_id: int | None) -> None:
        """Show a cell, or nothing."""
        before = self._record
        if cell_id is None:
            self._record = None
            self._inspector.show_cell(None)
            return
        record = self._record = self._workspace.catalogue.cells.get(cell_id)
        self._inspector.show_cell(record)
        if before is None or (before.id, before.predicted) != (record.id, record.predicted):
            self._class_id = record.predicted
        self._load_history(cell_id)
        self._load_crop()
        self._load_evidence()
        self._load_nearest()

    def _load_history(self, cell_id: int) -> None:
        """Read the history in a worker: it may hold acts on a hundred thousand cells."""
        self._runner.call(
            partial(_history, self._workspace, cell_id, self._taxonomy),
            on_result=partial(self._take_history, cell_id),
            on_error=self._on_error,
            key="history of a cell",
        )

    def _take_history(self, cell_id: int, history: tuple[str, ...]) -> None:
        if self._record is not None and self._record.id == cell_id:
            self._inspector.show_history(history)

    def _load_crop(self) -> None:
        record = self._record
        if record is None:
            return
        self._runner.call(
            partial(_picture, self._workspace, record, self._panel.stain),
            on_result=partial(self._take_crop, record.id),
            on_error=partial(self._no_crop, record.image_path),
            key="inspector",
        )

    def _take_crop(self, cell_id: int, shown: _Shown) -> None:
        if self._record is not None and self._record.id == cell_id:
            self._panel.show_crop(shown.image, shown.scale)

    def _no_crop(self, path: str, error: Exception) -> None:
        self._panel.show_crop(QImage())
        if not isinstance(error, UserError):
            self._on_error(error)
            return
        self._notice.warn(f"The image {path} cannot be shown: {error}")

    def _choose_class(self, class_id: str) -> None:
        self._class_id = class_id
        self._load_evidence()

    def _load_evidence(self) -> None:
        record = self._record
        if not self._panel.evidence_on or record is None:
            self._panel.show_evidence(None)
            return
        legend = self._panel.legend
        legend.show_classes(self._classes(record), self._class_id)
        if self._class_id is None:
            self._panel.show_evidence(None)
            legend.say("No evidence to show: the cell is not classified yet.")
            return
        legend.say("Looking for the evidence…")
        self._runner.call(
            partial(self._evidence, record, self._class_id),
            on_result=partial(self._take_evidence, record),
            on_error=self._no_evidence,
            key="evidence",
        )

    def _classes(self, record: "CellRecord") -> list[CellClass]:
        """Return the classes to choose from: the model's, the person's, then the likeliest."""
        wanted = [record.predicted, self._class_id, record.review and record.review.label]
        if record.probs is not None:
            order = record.probs.argsort()[::-1][:_OFFERED]
            wanted += [self._taxonomy.leaves[i] for i in order]
        known = [c for c in wanted if c and self._taxonomy.leaves_of(c)]
        return [self._taxonomy.by_id[class_id] for class_id in dict.fromkeys(known)]

    def _evidence(self, record: "CellRecord", class_id: str) -> Evidence | None:
        """Runs in a worker."""
        from wbc_desktop.services.inference.evidence import EvidenceMaps

        if self._maps is None:
            self._maps = EvidenceMaps(self._workspace, self._taxonomy)
        pixels = self._workspace.crops.decoded(record.image_sha256)
        return self._maps.of(pixels, class_id, um_per_px=record.um_per_px)

    def _take_evidence(self, record: "CellRecord", evidence: Evidence | None) -> None:
        legend = self._panel.legend
        if not self._panel.evidence_on or self._record is None or self._record.id != record.id:
            return
        self._panel.show_evidence(evidence)
        if evidence is None:
            legend.say("The model does not know this class.")
            return
        code = self._taxonomy.by_id[evidence.class_id].code
        if not evidence.speaks_for:
            legend.say(f"Nothing in this cell speaks for {code}.")
            return
        text = f"Where the evidence for {code} lies, not a segmentation."
        other = record.model_sha256 not in (None, evidence.model_sha256)
        if other:
            text += f" By {evidence.model_id}; the cell was classified by another model."
        legend.say(text, warning=other)

    def _no_evidence(self, error: Exception) -> None:
        self._panel.show_evidence(None)
        if isinstance(error, UserError):
            self._panel.legend.say(str(error), warning=True)
        else:
            self._panel.legend.say("No evidence can be shown for this cell.", warning=True)
            self._on_error(error)

    def _load_nearest(self) -> None:
        if self._record is not None and self._inspector.nearest_open:
            self._nearest.show(self._record.id)


class NearestController:
    """Shows the neighbours of a cell.

    Args:
        context: The workspace and the window.
        embeddings: Gives what the network saw of the cells; called in workers.
    """

    def __init__(
        self, context: WorkspaceContext, *, embeddings: "Callable[[], WorkspaceEmbeddings]"
    ) -> None:
        self._workspace = context.workspace
        self._taxonomy = context.taxonomy
        self._row = context.window.inspector.nearest
        self._runner = context.runner
        self._on_error = context.on_error
        self._embeddings = embeddings

    def show(self, cell_id: int) -> None:
        """Show the neighbours of a cell as soon as they are found."""
        self._runner.call(
            partial(self._find, cell_id),
            on_result=self._take,
            on_error=self._fail,
            key="nearest",
        )

    def _find(self, cell_id: int) -> Sequence[Neighbour] | str:
        """Runs in a worker: the neighbours, or why there are none."""
        embeddings = self._embeddings()
        found = embeddings.nearest_labelled(cell_id)
        if not found:
            missing = len(embeddings.missing([cell_id])) > 0
            return NOT_KEPT if missing else NONE_LABELLED
        catalogue, crops = self._workspace.catalogue, self._workspace.crops
        records = [catalogue.cells.get(other) for other, _ in found]
        pictures = crops.thumbnails({record.image_sha256 for record in records})
        by_id, counted_as = self._taxonomy.by_id, self._taxonomy.counted_as
        return [
            Neighbour(
                cell_id=record.id,
                cell_class=by_id[counted_as[record.review.label]],
                status=record.review.status,
                reader=record.review.reviewer,
                slide=f"{record.patient_code} · {record.slide_code}",
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


def _picture(workspace: "Workspace", record: "CellRecord", stain: StainView) -> _Shown:
    """Decode a crop and show it in a stain view; runs in a worker."""
    from wbc_desktop.services.inference.evidence import crop_scale

    pixels = workspace.crops.decoded(record.image_sha256)
    image = image_of(stain_picture(pixels, stain))
    return _Shown(image=image, scale=crop_scale(pixels, record.um_per_px))


def _history(workspace: "Workspace", cell_id: int, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Tell what was done to a cell; runs in a worker."""
    events = workspace.catalogue.events.history(cell_id, limit=_HISTORY)
    return sentences(events, cell_id, taxonomy)
