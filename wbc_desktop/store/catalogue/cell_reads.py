"""Reads about cells.

A fact of a cell that views and exports should see is one more column of ``_RECORDS`` and one more
attribute of ``CellRecord``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.attributes import split
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.catalogue.review_reads import review_of
from wbc_desktop.store.database import among
from wbc_desktop.store.names import cell_key
from wbc_desktop.store.records import PROBABILITY_BYTES, CellRecord, CropRef

_RECORDS = (
    select(
        s.cell.c.id,
        s.patient.c.code.label("patient_code"),
        s.slide.c.code.label("slide_code"),
        func.coalesce(s.site.c.name, "").label("site"),
        s.cell.c.um_per_px,
        s.cell.c.image_path,
        s.cell.c.image_sha256,
        s.cell.c.source_label,
        s.prediction.c.label.label("predicted"),
        s.prediction.c.prob.label("pred_prob"),
        s.prediction.c.probs,
        s.model.c.name.label("model_id"),
        s.model.c.sha256.label("model_sha256"),
        s.prediction_run.c.at.label("predicted_at"),
        s.prediction.c.scale_source,
        s.prediction.c.pred_set,
        s.prediction.c.ood_score,
        s.slide_shift.c.score.label("slide_shift"),
        s.review.c.label,
        s.review.c.status,
        s.review.c.reviewer,
        s.review.c.reviewed_at,
        s.review.c.mode,
        s.review.c.n_reviews,
        s.flag.c.cell_id.is_not(None).label("flagged"),
        func.coalesce(s.note.c.text, "").label("note"),
        func.coalesce(s.attribute.c.ids, "").label("attributes"),
    )
    .select_from(s.cell)
    .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
    .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
    .outerjoin(s.site, s.site.c.id == s.patient.c.site_id)
    .outerjoin(s.prediction, s.prediction.c.cell_id == s.cell.c.id)
    .outerjoin(s.prediction_run, s.prediction_run.c.id == s.prediction.c.run_id)
    .outerjoin(s.model, s.model.c.id == s.prediction_run.c.model_id)
    .outerjoin(s.slide_shift, s.slide_shift.c.slide_id == s.cell.c.slide_id)
    .outerjoin(s.review, s.review.c.cell_id == s.cell.c.id)
    .outerjoin(s.flag, s.flag.c.cell_id == s.cell.c.id)
    .outerjoin(s.note, s.note.c.cell_id == s.cell.c.id)
    .outerjoin(s.attribute, s.attribute.c.cell_id == s.cell.c.id)
)


class CellReads(Reads):
    """Cells, all they carry, and where their crops are."""

    def get(self, cell_id: int) -> CellRecord:
        """Return everything the workspace knows of one cell.

        Raises:
            UserError: If there is no such cell.
        """
        row = self._first(_RECORDS.where(s.cell.c.id == cell_id))
        if row is None:
            raise UserError("There is no such cell", cell_key(self.code, cell_id))
        return self._record(row)

    def all(self) -> Iterator[CellRecord]:
        """Yield every cell, ordered by patient, slide, image path and id."""
        ordered = _RECORDS.order_by(
            s.patient.c.code, s.slide.c.code, s.cell.c.image_path, s.cell.c.id
        )
        return map(self._record, self._stream(ordered))

    def crop_refs(self, cell_ids: Iterable[int]) -> list[CropRef]:
        """Return where the crops of these cells are, in the order asked; unknown cells missing."""
        wanted = [*cell_ids]
        rows = self._all(
            select(s.cell.c.id, s.cell.c.image_sha256, s.cell.c.um_per_px).where(
                among(s.cell.c.id, wanted)
            )
        )
        found = {row[0]: CropRef(*row) for row in rows}
        return [found[cell_id] for cell_id in wanted if cell_id in found]

    def crop_refs_after(self, cell_id: int, *, at_most: int) -> list[CropRef]:
        """Return where the crops of the next cells after one are, by ascending id."""
        columns = select(s.cell.c.id, s.cell.c.image_sha256, s.cell.c.um_per_px)
        newer = columns.where(s.cell.c.id > cell_id).order_by(s.cell.c.id).limit(at_most)
        return [CropRef(*row) for row in self._all(newer)]

    def shas(self, cell_ids: Iterable[int]) -> list[str]:
        """Return the keys of the crops of these cells, in the order asked.

        Raises:
            UserError: If there is no such cell.
        """
        wanted = [*cell_ids]
        found = {ref.cell_id: ref.image_sha256 for ref in self.crop_refs(wanted)}
        for cell_id in wanted:
            if cell_id not in found:
                raise UserError("There is no such cell", cell_key(self.code, cell_id))
        return [found[cell_id] for cell_id in wanted]

    def with_sha(self, sha256: str) -> tuple[int, ...]:
        """Return the row ids of the cells whose image has this digest, ascending."""
        statement = select(s.cell.c.id).where(s.cell.c.image_sha256 == sha256.lower())
        return tuple(self._column(statement.order_by(s.cell.c.id)))

    def existing(self, cell_ids: Iterable[int]) -> set[int]:
        """Return those of the row ids that belong to a cell."""
        return set(self._column(select(s.cell.c.id).where(among(s.cell.c.id, cell_ids))))

    def describe(self, cell_id: int) -> str:
        """Return which cell this is, in the user's words: its id, patient, slide and image."""
        row = self._first(
            select(s.patient.c.code, s.slide.c.code, s.cell.c.image_path)
            .select_from(s.cell)
            .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
            .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
            .where(s.cell.c.id == cell_id)
        )
        name = f"cell {cell_key(self.code, cell_id)}"
        return name if row is None else f"{name} (patient {row[0]}, slide {row[1]}, {row[2]})"

    def _probabilities(self, cell_id: int, packed: bytes) -> NDArray[np.float32]:
        if len(packed) % PROBABILITY_BYTES:
            raise UserError(
                "The prediction of a cell is damaged",
                self.describe(cell_id),
                "Classify the workspace again, or restore it from a backup.",
            )
        return np.frombuffer(packed, "<f4")

    def _record(self, row: Row[*tuple[Any, ...]]) -> CellRecord:
        # By position: names cost more than all the rest when a million rows are exported.
        row_id, patient, slide, site, um_per_px, path, sha256, source, *rest = row
        predicted, prob, probs, model_id, model_sha256, at, scale_source, *rest = rest
        pred_set, ood_score, slide_shift, *rest = rest
        *review, flagged, note, attributes = rest
        return CellRecord(
            id=row_id,
            cell_id=cell_key(self.code, row_id),
            patient_code=patient,
            slide_code=slide,
            site=site,
            um_per_px=um_per_px,
            image_path=path,
            image_sha256=sha256,
            source_label=source,
            predicted=predicted,
            pred_prob=prob,
            probs=None if probs is None else self._probabilities(row_id, probs),
            model_id=model_id,
            model_sha256=model_sha256,
            predicted_at=at,
            scale_source=scale_source,
            pred_set=pred_set,
            ood_score=ood_score,
            slide_shift=slide_shift,
            review=None if review[0] is None else review_of(review),
            flagged=bool(flagged),
            note=note,
            attributes=split(attributes),
        )
