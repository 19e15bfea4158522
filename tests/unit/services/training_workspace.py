"""A workspace whose labelled cells have real embeddings: those of the shipped replay memory.

So a job learns something, without a crop of a patient and without a run of the network.
"""

from pathlib import Path

import numpy as np

from model.artifacts.card import read_card
from model.artifacts.replay_memory import load_replay
from tests.unit.services.small_workspace import add_cells, new_workspace, predict
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.models.registry import base_folder, base_ref
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.embeddings import EmbeddingBatch, EmbeddingStore, crop_keys

LABELS = ("lymphocyte", "monocyte", "eosinophil", "neutrophil_segmented")


def with_cells(
    folder: Path, *, n: int = 24, patients: int = 4, site: str = "", more: int = 0
) -> tuple[Session, list[int]]:
    """A workspace of classified cells with embeddings, none labelled.

    Args:
        folder: Of the workspace.
        n: Cells of each patient.
        patients: How many.
        site: Of all of them.
        more: Cells of one more patient, of a site called elsewhere.
    """
    session = new_workspace(folder)
    cells: list[int] = []
    for number in range(patients):
        first = number * n
        cells += add_cells(session, range(first, first + n), patient=f"P-{number}", site=site)
    if more:
        first = patients * n
        cells += add_cells(session, range(first, first + more), patient="P-x", site="elsewhere")
    predict(session, cells, [LABELS[row % 4] for row in range(len(cells))])
    keep_embeddings(session, cells)
    return session, cells


def keep_embeddings(session: Session, cells: list[int]) -> None:
    """Give the cells embeddings: the row r one of the class LABELS[r % 4]."""
    replay = load_replay(base_folder(), read_card(base_folder()))
    names = np.array(replay.label_names)
    rows = [np.flatnonzero(names == label) for label in LABELS]
    chosen = [int(rows[r % 4][(r // 4) % len(rows[r % 4])]) for r in range(len(cells))]
    refs = session.workspace.catalogue.cells.crop_refs(cells)
    EmbeddingStore(session.workspace.folder, base_ref().sha256).add(
        EmbeddingBatch(
            np.array(cells, np.int64),
            crop_keys([ref.image_sha256 for ref in refs], [ref.um_per_px for ref in refs]),
            embedding=replay.embedding[chosen].astype(np.float16),
            reduced=np.ones((len(cells), 4), np.float16),
        )
    )


def label(session: Session, cells: list[int], *, mode: ReviewMode = ReviewMode.SINGLE) -> None:
    """Label cells as their embeddings are of: the n-th cell as LABELS[n % 4]."""
    for row, class_id in enumerate(LABELS):
        chosen = tuple(cell for cell in cells if (cell - 1) % 4 == row)
        if chosen:
            session.do(Relabel(chosen, class_id, mode))
