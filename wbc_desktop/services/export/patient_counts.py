"""The cells of each patient counted by final label, and how people read these counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.differential import DifferentialRow
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.services.export.cells_csv import given_label
from wbc_desktop.store.records import CellRecord


@dataclass
class PatientCounts:
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


def count_by_patient(cells: Iterable[CellRecord]) -> tuple[PatientCounts, ...]:
    """Count cells patient by patient.

    Args:
        cells: In any order.

    Returns:
        One for each patient, in the order in which they first appear.
    """
    by_code: dict[str, PatientCounts] = {}
    for cell in cells:
        code = cell.patient_code
        if code not in by_code:
            by_code[code] = PatientCounts(code=code, site=cell.site)
        by_code[code].add(cell)
    return tuple(by_code.values())


def display_order(rows: Iterable[DifferentialRow], taxonomy: Taxonomy) -> Iterator[DifferentialRow]:
    """Yield the rows as people read them: a parent with cells stands before its leaves.

    Args:
        rows: A differential.
        taxonomy: The classes.
    """
    by_id = {row.class_id: row for row in rows}
    parents = taxonomy.parents()
    for cell_class in taxonomy.classes:
        if cell_class.id in parents and cell_class.id in by_id and not by_id[cell_class.id].n:
            del by_id[cell_class.id]
    for cell_class in taxonomy.classes:
        for class_id in _family(cell_class, taxonomy):
            row = by_id.pop(class_id, None)
            if row is not None and (row.n or not taxonomy.by_id[class_id].hidden):
                yield row


def _family(cell_class: CellClass, taxonomy: Taxonomy) -> Iterator[str]:
    """Yield the topmost class above a class, and all below that, each before those below it."""
    top = cell_class
    while top.parent is not None:
        top = taxonomy.by_id[top.parent]
    waiting = [top.id]
    while waiting:
        yield waiting[0]
        children = [c.id for c in taxonomy.classes if c.parent == waiting[0]]
        waiting = [*children, *waiting[1:]]


def class_name(row: DifferentialRow, taxonomy: Taxonomy) -> str:
    """Return the name of a class in a differential, where a parent stands for all below it.

    Args:
        row: The row of the class.
        taxonomy: The classes.
    """
    name = taxonomy.by_id[row.class_id].name
    if not taxonomy.below(row.class_id):
        return name
    rest = f" ({row.n_own:,} unspecified)" if row.n_own else ""
    return f"{name.partition(',')[0]}, all{rest}"
