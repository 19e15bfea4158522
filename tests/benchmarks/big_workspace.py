"""A workspace of a million cells on disk: rendered crops, used again and again by reference.

Everything goes through the program's own writes: import, predictions in batches of 64 with their
events, and some reviews; only that it happens in few transactions. A workspace once built is kept
in ``runs/`` under its number of cells and the revision of its schema, the crops beside it. Building
takes minutes and is part of no figure.
"""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.rendering.renderer import DEMO_MIX, SITES, render_patient
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.inference.classify import BATCH_SIZE
from wbc_desktop.services.session.commands import Context, Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.crops import prepare
from wbc_desktop.store.records import NewCell
from wbc_desktop.store.schema import REVISIONS
from wbc_desktop.store.workspace import Workspace

N_CROPS = 2048
N_PATIENTS = 16
SLIDES_EACH = 4
N_REVIEWED = 20_000
MODEL = "rendered-predictions"
_RUNS = Path("runs") / "gallery"
_CHUNK = 1 << 16


def big_workspace(n: int) -> Path:
    """Return the folder of a workspace with ``n`` cells, built if it is not there."""
    folder = _RUNS / f"{n}-cells-{REVISIONS[-1]}"
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _build(draft, n)
        draft.rename(folder)
    return folder


def _build(folder: Path, n: int) -> None:
    with Workspace.open(folder, create=True) as workspace:
        crops = _store_crops(workspace)
        print(f"{len(crops):,} crops stored")
        session = Session(workspace, reader="Ada", taxonomy=taxonomy_v1())
        _import_cells(session, crops, n)
        _predict(session, crops, n)
        for reader, first in (("Ada", 1), ("Bo", n // 2)):
            session.set_reader(reader)
            some = tuple(range(first, min(first + N_REVIEWED // 2, n + 1)))
            session.do(Relabel(cell_ids=some, label="lymphocyte", mode=ReviewMode.BULK))
    print(f"{n:,} cells in {folder}")


def _store_crops(workspace: Workspace) -> list[tuple[str, str]]:
    """Store the crops; return class and sha256 of each."""
    found = []
    for path in _rendered():
        crop = prepare(path.read_bytes(), name=path.name)
        workspace.crops.add_many([crop])
        found.append((path.stem.split("-")[1], crop.stored.sha256))
    return found


def _rendered() -> list[Path]:
    """Return the crops as files ``number-class.jpg``, rendered if they are not there."""
    folder = _RUNS / f"{N_CROPS}-crops"
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.part")
        draft.mkdir(parents=True, exist_ok=True)
        for i, (class_id, jpeg) in enumerate(
            render_patient(SITES["demo"], DEMO_MIX, N_CROPS, seed=3)
        ):
            (draft / f"{i:04d}-{class_id}.jpg").write_bytes(jpeg)
        draft.rename(folder)
    return sorted(folder.glob("*.jpg"))


def _import_cells(session: Session, crops: list[tuple[str, str]], n: int) -> None:
    scale = SITES["demo"].um_per_px
    bounds = np.linspace(0, n, N_PATIENTS + 1).astype(int)
    for number, (first, stop) in enumerate(pairwise(bounds.tolist())):
        per_slide = -(-(stop - first) // SLIDES_EACH)
        cells = (
            NewCell(
                f"slide-{1 + (i - first) // per_slide}",
                f"cells/{i:07d}.jpg",
                crops[i % N_CROPS][1],
                source_label=None,
                um_per_px=scale,
            )
            for i in range(first, stop)
        )
        with session.workspace.atomic() as tx:
            staged = tx.stage_patient(f"P-{number + 1:04d}", "Rendered")
            tx.stage_cells(staged, cells)
            done = tx.finish_patient(staged)
            tx.append_event(
                "Ada", EventType.PATIENT_IMPORTED, done.payload(), cell_ids=done.cell_ids
            )
        print(f"patient {number + 1} of {N_PATIENTS}")


def _predict(session: Session, crops: list[tuple[str, str]], n: int) -> None:
    leaves = session.taxonomy.leaves
    truth = np.array([leaves.index(class_id) for class_id, _ in crops])
    for start in range(0, n, _CHUNK):
        with session.workspace.atomic() as tx:
            context = Context(tx=tx, taxonomy=session.taxonomy, reader="Ada")
            for batch in _batches(truth, len(leaves), start, min(start + _CHUNK, n)):
                StorePredictions(batch).apply(context)
        print(f"{min(start + _CHUNK, n):,} cells predicted")


def _batches(
    truth: NDArray[np.int64], n_leaves: int, start: int, stop: int
) -> Iterator[PredictionBatch]:
    """Yield what a fair model might say: mostly right, mostly sure, sometimes neither."""
    rng = np.random.default_rng(start)
    rows = np.arange(start, stop)
    logits = rng.normal(0, 1.2, (len(rows), n_leaves)).astype(np.float32)
    sure = rng.gamma(4, 1.6, len(rows))
    logits[np.arange(len(rows)), truth[rows % N_CROPS]] += sure
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    sets = (probs > 0.08) | (probs == probs.max(axis=1, keepdims=True))
    ood = rng.random(len(rows), np.float32)
    appearance = rng.random((len(rows), 12), np.float32)
    for first in range(0, len(rows), BATCH_SIZE):
        here = slice(first, first + BATCH_SIZE)
        yield PredictionBatch(
            model_id=MODEL,
            model_sha256="5c" * 32,
            cell_ids=tuple((rows[here] + 1).tolist()),
            probs=probs[here],
            scale_source=np.zeros(len(rows[here]), np.uint8),
            pred_set=sets[here],
            ood_score=ood[here],
            appearance=appearance[here],
        )
