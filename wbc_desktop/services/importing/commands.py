"""The system commands of an import: stage a chunk, finish a patient, drop what is unfinished.

Staged cells are invisible until their patient is finished; ``store.staging`` says how.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.commands import Context
from wbc_desktop.store.records import NewCell


@dataclass(frozen=True, kw_only=True)
class StageCells:
    """Add a chunk of cells to a patient being imported.

    Attributes:
        patient: The patient's code.
        site: Name of the site, or the empty string.
        cells: Their crops are in ``crops.db`` already.
        first: True for the patient's first chunk, which begins the patient.
    """

    patient: str
    site: str
    cells: tuple[NewCell, ...]
    first: bool

    def apply(self, context: Context) -> Changes:
        """Write the cells where no read looks; there is nothing to record yet."""
        tx = context.tx
        staged = (
            tx.stage_patient(self.patient, self.site)
            if self.first
            else tx.staged_patient(self.patient)
        )
        tx.stage_cells(staged, self.cells)
        return Changes(Kind.NONE)


@dataclass(frozen=True, kw_only=True)
class FinishPatient:
    """Make the staged cells of a patient visible, and record the import with its digest.

    Attributes:
        patient: The patient's code.
        source: Name of the folder or file they came from, without its place.
    """

    patient: str
    source: str

    def apply(self, context: Context) -> Changes:
        """Move the cells and append the event."""
        tx = context.tx
        imported = tx.finish_patient(tx.staged_patient(self.patient))
        event = tx.append_event(
            context.reader,
            EventType.PATIENT_IMPORTED,
            {**imported.payload(), "source": self.source},
            cell_ids=imported.cell_ids,
        )
        text = f"Imported {counted(len(imported.cell_ids), 'cell')} of patient {self.patient}"
        return Changes(Kind.PATIENTS, (), event.seq, text)


@dataclass(frozen=True)
class DropUnfinishedPatients:
    """Remove the staged cells of an import that was cancelled or failed.

    The import's generator must be closed by then. While another program imports into the same
    workspace nothing is removed; the next opening of the workspace sweeps.
    """

    def apply(self, context: Context) -> Changes:
        """Remove them; nobody has seen them, so there is nothing to record."""
        context.tx.drop_unfinished()
        return Changes(Kind.NONE)
