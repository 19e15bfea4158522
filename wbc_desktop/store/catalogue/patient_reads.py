"""Reads about patients and the slides they consist of."""

from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, func, select

from wbc_desktop.domain.cells.patients import Patient, Slide
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads


class PatientReads(Reads):
    """Patients, their slides and their sites."""

    def all(self) -> tuple[Patient, ...]:
        """Return every patient with the slides imported so far, by code."""
        rows = self._all(_slides())
        counted = self._all(
            select(s.cell.c.slide_id, func.count())
            .join(s.review, s.review.c.cell_id == s.cell.c.id)
            .group_by(s.cell.c.slide_id)
        )
        reviewed = {row[0]: row[1] for row in counted}
        return tuple(
            Patient(
                id=key[0],
                code=key[1],
                site=key[2],
                slides=tuple(_slide(row, reviewed.get(row.slide_id, 0)) for row in slides),
            )
            for key, slides in groupby(rows, key=lambda row: (row.id, row.code, row.site))
        )

    def sites(self) -> dict[str, str]:
        """Return the site of every patient by code; the empty string where none was named."""
        rows = self._all(
            select(s.patient.c.code, func.coalesce(s.site.c.name, "")).outerjoin(
                s.site, s.site.c.id == s.patient.c.site_id
            )
        )
        return {row[0]: row[1] for row in rows}


def _slides() -> Select[Any]:
    """One row for each slide, with its cells counted and the scale they share."""
    scale = s.cell.c.um_per_px

    def of_slide(*what: ColumnElement[Any]) -> ScalarSelect[Any]:
        # Each answers from the index by slide and scale: the ends of the scale cost nothing there.
        cells = select(*what).where(s.cell.c.slide_id == s.slide.c.id)
        return cells.correlate(s.slide).scalar_subquery()

    of_cell = select(s.cell.c.id).where(s.cell.c.slide_id == s.slide.c.id).correlate(s.slide)
    no_scale = select(s.cell.c.id).where(s.cell.c.slide_id == s.slide.c.id, scale.is_(None))
    return (
        select(
            s.patient.c.id,
            s.patient.c.code,
            func.coalesce(s.site.c.name, "").label("site"),
            s.slide.c.id.label("slide_id"),
            s.slide.c.code.label("slide_code"),
            of_slide(func.count()).label("n_cells"),
            no_scale.correlate(s.slide).exists().label("unscaled"),
            of_slide(func.min(scale)).label("smallest"),
            of_slide(func.max(scale)).label("largest"),
        )
        .select_from(s.patient)
        .join(s.slide, s.slide.c.patient_id == s.patient.c.id)
        .outerjoin(s.site, s.site.c.id == s.patient.c.site_id)
        .where(of_cell.exists())
        .order_by(s.patient.c.code, s.slide.c.code)
    )


def _slide(row: Row[Any], n_reviewed: int) -> Slide:
    shared = not row.unscaled and row.smallest == row.largest
    return Slide(
        id=row.slide_id,
        code=row.slide_code,
        um_per_px=row.smallest if shared else None,
        n_cells=row.n_cells,
        n_reviewed=n_reviewed,
    )
