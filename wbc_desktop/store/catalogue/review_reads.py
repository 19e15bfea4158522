"""Reads about what people and models have said of cells."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.review.review import Review, ReviewMode, Status
from wbc_desktop.domain.taxonomy.attributes import split
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among
from wbc_desktop.store.records import ModelRow

# Tables, because an enumeration takes its time over ten thousand values.
_STATUSES = {status.value: status for status in Status}
_MODES = {mode.value: mode for mode in ReviewMode}


def review_of(columns: Sequence[Any]) -> Review:
    """Build a review from the columns of the table ``review`` that follow the cell's id."""
    label, status, reviewer, reviewed_at, mode, n_reviews = columns
    return Review(
        label=label,
        status=_STATUSES.get(status) or Status(status),
        reviewer=reviewer,
        reviewed_at=reviewed_at,
        mode=_MODES.get(mode) or ReviewMode(mode),
        n_reviews=n_reviews,
    )


class ReviewReads(Reads):
    """Labels, flags, notes and predictions, for the cells asked or for all."""

    def existing(self, cell_ids: Iterable[int]) -> set[int]:
        """Return those of the row ids that belong to a cell."""
        return set(self._column(select(s.cell.c.id).where(among(s.cell.c.id, cell_ids))))

    def reviews_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, Review]:
        """Return the human labels of these cells, or of all; cells without one are missing."""
        statement = select(s.review)
        if cell_ids is not None:
            statement = statement.where(among(s.review.c.cell_id, cell_ids))
        return {row[0]: review_of(row[1:]) for row in self._all(statement)}

    def stored_reviews(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Yield every row of the table ``review`` as it stands in the file, for checking."""
        for row in self._stream(select(s.review)):
            columns = dict(row._mapping)  # noqa: SLF001  # public in spite of its name
            yield columns.pop("cell_id"), columns

    def stored_predictions(self) -> Iterator[tuple[int, str, int]]:
        """Yield each cell's predicted class id and the bytes of its probabilities, as stored."""
        n_bytes = func.length(s.prediction.c.probs).label("n_bytes")
        for row in self._stream(select(s.prediction.c.cell_id, s.prediction.c.label, n_bytes)):
            yield row.cell_id, row.label, row.n_bytes

    def flagged(self, cell_ids: Iterable[int] | None = None) -> set[int]:
        """Return those of these cells, or of all, that a person flagged."""
        statement = select(s.flag.c.cell_id)
        if cell_ids is not None:
            statement = statement.where(among(s.flag.c.cell_id, cell_ids))
        return set(self._column(statement))

    def notes_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, str]:
        """Return the notes of these cells, or of all; cells without one are missing."""
        statement = select(s.note.c.cell_id, s.note.c.text)
        if cell_ids is not None:
            statement = statement.where(among(s.note.c.cell_id, cell_ids))
        return {row[0]: row[1] for row in self._all(statement)}

    def attributes_for(self, cell_ids: Iterable[int] | None = None) -> dict[int, tuple[str, ...]]:
        """Return the attributes of these cells, or of all; cells without any are missing."""
        statement = select(s.attribute.c.cell_id, s.attribute.c.ids)
        if cell_ids is not None:
            statement = statement.where(among(s.attribute.c.cell_id, cell_ids))
        return {row[0]: split(row[1]) for row in self._all(statement)}

    def definitions(self, kind: Field) -> dict[int, str]:
        """Return what the workspace defines for itself, by key."""
        statement = select(s.definition.c.key, s.definition.c.text)
        return {row[0]: row[1] for row in self._all(statement.where(s.definition.c.kind == kind))}

    def classed_by_people(self) -> NDArray[np.int64]:
        """Return the cells that a person gave a class, undecided ones not, int64 ascending."""
        statement = select(s.review.c.cell_id).where(s.review.c.status != Status.UNDECIDED)
        return np.array(self._column(statement.order_by(s.review.c.cell_id)), np.int64)

    def cells_labelled(self, class_id: str) -> int:
        """Return how many cells a person labelled so, or chose as an example of the class."""
        tables = (s.review, s.reference)
        return sum(
            self._column(select(func.count()).where(table.c.label == class_id))[0]
            for table in tables
        )

    def predicted_for(self, cell_ids: Iterable[int]) -> dict[int, str]:
        """Return the class ids the model chose; cells without a prediction are missing."""
        statement = select(s.prediction.c.cell_id, s.prediction.c.label).where(
            among(s.prediction.c.cell_id, cell_ids)
        )
        return {row[0]: row[1] for row in self._all(statement)}

    def to_classify(
        self, model_sha256: str, patient_ids: Iterable[int] | None = None
    ) -> tuple[int, ...]:
        """Return the cells whose prediction is missing or of another model, ascending.

        A cell that a person has labelled keeps the prediction that person saw.

        Args:
            model_sha256: Digest of the model that is to predict; "" for every cell.
            patient_ids: Only cells of these patients (row ids); None for all.
        """
        done = (
            select(s.prediction.c.cell_id)
            .join(s.prediction_run, s.prediction_run.c.id == s.prediction.c.run_id)
            .join(s.model, s.model.c.id == s.prediction_run.c.model_id)
            .where(s.model.c.sha256 == model_sha256)
        )
        statement = select(s.cell.c.id).where(s.cell.c.id.not_in(done)).order_by(s.cell.c.id)
        if model_sha256:
            settled = select(s.prediction.c.cell_id).where(
                s.prediction.c.cell_id.in_(select(s.review.c.cell_id))
            )
            statement = statement.where(s.cell.c.id.not_in(settled))
        if patient_ids is not None:
            statement = statement.join(s.slide, s.slide.c.id == s.cell.c.slide_id).where(
                among(s.slide.c.patient_id, patient_ids)
            )
        return tuple(self._column(statement))

    def last_model(self) -> str:
        """Return the name of the model that was the last to predict here first; "" if none did."""
        statement = select(s.model.c.name).order_by(s.model.c.id.desc()).limit(1)
        row = self._first(statement)
        return "" if row is None else row[0]

    def models(self) -> tuple[ModelRow, ...]:
        """Return the models that have predicted here, in the order of their first use."""
        rows = self._all(
            select(s.model.c.name, s.model.c.sha256, func.count(s.prediction.c.cell_id))
            .outerjoin(s.prediction_run, s.prediction_run.c.model_id == s.model.c.id)
            .outerjoin(s.prediction, s.prediction.c.run_id == s.prediction_run.c.id)
            .group_by(s.model.c.id)
            .order_by(s.model.c.id)
        )
        return tuple(ModelRow(name=row[0], sha256=row[1], n_cells=row[2]) for row in rows)
