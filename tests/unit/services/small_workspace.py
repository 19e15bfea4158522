"""A small real workspace for tests of exports, labels and inference: drawn crops, no network."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.taxonomy.classes import Taxonomy, taxonomy_v1
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.records import NewCell
from wbc_desktop.store.workspace import Workspace

TAXONOMY: Taxonomy = taxonomy_v1()


@dataclass(frozen=True)
class ImportCells:
    """A system command that imports cells whose crops are in the store already."""

    patient: str
    cells: tuple[NewCell, ...]
    site: str = ""

    def apply(self, context: Context) -> Changes:
        staged = context.tx.stage_patient(self.patient, self.site)
        context.tx.stage_cells(staged, self.cells)
        imported = context.tx.finish_patient(staged)
        event = context.tx.append_event(
            context.reader,
            EventType.PATIENT_IMPORTED,
            imported.payload(),
            cell_ids=imported.cell_ids,
        )
        return Changes(Kind.PATIENTS, (), event.seq, "Imported")


def crop_bytes(number: int, *, side: int = 40) -> bytes:
    """A PNG of a violet disc on pink, different for each number."""
    y, x = np.mgrid[:side, :side] - side / 2
    pixels = np.full((side, side, 3), (235, 205, 215), np.uint8)
    pixels[x * x + y * y < (side / 4) ** 2] = (110, 60, 140)
    pixels[0, 0] = (number % 256, number // 256 % 256, 7)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def new_workspace(folder: Path, *, reader: str = "Tester") -> Session:
    """An empty workspace and its session."""
    return Session(Workspace.open(folder, create=True), reader=reader, taxonomy=TAXONOMY)


def add_cells(
    session: Session,
    numbers: Iterable[int],
    *,
    patient: str = "P-1",
    slide: str = "slide 1",
    site: str = "",
    paths: Sequence[str] | None = None,
) -> tuple[int, ...]:
    """Import drawn crops; returns their row ids in order."""
    numbers = list(numbers)
    known = session.workspace.catalogue.patients.all()
    before = sum(p.n_cells for p in known if p.code == patient)
    cells = tuple(
        NewCell(
            slide=slide,
            image_path=paths[i] if paths else f"{slide}/{number:03d}.png",
            image_sha256=session.workspace.crops.add(crop_bytes(number)).sha256,
        )
        for i, number in enumerate(numbers)
    )
    session.record(ImportCells(patient, cells, site))
    ids = [
        cell.id for cell in session.workspace.catalogue.cells.all() if cell.patient_code == patient
    ]
    assert len(ids) == before + len(cells)
    return tuple(sorted(ids)[before:])


def predict(
    session: Session,
    cells: Sequence[int],
    labels: Sequence[str],
    *,
    prob: float = 0.9,
    model_sha256: str = "ab" * 32,
) -> None:
    """Store predictions that give each cell its label with this probability."""
    leaves = TAXONOMY.leaves
    probs = np.full((len(cells), len(leaves)), (1 - prob) / (len(leaves) - 1), np.float32)
    for row, label in enumerate(labels):
        probs[row, leaves.index(label)] = prob
    batch = PredictionBatch(
        model_id="drawn-model",
        model_sha256=model_sha256,
        cell_ids=tuple(cells),
        probs=probs,
        scale_source=np.zeros(len(cells), np.uint8),
        pred_set=probs == probs.max(axis=1, keepdims=True),
        ood_score=np.full(len(cells), 0.25, np.float32),
        appearance=np.zeros((len(cells), 2), np.float32),
    )
    session.record(StorePredictions(batch))
