"""Reads about slides as a whole: what the model measured of their cells, and its assessment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, func, or_, select

from wbc_desktop.domain.cells.slide_shift import MIN_CELLS, SlideQuality, SlideShift
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among

_SHIFT = (
    s.slide_shift.c.n,
    s.slide_shift.c.score,
    s.slide_shift.c.alarm,
    s.slide_shift.c.statistic,
    s.slide_shift.c.text,
    s.slide_shift.c.advice,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SlideMeasures:
    """What a model measured of the cells of one slide.

    Attributes:
        slide_id: Row id.
        patient: The patient's code.
        slide: Name of the slide.
        appearance: float32 (n, m), the cells in the order of their ids.
        ood_score: float32 (n,).
    """

    slide_id: int
    patient: str
    slide: str
    appearance: NDArray[np.float32]
    ood_score: NDArray[np.float32]


class SlideReads(Reads):
    """Slides, their measures and their assessments."""

    def qualities(self, patient_ids: Iterable[int] | None = None) -> tuple[SlideQuality, ...]:
        """Return what is known of every slide with cells, by patient and slide.

        Args:
            patient_ids: Only slides of these patients (row ids); None for all.
        """
        n_cells = (
            select(s.cell.c.slide_id, func.count().label("n_cells"))
            .group_by(s.cell.c.slide_id)
            .subquery()
        )
        statement: Select[Any] = (
            select(s.slide.c.id, s.patient.c.code, s.slide.c.code, n_cells.c.n_cells, *_SHIFT)
            .select_from(s.slide)
            .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
            .join(n_cells, n_cells.c.slide_id == s.slide.c.id)
            .outerjoin(s.slide_shift, s.slide_shift.c.slide_id == s.slide.c.id)
            .order_by(s.patient.c.code, s.slide.c.code)
        )
        if patient_ids is not None:
            statement = statement.where(among(s.slide.c.patient_id, patient_ids))
        return tuple(_quality(row) for row in self._all(statement))

    def to_assess(self, *model_sha256: str) -> tuple[int, ...]:
        """Return the slides whose assessment is missing or no longer rests on all their cells.

        Args:
            model_sha256: The models whose measures count: all that measure alike.
        """
        measured = (
            select(s.cell.c.slide_id, func.count(s.prediction.c.ood_score).label("n"))
            .join(s.prediction, s.prediction.c.cell_id == s.cell.c.id)
            .join(s.prediction_run, s.prediction_run.c.id == s.prediction.c.run_id)
            .join(s.model, s.model.c.id == s.prediction_run.c.model_id)
            .where(s.model.c.sha256.in_(model_sha256))
            .group_by(s.cell.c.slide_id)
            .subquery()
        )
        missing = and_(s.slide_shift.c.slide_id.is_(None), measured.c.n >= MIN_CELLS)
        outdated = or_(s.slide_shift.c.n != measured.c.n, s.model.c.sha256.not_in(model_sha256))
        statement = (
            select(measured.c.slide_id)
            .outerjoin(s.slide_shift, s.slide_shift.c.slide_id == measured.c.slide_id)
            .outerjoin(s.model, s.model.c.id == s.slide_shift.c.model_id)
            .where(or_(missing, outdated))
            .order_by(measured.c.slide_id)
        )
        return tuple(self._column(statement))

    def measures(self, slide_id: int, *model_sha256: str) -> SlideMeasures:
        """Return what models that measure alike found of a slide's cells; no rows for nothing.

        Raises:
            UserError: If the slide is gone or the measures of its cells are damaged.
        """
        names = self._first(
            select(s.patient.c.code, s.slide.c.code)
            .join(s.slide, s.slide.c.patient_id == s.patient.c.id)
            .where(s.slide.c.id == slide_id)
        )
        if names is None:
            raise UserError("There is no such slide", str(slide_id), "Open the workspace again.")
        rows = self._all(
            select(s.prediction.c.ood_score, s.prediction.c.appearance)
            .join(s.cell, s.cell.c.id == s.prediction.c.cell_id)
            .join(s.prediction_run, s.prediction_run.c.id == s.prediction.c.run_id)
            .join(s.model, s.model.c.id == s.prediction_run.c.model_id)
            .where(
                s.cell.c.slide_id == slide_id,
                s.model.c.sha256.in_(model_sha256),
                s.prediction.c.ood_score.is_not(None),
                s.prediction.c.appearance.is_not(None),
            )
            .order_by(s.prediction.c.cell_id)
        )
        return SlideMeasures(
            slide_id=slide_id,
            patient=names[0],
            slide=names[1],
            appearance=_table([row[1] for row in rows], where=f"slide {names[1]} of {names[0]}"),
            ood_score=np.array([row[0] for row in rows], np.float32),
        )

    def stored_shifts(self) -> Iterator[tuple[int, str, str, SlideShift]]:
        """Yield slide, digest of the model, time and assessment as they stand in the file."""
        statement: Select[Any] = select(
            s.slide_shift.c.slide_id, s.model.c.sha256, s.slide_shift.c.at, *_SHIFT
        ).join(s.model, s.model.c.id == s.slide_shift.c.model_id)
        for row in self._stream(statement):
            columns: Sequence[Any] = row
            yield columns[0], columns[1], columns[2], _shift(columns[3:])

    def describe(self, slide_id: int) -> str:
        """Return which slide this is, in the user's words."""
        row = self._first(
            select(s.patient.c.code, s.slide.c.code)
            .join(s.slide, s.slide.c.patient_id == s.patient.c.id)
            .where(s.slide.c.id == slide_id)
        )
        return f"slide number {slide_id}" if row is None else f"patient {row[0]}, slide {row[1]}"


def _quality(row: Sequence[Any]) -> SlideQuality:
    shift = row[4:]
    return SlideQuality(
        slide_id=row[0],
        patient=row[1],
        slide=row[2],
        n_cells=row[3],
        shift=None if shift[0] is None else _shift(shift),
    )


def _shift(columns: Sequence[Any]) -> SlideShift:
    n, score, alarm, statistic, text, advice = columns
    return SlideShift(
        n=n, score=score, alarm=bool(alarm), statistic=statistic, text=text, advice=advice
    )


def _table(blobs: list[bytes], *, where: str) -> NDArray[np.float32]:
    if not blobs:
        return np.empty((0, 0), np.float32)
    if len({len(blob) for blob in blobs}) != 1 or len(blobs[0]) % 4:
        raise UserError(
            "What the model measured of a slide is damaged",
            where,
            "Classify the workspace again, or restore it from a backup.",
        )
    return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), -1).astype(np.float32)
