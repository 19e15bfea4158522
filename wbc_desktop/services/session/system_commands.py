"""System commands: what the program does by itself.

They write at once and append their own event; they are never on the undo stack. Importing keeps
its own beside its use case, in ``importing/commands.py``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.cells.prediction import PredictionBatch, decide
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted, plain_text
from wbc_desktop.services.models.registry import ACTIVE_KEY, active_ref
from wbc_desktop.services.session.commands import Context, check_known


class StaleModelError(UserError):
    """Another model became active while cells were classified."""


@dataclass(frozen=True)
class StorePredictions:
    """Store what the model said of some cells.

    Attributes:
        batch: The probabilities.
    """

    batch: PredictionBatch

    def apply(self, context: Context) -> Changes:
        """Write the predictions and record which cell got which label.

        Raises:
            StaleModelError: If another model was promoted meanwhile, here or in another program.
            UserError: If a cell is not in the workspace.
        """
        batch, classes = self.batch, context.taxonomy.classes
        ordinals, prob = decide(batch.probs, context.taxonomy)
        labels = [classes[ordinal].id for ordinal in ordinals]
        check_known(context, batch.cell_ids)
        _refuse_stale(context, batch)
        context.tx.add_predictions(batch, labels=labels, prob=prob)
        event = context.tx.append_event(
            context.reader,
            EventType.PREDICTIONS_STORED,
            {
                "model": batch.model_id,
                "model_sha256": batch.model_sha256,
                "labels": _ranges_by_label(batch.cell_ids, labels),
            },
            cell_ids=batch.cell_ids,
        )
        text = f"Classified {counted(len(batch.cell_ids), 'cell')}"
        return Changes(Kind.PREDICTIONS, batch.cell_ids, event.seq, text)


@dataclass(frozen=True, kw_only=True)
class StoreSlideShifts:
    """Store how unlike the training sites some slides are.

    Attributes:
        model_id: Name of the model that assessed them.
        model_sha256: Its digest.
        shifts: By slide row id; None where the slide has too few cells for an assessment.
    """

    model_id: str
    model_sha256: str
    shifts: Mapping[int, SlideShift | None]

    def apply(self, context: Context) -> Changes:
        """Write the assessments and record them."""
        context.tx.set_slide_shifts(
            self.shifts, model_id=self.model_id, model_sha256=self.model_sha256
        )
        slides: list[Json] = [
            {
                "slide": slide_id,
                "name": context.tx.catalogue.slides.describe(slide_id),
                "shift": None if shift is None else shift.payload(),
            }
            for slide_id, shift in self.shifts.items()
        ]
        event = context.tx.append_event(
            context.reader,
            EventType.SLIDES_ASSESSED,
            {"model": self.model_id, "model_sha256": self.model_sha256, "slides": slides},
        )
        text = f"Assessed {counted(len(self.shifts), 'slide')}"
        return Changes(Kind.SLIDES, (), event.seq, text)


@dataclass(frozen=True, kw_only=True)
class RecordExport:
    """Record that something was exported.

    Attributes:
        what: cells, differential, audit or report.
        file_name: Name of the file, without its folder.
        rows: Rows written.
        head_hash: Head of the audit log printed into it.
        sha256: Digest of the file, lower-case hex.
    """

    what: str
    file_name: str
    rows: int
    head_hash: str
    sha256: str = ""

    def apply(self, context: Context) -> Changes:
        """Append the event."""
        payload: dict[str, Json] = {
            "what": self.what,
            "file": plain_text(self.file_name, what="The file name"),
            "rows": self.rows,
            "head": self.head_hash,
            "sha256": self.sha256,
        }
        event = context.tx.append_event(context.reader, EventType.EXPORTED, payload)
        return Changes(Kind.NONE, (), event.seq, f"Exported {self.file_name}")


def _refuse_stale(context: Context, batch: PredictionBatch) -> None:
    """Refuse predictions of a model that is not active; where none was promoted all are taken."""
    if context.tx.catalogue.meta.get(ACTIVE_KEY) is None:
        return
    active = active_ref(context.tx.catalogue)
    if batch.model_sha256 != active.sha256:
        raise StaleModelError(
            "Another model became active while cells were classified",
            f"{active.model_id} is in use now, not {batch.model_id}",
            "Classify again: it goes on with the model in use.",
        )


def _ranges_by_label(cell_ids: Sequence[int], labels: Sequence[str]) -> dict[str, Json]:
    cells: dict[str, list[int]] = defaultdict(list)
    for cell_id, label in zip(cell_ids, labels, strict=True):
        cells[label].append(cell_id)
    return {label: _ranges(ids) for label, ids in cells.items()}


def _ranges(cell_ids: Iterable[int]) -> list[Json]:
    """Return ids as [first, last] of each run without gaps."""
    ids = sorted(set(cell_ids))
    if not ids:
        return []
    firsts = [ids[0], *(b for a, b in pairwise(ids) if b != a + 1)]
    lasts = [*(a for a, b in pairwise(ids) if b != a + 1), ids[-1]]
    return [[first, last] for first, last in zip(firsts, lasts, strict=True)]
