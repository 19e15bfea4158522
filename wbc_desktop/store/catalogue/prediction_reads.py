"""Reads about what models have said of cells."""

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among
from wbc_desktop.store.records import ModelRow


class PredictionReads(Reads):
    """Predictions, and the models they came from."""

    def stored(self) -> Iterator[tuple[int, str, int]]:
        """Yield each cell's predicted class id and the bytes of its probabilities, as stored."""
        n_bytes = func.length(s.prediction.c.probs).label("n_bytes")
        for row in self._stream(select(s.prediction.c.cell_id, s.prediction.c.label, n_bytes)):
            yield row.cell_id, row.label, row.n_bytes

    def labels_for(self, cell_ids: Iterable[int]) -> dict[int, str]:
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

    def waiting_by_model(self, model_sha256: str) -> dict[str, int]:
        """Count the cells of ``to_classify`` by the model that has classified them before.

        Args:
            model_sha256: Digest of the model that is to predict.

        Returns:
            Cells by model id; "" for those that no model has classified.
        """
        before = func.coalesce(s.model.c.name, "")
        rows = self._all(
            select(before, func.count())
            .select_from(s.cell)
            .outerjoin(s.prediction, s.prediction.c.cell_id == s.cell.c.id)
            .outerjoin(s.prediction_run, s.prediction_run.c.id == s.prediction.c.run_id)
            .outerjoin(s.model, s.model.c.id == s.prediction_run.c.model_id)
            .outerjoin(s.review, s.review.c.cell_id == s.cell.c.id)
            .where(
                s.model.c.sha256.is_(None)
                | ((s.model.c.sha256 != model_sha256) & s.review.c.cell_id.is_(None))
            )
            .group_by(before)
        )
        return {row[0]: row[1] for row in rows}

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
