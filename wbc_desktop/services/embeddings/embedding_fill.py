"""Fills the store of embeddings: as a classification passes by, or on demand where it is missing.

``store_embeddings`` stores what a classification has seen anyway; ``fill`` computes the rest. Both
run in a worker and write some thousand cells at a time. What is finished stays when either is
broken off.
"""

import logging
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inference.predictor import Predictor
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
from wbc_desktop.services.inference.classify import BATCH_SIZE, ClassifyStep, classify
from wbc_desktop.store.embeddings import EmbeddingBatch, EmbeddingStore, crop_keys
from wbc_desktop.store.records import CropRef
from wbc_desktop.store.workspace import Workspace

_CELLS_PER_FILE = 4096  # 11 MB; what a crash may cost
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FillStep:
    """How far the computing of embeddings has come.

    Attributes:
        done: Cells dealt with, those that cannot be read included.
        total: Cells asked for.
        unreadable: Cells so far whose crop cannot be read.
        rate: Cells per second.
        eta_s: Seconds that remain at this rate.
    """

    done: int
    total: int
    unreadable: int
    rate: float
    eta_s: float


def store_embeddings(
    steps: Generator[ClassifyStep], workspace: Workspace, predictor: Predictor
) -> Generator[ClassifyStep]:
    """Hand the steps of a classification on, and keep their embeddings.

    A disk that takes no embeddings does not stop the classification: they can be computed later.
    """
    store = EmbeddingStore(workspace.folder, predictor.embedding_sha256)
    writer = _EmbeddingWriter(store, predictor, workspace)
    with closing(steps):
        try:
            for step in steps:
                _add_or_log(writer, step)
                yield step
        finally:
            try:
                writer.flush()
            except UserError as error:
                _log.warning("Embeddings were not kept: %s", error)


def fill(
    workspace: Workspace,
    predictor: Predictor,
    embeddings: WorkspaceEmbeddings,
    cell_ids: Sequence[int] | NDArray[np.int64],
) -> Generator[FillStep]:
    """Compute the embeddings of cells; what is finished stays when it is broken off.

    Cells that share a crop and a scale are computed once.

    Args:
        workspace: Where the cells live.
        predictor: The model whose embeddings they are.
        embeddings: Takes them; its damaged files are deleted first.
        cell_ids: The cells, as a rule those that ``missing`` names.

    Raises:
        UserError: If they cannot be stored.
    """
    embeddings.drop_damaged()
    writer = _EmbeddingWriter(embeddings.store, predictor, workspace)
    ids = [int(cell_id) for cell_id in cell_ids]
    done = unreadable = 0
    try:
        for start in range(0, len(ids), _CELLS_PER_FILE):
            alike = _by_crop(
                workspace.catalogue.cells.crop_refs(ids[start : start + _CELLS_PER_FILE])
            )
            steps = classify(workspace, predictor, [*alike], batch_size=BATCH_SIZE)
            with closing(steps):
                for step in steps:
                    writer.add(*_with_duplicates(step, alike))
                    done += sum(len(alike[cell]) for cell in step.batch.cell_ids)
                    lost = sum(len(alike[cell.cell_id]) for cell in step.skipped)
                    done, unreadable = done + lost, unreadable + lost
                    yield _fill_step(step, done, unreadable, total=len(ids))
    finally:
        writer.flush()


def fill_text(cells: int, seconds: float, unreadable: int) -> str:
    """Return in one sentence what a filling has done."""
    text = f"Computed the embeddings of {counted(cells, 'cell')} in {seconds:.1f} s."
    if unreadable:
        text += f" {counted(unreadable, 'crop')} could not be read."
    return text


class _EmbeddingWriter:
    """Collects embeddings and writes them some thousand at a time."""

    def __init__(self, store: EmbeddingStore, predictor: Predictor, workspace: Workspace) -> None:
        self._store = store
        self._predictor = predictor
        self._workspace = workspace
        self._ids: list[NDArray[np.int64]] = []
        self._embedding: list[NDArray[np.float16]] = []
        self._reduced: list[NDArray[np.float16]] = []

    def add(self, cell_ids: Sequence[int], embedding: NDArray[np.float32]) -> None:
        """Take the embeddings of some cells, float32 (n, d)."""
        if not len(cell_ids):
            return
        self._ids.append(np.array(cell_ids, np.int64))
        self._embedding.append(_float16(embedding))
        self._reduced.append(_float16(self._predictor.reduced(embedding)))
        if sum(map(len, self._ids)) >= _CELLS_PER_FILE:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        if not self._ids:
            return
        ids = np.concatenate(self._ids)
        seen = self._workspace.catalogue.cells.crop_refs(ids.tolist())
        batch = EmbeddingBatch(
            ids,
            crop_keys([ref.image_sha256 for ref in seen], [ref.um_per_px for ref in seen]),
            embedding=np.concatenate(self._embedding),
            reduced=np.concatenate(self._reduced),
        )
        self._ids, self._embedding, self._reduced = [], [], []
        self._store.add(batch)


def _add_or_log(writer: _EmbeddingWriter, step: ClassifyStep) -> None:
    try:
        writer.add(step.batch.cell_ids, step.embedding)
    except UserError as error:
        _log.warning("Embeddings were not kept: %s", error)


def _float16(values: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return float16 of the same shape; what is too large for it becomes the largest there is."""
    limit = float(np.finfo(np.float16).max)
    return np.clip(values, -limit, limit).astype(np.float16)


def _by_crop(refs: Iterable[CropRef]) -> dict[int, list[int]]:
    """Return the cells that share crop and scale, by the first of them."""
    first: dict[tuple[str, float | None], int] = {}
    alike: dict[int, list[int]] = {}
    for ref in refs:
        one = first.setdefault((ref.image_sha256, ref.um_per_px), ref.cell_id)
        alike.setdefault(one, []).append(ref.cell_id)
    return alike


def _with_duplicates(
    step: ClassifyStep, alike: dict[int, list[int]]
) -> tuple[list[int], NDArray[np.float32]]:
    """Return every cell of a step with its embedding, those that share a crop too."""
    counts = [len(alike[cell]) for cell in step.batch.cell_ids]
    cells = [each for cell in step.batch.cell_ids for each in alike[cell]]
    return cells, np.repeat(step.embedding, counts, axis=0)


def _fill_step(step: ClassifyStep, done: int, unreadable: int, *, total: int) -> FillStep:
    return FillStep(
        done=done,
        total=total,
        unreadable=unreadable,
        rate=step.rate,
        eta_s=(total - done) / max(step.rate, 1e-9),
    )
