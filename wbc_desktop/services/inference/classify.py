"""Classification: cells in, prediction batches out, on every core.

Each thread of a pool takes a few crops through the whole way: read, decode, prepare, network. On a
CPU that beats one network with many threads, because a few crops stay in the core's cache and no
core waits for another. Nothing here writes. Closing the generator cancels: what was handed out
stays recorded, the rest waits for the next call. To serve another kind of model, give it the
methods of ``model.inference.predictor.Predictor``.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.inference.predictor import (
    ModelFileError,
    ModelOutput,
    Predictor,
    find_model,
    preprocess,
)
from wbc_desktop import paths
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.records import CropRef
from wbc_desktop.store.workspace import Workspace

BATCH_SIZE = 64
_BATCHES_AHEAD = 2  # batches under way besides the one awaited: bounds the memory
_MAX_THREADS = 8
_CROPS_PER_RUN = {"onnx": 8, "torch": 64}
"""Crops per run of the network: few on a CPU (measured: 1.8 ms a crop for 8, 2.8 ms for 64)."""


@dataclass(frozen=True, kw_only=True)
class SkippedCell:
    """A cell that could not be classified.

    Attributes:
        cell_id: The cell.
        reason: Why, in the user's words.
    """

    cell_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClassifyStep:
    """One batch of predictions and how far the whole has come.

    Attributes:
        batch: To be recorded; its arrays may be empty where every crop was skipped.
        embedding: float32 (n, d), what the network saw of each cell of the batch.
        skipped: Cells of this batch that could not be decoded.
        done: Cells dealt with so far, skipped ones included.
        total: Cells asked for.
        rate: Cells per second so far.
        eta_s: Seconds that remain at this rate.
    """

    batch: PredictionBatch
    embedding: NDArray[np.float32]
    skipped: tuple[SkippedCell, ...]
    done: int
    total: int
    rate: float
    eta_s: float


def open_predictor(taxonomy: Taxonomy, *, folder: Path | None = None) -> Predictor:
    """Load a model: the shipped one unless a folder is named.

    Args:
        taxonomy: Its leaves must be the classes of the model, in the same order.
        folder: A model folder with a card.json; what it lies over is the shipped model.

    Raises:
        UserError: If the model is missing, damaged or made for other classes.
    """
    try:
        base = find_model(paths.models_dir())
        # One thread for each run: the pool of ``classify`` has the cores.
        predictor = Predictor.open(folder or base, base=base, threads=1)
    except (ModelFileError, FileNotFoundError) as error:
        raise UserError(
            "The model cannot be loaded", str(error), "Install WBC Desktop again."
        ) from error
    if tuple(predictor.classes) != taxonomy.leaves:
        raise UserError(
            "The model was made for other cell classes",
            f"{predictor.model_id} against taxonomy {taxonomy.version}",
            "Choose a model that was trained for this taxonomy.",
        )
    return predictor


def classify(
    workspace: Workspace,
    predictor: Predictor,
    cell_ids: Sequence[int],
    *,
    batch_size: int = BATCH_SIZE,
) -> Generator[ClassifyStep]:
    """Classify cells in the order given, one batch per step.

    Args:
        workspace: Where the cells live; only read, from several threads.
        predictor: The model.
        cell_ids: The cells.
        batch_size: Cells per step.

    Yields:
        One step per batch; a crop that cannot be decoded is skipped and named in its step.
    """
    done = 0
    started = time.perf_counter()
    batches = _batches_of_runs(workspace, predictor, cell_ids, batch_size=batch_size)
    with closing(batches):
        for runs in batches:
            batch = _joined(predictor, runs)
            skipped = tuple(cell for run in runs for cell in run.skipped)
            done += len(batch.cell_ids) + len(skipped)
            rate = done / max(time.perf_counter() - started, 1e-9)
            output = [run.output.embedding for run in runs if run.output is not None]
            yield ClassifyStep(
                batch=batch,
                embedding=np.concatenate(output) if output else np.empty((0, 0), np.float32),
                skipped=skipped,
                done=done,
                total=len(cell_ids),
                rate=rate,
                eta_s=(len(cell_ids) - done) / rate,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _NetworkRun:
    """What one run of the network said of some cells; None where no crop could be read."""

    cell_ids: tuple[int, ...]
    output: ModelOutput | None
    skipped: tuple[SkippedCell, ...]


def _batches_of_runs(
    workspace: Workspace, predictor: Predictor, cell_ids: Sequence[int], *, batch_size: int
) -> Generator[list[_NetworkRun]]:
    """Yield the runs of each batch in order, the next batches being under way meanwhile."""
    catalogue = workspace.catalogue
    size = _CROPS_PER_RUN[predictor.engine_name]
    # ONNX Runtime may be run from many threads at once; a GPU is given one run after the other.
    turn = nullcontext() if predictor.engine_name == "onnx" else threading.Lock()
    threads = min(os.cpu_count() or 1, _MAX_THREADS)
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="classify")
    waiting: deque[list[Future[_NetworkRun]]] = deque()
    try:
        for start in range(0, len(cell_ids), batch_size):
            refs = catalogue.cells.crop_refs(cell_ids[start : start + batch_size])
            waiting.append(
                [
                    pool.submit(_classified, predictor, workspace.crops, refs[i : i + size], turn)
                    for i in range(0, max(len(refs), 1), size)
                ]
            )
            if len(waiting) > _BATCHES_AHEAD:
                yield [future.result() for future in waiting.popleft()]
        while waiting:
            yield [future.result() for future in waiting.popleft()]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _classified(
    predictor: Predictor,
    crops: CropStore,
    refs: Sequence[CropRef],
    turn: AbstractContextManager[object],
) -> _NetworkRun:
    ready: list[int] = []
    pixels: list[NDArray[np.uint8]] = []
    sources: list[int] = []
    skipped: list[SkippedCell] = []
    for ref in refs:
        try:
            crop = decode(crops.encoded(ref.image_sha256), name=ref.image_sha256)
        except UserError as error:
            skipped.append(SkippedCell(cell_id=ref.cell_id, reason=str(error)))
            continue
        prepared, source = preprocess(crop, ref.um_per_px)
        ready.append(ref.cell_id)
        pixels.append(prepared)
        sources.append(int(source))
    output = None
    if pixels:
        with turn:
            output = predictor.predict_prepared(np.stack(pixels), np.array(sources, np.uint8))
    return _NetworkRun(cell_ids=tuple(ready), output=output, skipped=tuple(skipped))


def _joined(predictor: Predictor, runs: Sequence[_NetworkRun]) -> PredictionBatch:
    output = [run.output for run in runs if run.output is not None]
    k = len(predictor.classes)
    # The empty array in front gives the columns their widths where every crop was skipped.
    width = output[0].appearance.shape[1] if output else 0
    return PredictionBatch(
        model_id=predictor.model_id,
        model_sha256=predictor.model_sha256,
        cell_ids=tuple(cell for run in runs for cell in run.cell_ids),
        probs=np.concatenate([np.empty((0, k), np.float32), *(b.probs for b in output)]),
        scale_source=np.concatenate([np.empty(0, np.uint8), *(b.scale_source for b in output)]),
        pred_set=np.concatenate([np.empty((0, k), np.bool_), *(b.pred_set for b in output)]),
        ood_score=np.concatenate([np.empty(0, np.float32), *(b.ood_score for b in output)]),
        appearance=np.concatenate(
            [np.empty((0, width), np.float32), *(b.appearance for b in output)]
        ),
    )
