"""Reads an import needs: what is here already, and the digest that proves what was imported."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from wbc_desktop.domain.events import canonical
from wbc_desktop.store import schema as s
from wbc_desktop.store.database import among
from wbc_desktop.store.reads import Reads


class ImportReads(Reads):
    """Digests of images already imported, and of imports."""

    def shas_of_patient(self, code: str) -> set[str]:
        """Return the digests of all images of a patient; empty if the patient is not known."""
        return set(
            self._column(
                select(s.cell.c.image_sha256)
                .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
                .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
                .where(s.patient.c.code == code)
            )
        )

    def patients_with_shas(self, shas: Iterable[str]) -> dict[str, set[str]]:
        """Return the codes of the patients that already have each of these images.

        Args:
            shas: Digests of images; those no patient has are missing in the result.
        """
        rows = self._all(
            select(s.cell.c.image_sha256, s.patient.c.code)
            .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
            .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
            .where(among(s.cell.c.image_sha256, shas))
        )
        found: defaultdict[str, set[str]] = defaultdict(set)
        for sha256, code in rows:
            found[sha256].add(code)
        return dict(found)

    def imported_digest(self, first: int, last: int) -> str:
        """Return the SHA-256 over everything imported for a range of cells, lower-case hex.

        Args:
            first: Row id of the first cell.
            last: Row id of the last cell.
        """
        rows = self._stream(
            select(
                s.cell.c.id,
                s.patient.c.code,
                s.slide.c.code,
                s.cell.c.image_path,
                s.cell.c.image_sha256,
                s.cell.c.source_label,
                s.cell.c.um_per_px,
            )
            .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
            .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
            .where(s.cell.c.id.between(first, last))
            .order_by(s.cell.c.id)
        )
        digest = hashlib.sha256()
        for row in rows:
            # repr of a float is its shortest exact text, alike on every machine.
            scale = None if row.um_per_px is None else repr(row.um_per_px)
            line = canonical([*row[:-1], scale])
            digest.update(line.encode() + b"\n")
        return digest.hexdigest()

    def cells_outside(self, ranges: Iterable[tuple[int, int]]) -> list[int]:
        """Return the row ids of cells that lie in none of the ranges (first, last), ascending."""
        covered = sorted(ranges)
        ids = self._column(select(s.cell.c.id).order_by(s.cell.c.id))
        outside, position = [], 0
        for cell_id in ids:
            while position < len(covered) and covered[position][1] < cell_id:
                position += 1
            if position == len(covered) or cell_id < covered[position][0]:
                outside.append(cell_id)
        return outside
