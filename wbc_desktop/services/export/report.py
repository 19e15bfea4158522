"""report.html: the differential of each patient with a contact sheet per class, in one file.

The file carries its pictures, needs no network and runs no script. This module gathers the facts
from one state of the workspace; ``report_html`` makes the page of them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wbc_desktop import __version__
from wbc_desktop.domain.cells.differential import differential
from wbc_desktop.domain.cells.slide_shift import SlideQuality
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.cells_csv import final_label
from wbc_desktop.services.export.output_files import output_file, storable_name
from wbc_desktop.services.export.patient_counts import count_by_patient
from wbc_desktop.services.export.report_html import PatientFacts, ReportFacts, Sheet, Tile, render
from wbc_desktop.services.inference.class_shares import ClassShareEstimator
from wbc_desktop.services.session.system_commands import RecordExport
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

TILES_PER_CLASS = 120


def make_report(
    workspace: Workspace,
    path: Path,
    *,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None = None,
) -> RecordExport:
    """Write the report of a workspace; safe on any thread.

    Args:
        workspace: The workspace.
        path: The HTML file; replaced if it exists.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all.

    Returns:
        The command that records it in the audit log; ``rows`` counts the cells.

    Raises:
        UserError: If the file cannot be written.
    """
    facts = report_facts(workspace, taxonomy=taxonomy, patients=patients)
    page = render(facts, taxonomy).encode()
    with output_file(path) as file:
        file.write(page)
    return RecordExport(
        what="report",
        file_name=storable_name(path.name),
        rows=sum(patient.n_cells for patient in facts.patients),
        head_hash=facts.head_hash,
        sha256=hashlib.sha256(page).hexdigest(),
    )


def report_facts(
    workspace: Workspace,
    *,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None = None,
    tiles_per_class: int = TILES_PER_CLASS,
) -> ReportFacts:
    """Gather what a report says, from one state of the workspace.

    Args:
        workspace: The workspace.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all.
        tiles_per_class: Cells shown of each class; of more, those the model is surest of.
    """
    with workspace.snapshot() as catalogue:
        head_seq, head_hash = catalogue.events.head()
        by_patient: dict[str, list[CellRecord]] = defaultdict(list)
        for cell in catalogue.cells.all():
            if patients is None or cell.patient_code in patients:
                by_patient[cell.patient_code].append(cell)
        qualities = catalogue.slides.qualities()
    expectation = ClassShareEstimator(workspace, taxonomy)
    shown = _Pictures(crops=workspace.crops, taxonomy=taxonomy, tiles_per_class=tiles_per_class)
    return ReportFacts(
        patients=tuple(
            _patient(
                cells,
                shown,
                expectation=expectation,
                alarms=tuple(q for q in qualities if q.patient == code and q.alarm),
            )
            for code, cells in by_patient.items()
        ),
        workspace=workspace.code,
        head_seq=head_seq,
        head_hash=head_hash,
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        app_version=__version__,
    )


@dataclass(frozen=True, kw_only=True)
class _Pictures:
    """Makes the contact sheets."""

    crops: CropStore
    taxonomy: Taxonomy
    tiles_per_class: int

    def sheets(self, cells: Sequence[CellRecord]) -> Iterator[Sheet]:
        """Yield the sheet of each class that has cells, in the taxonomy's order."""
        by_label: dict[str | None, list[CellRecord]] = defaultdict(list)
        for cell in cells:
            by_label[final_label(cell, self.taxonomy)].append(cell)
        for cell_class in self.taxonomy.classes:
            if of_class := by_label[cell_class.id]:
                surest = sorted(of_class, key=lambda cell: -(cell.pred_prob or 0.0))
                tiles = self._tiles(surest[: self.tiles_per_class])
                yield Sheet(class_id=cell_class.id, n=len(of_class), tiles=tiles)

    def _tiles(self, cells: Sequence[CellRecord]) -> tuple[Tile, ...]:
        pictures = self.crops.thumbnails([cell.image_sha256 for cell in cells])
        return tuple(
            Tile(
                title=f"{cell.cell_id} · {cell.slide_code} · {cell.image_path}",
                jpeg=pictures.get(cell.image_sha256),
                prob=cell.pred_prob,
                human=cell.review is not None,
            )
            for cell in cells
        )


def _patient(
    cells: Sequence[CellRecord],
    pictures: _Pictures,
    *,
    expectation: ClassShareEstimator,
    alarms: tuple[SlideQuality, ...],
) -> PatientFacts:
    (counts,) = count_by_patient(cells)
    return PatientFacts(
        code=counts.code,
        site=counts.site,
        slides=tuple(dict.fromkeys(cell.slide_code for cell in cells)),
        models=tuple(sorted(counts.models)),
        n_cells=counts.cells,
        n_reviewed=counts.n_reviewed,
        n_unlabelled=counts.n_unlabelled,
        rows=differential(counts.labels, pictures.taxonomy),
        expected=expectation.percents(counts.probs),
        alarms=alarms,
        sheets=tuple(pictures.sheets(cells)),
    )
