"""Cells on their way in: staged chunk by chunk, moved into ``cell`` with the last one.

No read looks at the staged rows, so a patient being imported is invisible by construction, and so
is what is being added to a patient who is known already. An import that was cancelled or crashed
leaves staged rows and nothing else; dropping them sweeps it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select, update

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.import_reads import ImportReads
from wbc_desktop.store.database import insert_many, insert_row
from wbc_desktop.store.records import ImportedPatient, NewCell

_STAGED = ("patient_id", "slide", "image_path", "image_sha256", "source_label", "um_per_px")


def stage_patient(connection: Connection, *, code: str, site: str) -> int:
    """Begin a patient; what an earlier, unfinished import of the same patient left is dropped.

    Args:
        connection: Inside a write transaction.
        code: The patient's code.
        site: Name of the site, or the empty string.

    Returns:
        The staging id.

    Raises:
        UserError: If the patient is known from another site.
    """
    known = connection.scalar(
        select(s.site.c.name)
        .join(s.patient, s.patient.c.site_id == s.site.c.id)
        .where(s.patient.c.code == code)
    )
    if known and site and known != site:
        raise UserError(
            f"Patient {code} is already here from another site",
            f"{known}, not {site}",
            "Import without naming a site, or rename the patient's folder.",
        )
    s_id = connection.scalar(select(s.staged_patient.c.id).where(s.staged_patient.c.code == code))
    if s_id is not None:
        _unstage(connection, s_id)
    return insert_row(connection, s.staged_patient, code=code, site=site)


def staged_patient(connection: Connection, code: str) -> int:
    """Return the staging id of a patient whose import has begun.

    Raises:
        UserError: If it was dropped meanwhile.
    """
    of_code = select(s.staged_patient.c.id).where(s.staged_patient.c.code == code)
    found: int | None = connection.scalar(of_code)
    if found is None:
        raise UserError(
            "The import was given up by another program",
            f"patient {code}",
            "Import the folder again.",
        )
    return found


def stage_cells(connection: Connection, staged_id: int, cells: Iterable[NewCell]) -> None:
    """Add a chunk of cells.

    Args:
        connection: Inside a write transaction.
        staged_id: From ``stage_patient``.
        cells: In the order in which they are to be numbered.
    """
    insert_many(connection, s.staged_cell, _STAGED, ((staged_id, *cell) for cell in cells))


def finish_patient(connection: Connection, reads: ImportReads, staged_id: int) -> ImportedPatient:
    """Move the staged cells of one patient into ``cell``, with its slides and itself.

    Args:
        connection: Inside a write transaction.
        reads: Reads through the same connection.
        staged_id: From ``stage_patient``.

    Raises:
        ValueError: If no cells were staged.
    """
    staged = connection.execute(
        select(s.staged_patient).where(s.staged_patient.c.id == staged_id)
    ).one_or_none()
    if staged is None:
        raise ValueError(f"no staged patient {staged_id}")
    patient_id = _patient_row(connection, code=staged.code, site=staged.site)
    _add_slides(connection, staged_id=staged_id, patient_id=patient_id)
    newest = select(func.coalesce(func.max(s.cell.c.id), 0))
    before = connection.scalar(newest) or 0
    of_staged = s.staged_cell.c
    connection.execute(
        insert(s.cell).from_select(
            ["slide_id", "image_path", "image_sha256", "source_label", "um_per_px"],
            select(
                s.slide.c.id,
                of_staged.image_path,
                of_staged.image_sha256,
                of_staged.source_label,
                of_staged.um_per_px,
            )
            .join(s.staged_cell, of_staged.slide == s.slide.c.code)
            .where(s.slide.c.patient_id == patient_id, of_staged.patient_id == staged_id)
            .order_by(of_staged.id),
        )
    )
    last = connection.scalar(newest) or 0
    if last == before:
        raise ValueError(f"no cells were staged for patient {staged.code}")
    _unstage(connection, staged_id)
    return ImportedPatient(
        patient_id=patient_id,
        code=staged.code,
        site=staged.site,
        first=before + 1,
        last=last,
        digest=reads.digest(before + 1, last),
    )


def drop_staged(connection: Connection) -> tuple[str, ...]:
    """Remove everything staged and return the codes of the patients concerned."""
    codes = tuple(connection.scalars(select(s.staged_patient.c.code)))
    connection.execute(delete(s.staged_cell))
    connection.execute(delete(s.staged_patient))
    return codes


def _unstage(connection: Connection, staged_id: int) -> None:
    connection.execute(delete(s.staged_cell).where(s.staged_cell.c.patient_id == staged_id))
    connection.execute(delete(s.staged_patient).where(s.staged_patient.c.id == staged_id))


def _patient_row(connection: Connection, *, code: str, site: str) -> int:
    site_id = _site_row(connection, site) if site else None
    known: int | None = connection.scalar(select(s.patient.c.id).where(s.patient.c.code == code))
    if known is None:
        return insert_row(connection, s.patient, code=code, site_id=site_id)
    if site_id is not None:
        connection.execute(update(s.patient).where(s.patient.c.id == known).values(site_id=site_id))
    return known


def _site_row(connection: Connection, name: str) -> int:
    known: int | None = connection.scalar(select(s.site.c.id).where(s.site.c.name == name))
    return insert_row(connection, s.site, name=name) if known is None else known


def _add_slides(connection: Connection, *, staged_id: int, patient_id: int) -> None:
    known = select(s.slide.c.code).where(s.slide.c.patient_id == patient_id)
    codes = connection.scalars(
        select(s.staged_cell.c.slide)
        .where(s.staged_cell.c.patient_id == staged_id, s.staged_cell.c.slide.not_in(known))
        .group_by(s.staged_cell.c.slide)
        .order_by(func.min(s.staged_cell.c.id))
    ).all()
    insert_many(connection, s.slide, ("patient_id", "code"), ((patient_id, code) for code in codes))
