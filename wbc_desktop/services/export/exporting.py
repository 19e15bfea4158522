"""One export from start to end: one state of the workspace, the file, its record and its event.

The file of cells has binding columns with no room for the head hash of the audit log, so every
export has a small JSON file beside it, ``OUT.csv.meta.json``, that pins the log and names the
digest of the CSV. To add an export, add it to ``export_kind.ExportKind`` and its rows to
``_content``. A training set is no table and stands in ``training_set``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.domain.audit.events import Event, Json, canonical
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import guard
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.cells_csv import cell_row, cells_header
from wbc_desktop.services.export.csv_text import Written, write_csv
from wbc_desktop.services.export.differential_csv import DIFFERENTIAL_HEADER, differential_rows
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.output_files import check_output_file, output_file, storable_name
from wbc_desktop.services.export.patient_counts import count_by_patient
from wbc_desktop.services.export.training_cells import gather
from wbc_desktop.services.export.training_set import (
    SPLIT_META,
    check_labelled,
    check_training_place,
    set_facts,
    set_in_words,
    write_as_file,
    write_as_folders,
)
from wbc_desktop.services.inference.class_shares import ClassShareEstimator
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import RecordExport
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.names import CROPS_NAME, FILE_NAME
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

AUDIT_HEADER = ("seq", "at", "reader_id", "type", "payload", "prev_hash", "hash")

Table: TypeAlias = tuple[Sequence[str], Iterable[Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An export that has been written.

    Attributes:
        what: Its kind.
        written: The CSV file; of a training set the HDF5 file or the folder.
        meta: The JSON file beside it, or in the folder.
        head_seq: Newest event when the rows were read.
        head_hash: Its hash.
        told: ExportKind people should know of a training set; else the empty string.
    """

    what: ExportKind
    written: Written
    meta: Path
    head_seq: int
    head_hash: str
    told: str = ""

    def command(self) -> RecordExport:
        """Return the command that records it."""
        return RecordExport(
            what=self.what.value,
            file_name=storable_name(self.written.path.name),
            rows=self.written.rows,
            head_hash=self.head_hash,
            sha256=self.written.sha256,
        )


def export(
    session: Session,
    path: Path,
    *,
    what: ExportKind = ExportKind.CELLS,
    patients: frozenset[str] | None = None,
) -> Exported:
    """Write one export of a workspace and record it in the audit log, on the session's thread.

    Args:
        session: Of the workspace.
        path: The file; replaced if it exists. Of class folders a new folder.
        what: Kind of export.
        patients: Codes of the patients wanted, or None for all; the audit log is always whole.

    Raises:
        UserError: If a file cannot be written; the export is then not recorded.
    """
    exported = write_export(
        session.workspace, path, what=what, taxonomy=session.taxonomy, patients=patients
    )
    session.record(exported.command())
    return exported


def write_export(
    workspace: Workspace,
    path: Path,
    *,
    what: ExportKind,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None = None,
) -> Exported:
    """Write one export, on any thread; the caller records ``command()`` of the result.

    Args:
        workspace: The workspace; only read.
        path: The file; replaced if it exists. Of class folders a new folder.
        what: Kind of export.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all; the audit log is always whole.

    Raises:
        UserError: If a file cannot be written.
    """
    if what.is_training_set:
        return _write_training_set(workspace, path, what=what, taxonomy=taxonomy, patients=patients)
    _refuse_own_files(path, workspace)
    meta = path.with_name(f"{path.name}.meta.json")
    for place in (path, meta):
        check_output_file(place)
    with workspace.snapshot() as catalogue:
        head = catalogue.events.head()
        header, rows = _content(workspace, catalogue, taxonomy, what, patients)
        written = write_csv(path, header, rows)
    pins = _pins(workspace, taxonomy, what, head)
    _write_meta(meta, written, pins)
    return Exported(what=what, written=written, meta=meta, head_seq=head[0], head_hash=head[1])


