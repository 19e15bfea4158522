"""report.html: the differential of each patient with a contact sheet per class, in one file.

The file carries its pictures, needs no network and runs no script. This module gathers the facts
from one state of the workspace; ``report_html`` makes the page of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from wbc_desktop import __version__
from wbc_desktop.domain.differential import differential
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.services.export.cells_csv import final_label
from wbc_desktop.services.export.replacing import replacing
from wbc_desktop.services.export.tally import Tally, tallies
from wbc_desktop.services.report_html import PatientFacts, ReportFacts, Sheet, Tile, render
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

TILES_PER_CLASS = 120


def write_report(
    workspace: Workspace,
    path: Path,
    *,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None = None,
) -> None:
    """Write the report of a workspace.

    Args:
        workspace: The workspace.
        path: The HTML file; replaced if it exists.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all.

    Raises:
        UserError: If the file cannot be written.
    """
    page = render(report_facts(workspace, taxonomy=taxonomy, patients=patients), taxonomy)
    with replacing(path) as file:
        file.write(page.encode("utf-8"))


def report_facts(
    workspace: Workspace, *, taxonomy: Taxonomy, patients: frozenset[str] | None = None
) -> ReportFacts:
    """Gather what a report says, from one state of the workspace.

    Args:
        workspace: The workspace.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all.
    """
    with workspace.snapshot() as catalogue:
        head_seq, head_hash = catalogue.head()
        by_patient: dict[str, list[CellRecord]] = defaultdict(list)
        for cell in catalogue.export_rows():
            if patients is None or cell.patient_code in patients:
                by_patient[cell.patient_code].append(cell)
    facts = tuple(_patient(cells, workspace.crops, taxonomy) for cells in by_patient.values())
    return ReportFacts(
        patients=facts,
        workspace=workspace.code,
        head_seq=head_seq,
        head_hash=head_hash,
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        app_version=__version__,
    )


def _patient(cells: Sequence[CellRecord], crops: CropStore, taxonomy: Taxonomy) -> PatientFacts:
    (tally,) = tallies(cells)
    return PatientFacts(
        code=tally.code,
        site=tally.site,
        slides=tuple(dict.fromkeys(cell.slide_code for cell in cells)),
        models=tuple(sorted(tally.models)),
        n_cells=tally.cells,
        n_reviewed=tally.n_reviewed,
        n_unlabelled=tally.n_unlabelled,
        rows=differential(tally.labels, taxonomy),
        sheets=tuple(_sheets(cells, tally, crops=crops, taxonomy=taxonomy)),
    )


def _sheets(
    cells: Sequence[CellRecord], tally: Tally, *, crops: CropStore, taxonomy: Taxonomy
) -> Iterator[Sheet]:
    by_label: dict[str | None, list[CellRecord]] = defaultdict(list)
    for cell in cells:
        by_label[final_label(cell)].append(cell)
    for cell_class in taxonomy.classes:
        if tally.labels[cell_class.id]:
            shown = sorted(by_label[cell_class.id], key=lambda cell: -(cell.pred_prob or 0.0))
            del shown[TILES_PER_CLASS:]
            pictures = crops.thumbnails([cell.image_sha256 for cell in shown])
            yield Sheet(
                class_id=cell_class.id,
                n=tally.labels[cell_class.id],
                tiles=tuple(_tile(cell, pictures.get(cell.image_sha256)) for cell in shown),
            )


def _tile(cell: CellRecord, jpeg: bytes | None) -> Tile:
    return Tile(
        title=f"{cell.cell_id} · {cell.slide_code} · {cell.image_path}",
        jpeg=jpeg,
        prob=cell.pred_prob,
        human=cell.review is not None,
    )
