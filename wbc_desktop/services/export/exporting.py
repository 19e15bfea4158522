"""One export from start to end: one state of the workspace, the file, its record and its event.

The file of cells has binding columns with no room for the head hash of the audit log, so every
export has a small JSON file beside it, ``OUT.csv.meta.json``, that pins the log and names the
digest of the CSV. To add an export, add it to ``What`` and its rows to ``_content``.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.services.expectation import Expectation
from wbc_desktop.services.export.audit_csv import AUDIT_HEADER, audit_row
from wbc_desktop.services.export.cells_csv import cell_row, cells_header
from wbc_desktop.services.export.csv_text import WrittenCsv, write_csv
from wbc_desktop.services.export.differential_csv import DIFFERENTIAL_HEADER, differential_rows
from wbc_desktop.services.export.replacing import check_place, replacing, storable
from wbc_desktop.services.export.tally import tallies
from wbc_desktop.services.session import Session
from wbc_desktop.services.system_commands import RecordExport
from wbc_desktop.store.catalogue import Catalogue
from wbc_desktop.store.layout import CROPS_NAME, FILE_NAME
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

Table: TypeAlias = tuple[Sequence[str], Iterable[Sequence[str]]]


class What(StrEnum):
    """The kinds of export."""

    CELLS = "cells"
    DIFFERENTIAL = "differential"
    AUDIT = "audit"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An export that has been written.

    Attributes:
        what: Its kind.
        written: The CSV file.
        meta: The JSON file beside it.
        head_seq: Newest event when the rows were read.
        head_hash: Its hash.
    """

    what: What
    written: WrittenCsv
    meta: Path
    head_seq: int
    head_hash: str

    def command(self) -> RecordExport:
        """Return the command that records it."""
        return RecordExport(
            what=self.what.value,
            file_name=storable(self.written.path.name),
            rows=self.written.rows,
            head_hash=self.head_hash,
            sha256=self.written.sha256,
        )


def export(
    session: Session,
    path: Path,
    *,
    what: What = What.CELLS,
    patients: frozenset[str] | None = None,
) -> Exported:
    """Write one export of a workspace and record it in the audit log, on the session's thread.

    Args:
        session: Of the workspace.
        path: The CSV file; replaced if it exists.
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
    what: What,
    taxonomy: Taxonomy,
    patients: frozenset[str] | None = None,
) -> Exported:
    """Write one export, on any thread; the caller records ``command()`` of the result.

    Args:
        workspace: The workspace; only read.
        path: The CSV file; replaced if it exists.
        what: Kind of export.
        taxonomy: The classes.
        patients: Codes of the patients wanted, or None for all; the audit log is always whole.

    Raises:
        UserError: If a file cannot be written.
    """
    _refuse_own_files(path, workspace)
    meta = path.with_name(f"{path.name}.meta.json")
    for place in (path, meta):
        check_place(place)
    with workspace.snapshot() as catalogue:
        head_seq, head_hash = catalogue.head()
        header, rows = _content(catalogue, taxonomy, what, patients)
        written = write_csv(path, header, rows)
    exported = Exported(
        what=what,
        written=written,
        meta=meta,
        head_seq=head_seq,
        head_hash=head_hash,
    )
    _write_meta(exported, workspace=workspace.code, taxonomy=taxonomy)
    return exported


def _refuse_own_files(path: Path, workspace: Workspace) -> None:
    own = path.name.casefold().startswith((FILE_NAME, CROPS_NAME))
    if own and path.parent.resolve() == workspace.folder.resolve():
        raise UserError(
            "An export must not replace the workspace itself", str(path), "Choose another name."
        )


def _content(
    catalogue: Catalogue, taxonomy: Taxonomy, what: What, patients: frozenset[str] | None
) -> Table:
    match what:
        case What.AUDIT:
            return AUDIT_HEADER, map(audit_row, catalogue.events())
        case What.DIFFERENTIAL:
            _, head_hash = catalogue.head()
            expectation = Expectation(taxonomy)
            return DIFFERENTIAL_HEADER, (
                row
                for tally in tallies(_cells(catalogue, patients))
                for row in differential_rows(
                    tally,
                    taxonomy,
                    expected=expectation.percents(tally.probs),
                    head_hash=head_hash,
                )
            )
        case What.CELLS:
            cells = _cells(catalogue, patients)
            return cells_header(taxonomy), (cell_row(cell, taxonomy) for cell in cells)


def _cells(catalogue: Catalogue, patients: frozenset[str] | None) -> Iterator[CellRecord]:
    cells = catalogue.export_rows()
    if patients is None:
        return cells
    return (cell for cell in cells if cell.patient_code in patients)


def _write_meta(exported: Exported, *, workspace: str, taxonomy: Taxonomy) -> None:
    meta = {
        "file": exported.written.path.name,
        "what": exported.what.value,
        "rows": exported.written.rows,
        "sha256": exported.written.sha256,
        "workspace": workspace,
        "taxonomy": taxonomy.version,
        "head_seq": exported.head_seq,
        "head_hash": exported.head_hash,
        "app_version": __version__,
        "notice": RESEARCH_USE_ONLY,
    }
    with replacing(exported.meta) as file:
        file.write(f"{json.dumps(meta, indent=2)}\n".encode())
