"""Workspaces for tests: real files with a few cells, imported and classified as the program does.

The crops themselves are not there: no test that uses this looks at a picture.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.records import NewCell
from wbc_desktop.store.workspace import Workspace

TAXONOMY = taxonomy_v1()
MODEL_SHA = "ab" * 32


@dataclass(frozen=True)
class ImportCells:
    """Import all cells of one patient in one go."""

    code: str
    cells: tuple[NewCell, ...]
    site: str = ""

    def apply(self, context: Context) -> Changes:
        staged = context.tx.stage_patient(self.code, self.site)
        context.tx.stage_cells(staged, self.cells)
        done = context.tx.finish_patient(staged)
        event = context.tx.append_event(
            context.reader,
            EventType.PATIENT_IMPORTED,
            done.payload(),
            cell_ids=done.cell_ids,
        )
        return Changes(Kind.PATIENTS, (), event.seq, f"Imported {self.code}")


def new_cell(name: str, *, slide: str = "slide 1", um_per_px: float | None = None) -> NewCell:
    """Return a cell whose image has a digest of its own."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return NewCell(slide, name, sha256, source_label=None, um_per_px=um_per_px)


def cells(n: int, *, prefix: str = "cell") -> tuple[NewCell, ...]:
    """Return ``n`` different cells of one slide."""
    return tuple(new_cell(f"{prefix}_{i:05d}.png") for i in range(n))


def predictions(
    labels: Sequence[str], *, first: int = 1, p: float = 0.9, ood: float = 0.5
) -> StorePredictions:
    """Return the command that says what the model thinks of consecutive cells.

    Args:
        labels: A leaf for each cell.
        first: Row id of the first cell.
        p: Probability of that leaf; the rest is spread over the others.
        ood: OOD score of every cell.
    """
    k = len(TAXONOMY.leaves)
    probs = np.full((len(labels), k), (1 - p) / (k - 1), np.float32)
    for row, label in enumerate(labels):
        probs[row, TAXONOMY.leaves.index(label)] = p
    return StorePredictions(
        PredictionBatch(
            model_id="test-model",
            model_sha256=MODEL_SHA,
            cell_ids=tuple(range(first, first + len(labels))),
            probs=probs,
            scale_source=np.ones(len(labels), np.uint8),
            pred_set=probs == probs.max(axis=1, keepdims=True),
            ood_score=np.full(len(labels), ood, np.float32),
            appearance=np.tile(np.array([0.25, 0.5], np.float32), (len(labels), 1)),
        )
    )


def filled(folder: Path, *, n: int = 6, reader: str = "Ada") -> Session:
    """Return a session on a new workspace: patient P1 with ``n`` cells, called lymphocytes."""
    session = Session(Workspace.open(folder, create=True), reader=reader, taxonomy=TAXONOMY)
    session.record(ImportCells("P1", cells(n)))
    session.record(predictions(["lymphocyte"] * n))
    return session


def reopened(session: Session, *, reader: str | None = None) -> Session:
    """Close the workspace and open it again, as a restart does."""
    session.workspace.close()
    workspace = Workspace.open(session.workspace.folder)
    return Session(workspace, reader=reader or session.reader, taxonomy=session.taxonomy)
