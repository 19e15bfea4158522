"""Reads an import needs: what is here already, and the digest that proves what was imported."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among, driver_rows

# Floats are written by their shortest exact text, alike on every machine.
_AS_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_IMPORTED = """
SELECT c.id, p.code, s.code, c.image_path, c.image_sha256, c.source_label, c.um_per_px
FROM cell c JOIN slide s ON s.id = c.slide_id JOIN patient p ON p.id = s.patient_id
WHERE c.id BETWEEN ? AND ? ORDER BY c.id
"""


class ImportReads(Reads):
    """Digests of images already imported, and of imports."""

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

    def digest(self, first: int, last: int) -> str:
        """Return the SHA-256 over everything imported for a range of cells, lower-case hex.

        Args:
            first: Row id of the first cell.
            last: Row id of the last cell.
        """
        digest = hashlib.sha256()
        with self._connected() as connection:
            for facts in driver_rows(connection, _IMPORTED, (first, last)):
                digest.update(_AS_LINE(facts).encode())
                digest.update(b"\n")
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
