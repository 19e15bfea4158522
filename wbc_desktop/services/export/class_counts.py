"""Counts the cells of each patient by final label, as the differential and the report need them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.services.export.cells_csv import given_label
from wbc_desktop.store.records import CellRecord


@dataclass
class Tally:
    """The cells of one patient.

    Attributes:
        code: The patient's id.
        site: Name of the site, or the empty string.
        cells: Cells in all.
        labels: Cells by label, as it was given.
        reviewed: The same of cells that a person has labelled or accepted.
        models: Names of the models whose predictions the cells carry.
        probs: Probabilities of each cell, float32 (k,), by the digest of their model.
    """

    code: str
    site: str
    cells: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    reviewed: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)
    probs: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)

    def add(self, cell: CellRecord) -> None:
        """Count one more cell."""
        self.cells += 1
        label = given_label(cell)
        if label is not None:
            self.labels[label] += 1
        if cell.review is not None:
            self.reviewed[cell.review.label] += 1
        if cell.model_id is not None:
            self.models.add(cell.model_id)
        if cell.model_sha256 is not None and cell.probs is not None:
            self.probs.setdefault(cell.model_sha256, []).append(cell.probs)

    @property
    def n_reviewed(self) -> int:
        """Cells that a person has labelled or accepted."""
        return self.reviewed.total()

    @property
    def n_unlabelled(self) -> int:
        """Cells without any label."""
        return self.cells - self.labels.total()


def tallies(cells: Iterable[CellRecord]) -> tuple[Tally, ...]:
    """Count cells patient by patient.

    Args:
        cells: In any order.

    Returns:
        One tally per patient, in the order in which they first appear.
    """
    by_code: dict[str, Tally] = {}
    for cell in cells:
        code = cell.patient_code
        if code not in by_code:
            by_code[code] = Tally(code=code, site=cell.site)
        by_code[code].add(cell)
    return tuple(by_code.values())
