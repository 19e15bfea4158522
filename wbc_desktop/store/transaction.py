"""All writes of a workspace. They happen together or not at all.

A transaction is opened by ``Workspace.atomic``. Its ``catalogue`` reads what it has written so
far. To write one more noun, add a method here; the event that records it is appended by the
command that calls it, through ``append_event``, in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import IntegrityError

from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.audit.events import Event, EventType, Json, canonical, digest
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.cells.prediction_set import pack
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Review
from wbc_desktop.domain.taxonomy.attributes import joined
from wbc_desktop.store import schema as s
from wbc_desktop.store import staging
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.database import among, insert_many, insert_row
from wbc_desktop.store.file_lock import ImportRunningError, import_lock
from wbc_desktop.store.prediction_columns import write_columns
from wbc_desktop.store.records import ImportedPatient, NewCell

_REVIEW = ("cell_id", "label", "status", "reviewer", "reviewed_at", "mode", "n_reviews")
_REFERENCE = ("cell_id", "label", "reader", "at")
_PREDICTION = (
    "cell_id",
    "run_id",
    "label",
    "prob",
    "scale_source",
    "probs",
    "pred_set",
    "ood_score",
    "appearance",
)
_SHIFT = ("slide_id", "model_id", "n", "score", "alarm", "statistic", "text", "advice", "at")


class Transaction:
    """Writes through one connection that holds the write lock.

    Attributes:
        at: The UTC time of everything written here.
        catalogue: Reads through the same connection.
    """

    def __init__(self, connection: Connection, *, path: Path, code: str, at: str) -> None:
        self.at = at
        self.catalogue = Catalogue(connection, path=path, code=code)
        self._connection = connection
        self._folder = path.parent

    def append_event(
        self,
        reader: str,
        type_: EventType,
        payload: Mapping[str, Json],
        *,
        cell_ids: Iterable[int] = (),
    ) -> Event:
        """Append one event to the audit log.

        Args:
            reader: Who acted.
            type_: What was done.
            payload: JSON without floats.
            cell_ids: The cells whose history it belongs to.

        Returns:
            The event with its number and hash, chained to the one before.
        """
        last_seq, prev_hash = self.catalogue.events.head()
        seq, text = last_seq + 1, canonical(payload)
        own_hash = digest(
            seq=seq,
            at=self.at,
            reader=reader,
            type_=type_.value,
            payload=text,
            prev_hash=prev_hash,
        )
        event = Event(
            seq=seq,
            at=self.at,
            reader=reader,
            type=type_,
            payload=payload,
            prev_hash=prev_hash,
            hash=own_hash,
        )
        columns = ("seq", "at", "reader", "type", "payload", "prev_hash", "hash")
        row = (seq, self.at, reader, type_.value, text, prev_hash, own_hash)
        insert_many(self._connection, s.event, columns, [row])
        insert_many(
            self._connection,
            s.event_cell,
            ("cell_id", "event_seq"),
            ((cell_id, seq) for cell_id in cell_ids),
        )
        return event

    def set_reviews(self, reviews: Mapping[int, Review | None]) -> None:
        """Give cells their human label, or take it away.

        Args:
            reviews: The new review by cell row id; None removes it.
        """
        gone = [cell_id for cell_id, review in reviews.items() if review is None]
        self._connection.execute(delete(s.review).where(among(s.review.c.cell_id, gone)))
        rows = (
            (
                cell_id,
                review.label,
                review.status.value,
                review.reviewer,
                review.reviewed_at,
                review.mode.value,
                review.n_reviews,
            )
            for cell_id, review in reviews.items()
            if review is not None
        )
        insert_many(self._connection, s.review, _REVIEW, rows, replace=True)

    def set_flags(self, flags: Mapping[int, bool]) -> None:
        """Flag cells or take their flag away, by cell row id."""
        gone = [cell_id for cell_id, flagged in flags.items() if not flagged]
        self._connection.execute(delete(s.flag).where(among(s.flag.c.cell_id, gone)))
        rows = ((cell_id,) for cell_id, flagged in flags.items() if flagged)
        insert_many(self._connection, s.flag, ("cell_id",), rows, replace=True)

    def set_notes(self, notes: Mapping[int, str | None]) -> None:
        """Write the note of cells, by cell row id; None removes it."""
        gone = [cell_id for cell_id, text in notes.items() if text is None]
        self._connection.execute(delete(s.note).where(among(s.note.c.cell_id, gone)))
        rows = ((cell_id, text) for cell_id, text in notes.items() if text is not None)
        insert_many(self._connection, s.note, ("cell_id", "text"), rows, replace=True)

    def set_attributes(self, attributes: Mapping[int, tuple[str, ...]]) -> None:
        """Write the ids of the attributes of cells, by cell row id; none removes them."""
        gone = [cell_id for cell_id, ids in attributes.items() if not ids]
        self._connection.execute(delete(s.attribute).where(among(s.attribute.c.cell_id, gone)))
        rows = ((cell_id, joined(ids)) for cell_id, ids in attributes.items() if ids)
        insert_many(self._connection, s.attribute, ("cell_id", "ids"), rows, replace=True)

    def set_definitions(self, kind: Field, definitions: Mapping[int, str | None]) -> None:
        """Write what the workspace defines for itself, by key; None removes it."""
        gone = [key for key, text in definitions.items() if text is None]
        table = s.definition
        self._connection.execute(
            delete(table).where(table.c.kind == kind.value, among(table.c.key, gone))
        )
        rows = ((kind.value, key, text) for key, text in definitions.items() if text is not None)
        insert_many(self._connection, table, ("kind", "key", "text"), rows, replace=True)

    def set_references(self, references: Mapping[int, Reference | None]) -> None:
        """Put cells into the reference library, by cell row id; None takes one out."""
        gone = [cell_id for cell_id, reference in references.items() if reference is None]
        self._connection.execute(delete(s.reference).where(among(s.reference.c.cell_id, gone)))
        rows = (
            (cell_id, reference.label, reference.reader, reference.at)
            for cell_id, reference in references.items()
            if reference is not None
        )
        insert_many(self._connection, s.reference, _REFERENCE, rows, replace=True)

    def set_meta(self, key: str, value: str) -> None:
        """Write what the workspace keeps by key."""
        insert_many(self._connection, s.meta, ("key", "value"), [(key, value)], replace=True)

    def add_predictions(
        self,
        batch: PredictionBatch,
        *,
        labels: Sequence[str],
        prob: NDArray[np.float32],
    ) -> None:
        """Store what a model said of some cells, in place of any earlier prediction.

        Args:
            batch: What it said of n cells.
            labels: Class id chosen for each.
            prob: float32 (n,), probability of that class.

        Raises:
            UserError: If a cell is not in the workspace.
        """
        model_row = self._model_row(batch.model_id, batch.model_sha256)
        run_id = insert_row(self._connection, s.prediction_run, model_id=model_row, at=self.at)
        rows = zip(
            batch.cell_ids,
            [run_id] * len(batch.cell_ids),
            labels,
            prob.tolist(),
            batch.scale_source.tolist(),
            [row.tobytes() for row in np.ascontiguousarray(batch.probs, "<f4")],
            pack(batch.pred_set).tolist(),
            batch.ood_score.tolist(),
            [row.tobytes() for row in np.ascontiguousarray(batch.appearance, "<f4")],
            strict=True,
        )
        try:
            insert_many(self._connection, s.prediction, _PREDICTION, rows, replace=True)
            write_columns(self._connection, run_id, batch, labels=labels, prob=prob)
        except IntegrityError as error:
            raise UserError(
                "A prediction is for a cell that is not in the workspace",
                advice="Open the workspace again and classify what is left.",
            ) from error

    def set_slide_shifts(
        self, shifts: Mapping[int, SlideShift | None], *, model_id: str, model_sha256: str
    ) -> None:
        """Write the assessment of slides, in place of any earlier one.

        Args:
            shifts: By slide row id; None removes it.
            model_id: Name of the model that assessed them.
            model_sha256: Its digest.
        """
        self._connection.execute(
            delete(s.slide_shift).where(among(s.slide_shift.c.slide_id, shifts))
        )
        model_row = self._model_row(model_id, model_sha256)
        rows = (
            (
                slide_id,
                model_row,
                shift.n,
                float(shift.score_text),
                int(shift.alarm),
                shift.statistic,
                shift.text,
                shift.advice,
                self.at,
            )
            for slide_id, shift in shifts.items()
            if shift is not None
        )
        insert_many(self._connection, s.slide_shift, _SHIFT, rows)

    def stage_patient(self, code: str, site: str = "") -> int:
        """Begin the import of one patient's cells, unseen until ``finish_patient``.

        Args:
            code: The patient's code; a known patient gets the cells added.
            site: Name of the site, or the empty string.

        Returns:
            The staging id for ``stage_cells`` and ``finish_patient``.

        Raises:
            UserError: If the patient is known from another site.
        """
        return staging.stage_patient(self._connection, code=code, site=site)

    def staged_patient(self, code: str) -> int:
        """Return the staging id of a patient whose import has begun.

        Raises:
            UserError: If it was dropped meanwhile.
        """
        return staging.staged_patient(self._connection, code)

    def stage_cells(self, staged_id: int, cells: Iterable[NewCell]) -> None:
        """Add a chunk of cells to a patient being imported."""
        staging.stage_cells(self._connection, staged_id, cells)

    def finish_patient(self, staged_id: int) -> ImportedPatient:
        """Make all staged cells of a patient visible at once.

        Returns:
            Its payload belongs into the PATIENT_IMPORTED event of the same transaction.

        Raises:
            ValueError: If no cells were staged.
        """
        return staging.finish_patient(self._connection, self.catalogue.imports, staged_id)

    def drop_staged(self) -> tuple[str, ...]:
        """Remove all cells of unfinished imports and return their patients' codes."""
        return staging.drop_staged(self._connection)

    def drop_unfinished(self) -> tuple[str, ...]:
        """Do as ``drop_staged``, unless an import is running: what is staged is then its own."""
        with ExitStack() as stack:
            try:
                stack.enter_context(import_lock(self._folder))
            except ImportRunningError:
                return ()
            return self.drop_staged()

    def _model_row(self, name: str, sha256: str) -> int:
        statement = select(s.model.c.id).where(s.model.c.sha256 == sha256)
        known: int | None = self._connection.scalar(statement)
        if known is not None:
            return known
        return insert_row(self._connection, s.model, name=name, sha256=sha256)