def _write_training_set(
    workspace: Workspace,
    path: Path,
    *,
    what: ExportKind,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None,
) -> Exported:
    in_folders = what is ExportKind.TRAINING_FOLDERS
    check_training_place(path, workspace=workspace.folder, in_folders=in_folders)
    meta = path / SPLIT_META if in_folders else path.with_name(f"{path.name}.meta.json")
    with workspace.snapshot() as catalogue:
        head = catalogue.events.head()
        cells, drawn = _cells(catalogue, patients), catalogue.training.drawn_first()
        training = gather(cells, taxonomy, drawn=drawn)
    check_labelled(training)
    facts = {**_pins(workspace, taxonomy, what, head), **set_facts(training, taxonomy)}
    if in_folders:
        written = write_as_folders(training, workspace.crops, path, facts=facts)
    else:
        check_output_file(meta)
        written = write_as_file(training, workspace.crops, path, facts=facts)
        _write_meta(meta, written, facts)
    return Exported(
        what=what,
        written=written,
        meta=meta,
        head_seq=head[0],
        head_hash=head[1],
        told=set_in_words(training),
    )


def _refuse_own_files(path: Path, workspace: Workspace) -> None:
    own = path.name.casefold().startswith((FILE_NAME, CROPS_NAME))
    if own and path.parent.resolve() == workspace.folder.resolve():
        raise UserError(
            "An export must not replace the workspace itself", str(path), "Choose another name."
        )


def _content(
    workspace: Workspace,
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    what: ExportKind,
    patients: frozenset[str] | None,
) -> Table:
    match what:
        case ExportKind.AUDIT:
            return AUDIT_HEADER, map(_audit_row, catalogue.events.all())
        case ExportKind.DIFFERENTIAL:
            _, head_hash = catalogue.events.head()
            expectation = ClassShareEstimator(workspace, taxonomy)
            return DIFFERENTIAL_HEADER, (
                row
                for counts in count_by_patient(_cells(catalogue, patients))
                for row in differential_rows(
                    counts,
                    taxonomy,
                    expected=expectation.percents(counts.probs),
                    head_hash=head_hash,
                )
            )
        case ExportKind.CELLS:
            cells = _cells(catalogue, patients)
            return cells_header(taxonomy), (cell_row(cell, taxonomy) for cell in cells)
        case ExportKind.TRAINING_HDF5 | ExportKind.TRAINING_FOLDERS:
            raise AssertionError("a training set is no table")


def _audit_row(event: Event) -> tuple[str, ...]:
    """Return the fields of one event under ``AUDIT_HEADER``, as it was hashed.

    ``payload`` is the canonical JSON text that went into the hash, so whoever holds the file can
    check the chain without this program; ``docs/audit.md`` says how.
    """
    return (
        str(event.seq),
        event.at,
        guard(event.reader),
        event.type.value,
        canonical(event.payload),
        event.prev_hash,
        event.hash,
    )


def _cells(catalogue: Catalogue, patients: frozenset[str] | None) -> Iterator[CellRecord]:
    cells = catalogue.cells.all()
    if patients is None:
        return cells
    return (cell for cell in cells if cell.patient_code in patients)


def _pins(
    workspace: Workspace, taxonomy: Taxonomy, what: ExportKind, head: tuple[int, str]
) -> dict[str, Json]:
    """Return what says from which state of which workspace an export is."""
    return {
        "what": what.value,
        "workspace": workspace.code,
        "taxonomy": taxonomy.version,
        "head_seq": head[0],
        "head_hash": head[1],
        "app_version": __version__,
        "notice": RESEARCH_USE_ONLY,
    }


def _write_meta(path: Path, written: Written, facts: Mapping[str, Json]) -> None:
    meta = {"file": written.path.name, "rows": written.rows, "sha256": written.sha256, **facts}
    with output_file(path) as file:
        file.write(f"{json.dumps(meta, indent=2)}\n".encode())
