"""Classification: cells in, prediction batches out, while crops are decoded ahead of the network.

A pool of threads reads, decodes and prepares crops; the calling thread runs the network over one
batch at a time and hands the result out for the session to record. Nothing here writes. Closing
the generator cancels: what was handed out stays recorded, the rest waits for the next call. To
serve another kind of model, give it the methods of ``model.infer.Predictor``.
"""

import os
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.infer import ModelFileError, Predictor, find_model, preprocess
from wbc_desktop import paths
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.prediction import PredictionBatch
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.store.catalogue import Catalogue
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.records import CropRef
from wbc_desktop.store.workspace import Workspace

BATCH_SIZE = 64
_BATCHES_AHEAD = 2  # decoded crops that may wait: bounds the memory, hides the disk
_MAX_THREADS = 8


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
        skipped: Cells of this batch that could not be decoded.
        done: Cells dealt with so far, skipped ones included.
        total: Cells asked for.
        rate: Cells per second so far.
        eta_s: Seconds that remain at this rate.
    """

    batch: PredictionBatch
    skipped: tuple[SkippedCell, ...]
    done: int
    total: int
    rate: float
    eta_s: float


def open_predictor(taxonomy: Taxonomy, *, folder: Path | None = None) -> Predictor:
    """Load a model: the shipped one unless a folder is named.

    Args:
        taxonomy: Its leaves must be the classes of the model, in the same order.
        folder: A model folder with a card.json.

    Raises:
        UserError: If the model is missing, damaged or made for other classes.
    """
    try:
        predictor = Predictor.open(folder or find_model(paths.models_dir()))
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
        batch_size: Crops per pass through the network.

    Yields:
        One step per batch; a crop that cannot be decoded is skipped and named in its step.
    """
    done = 0
    started = time.perf_counter()
    batches = _prefetched(workspace.reader(), workspace.crops, cell_ids, batch_size)
    with closing(batches):
        for crops in batches:
            ready = [crop for crop in crops if isinstance(crop, _Prepared)]
            skipped = tuple(crop for crop in crops if isinstance(crop, SkippedCell))
            batch = _predict(predictor, ready)
            done += len(crops)
            rate = done / max(time.perf_counter() - started, 1e-9)
            yield ClassifyStep(
                batch=batch,
                skipped=skipped,
                done=done,
                total=len(cell_ids),
                rate=rate,
                eta_s=(len(cell_ids) - done) / rate,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A crop as the network takes it: pixels are uint8 (128, 128, 3)."""

    cell_id: int
    pixels: NDArray[np.uint8]
    scale_source: int


def _prefetched(
    catalogue: Catalogue, crops: CropStore, cell_ids: Sequence[int], batch_size: int
) -> Generator[list[_Prepared | SkippedCell]]:
    """Yield batches of prepared crops in order, the next ones being prepared meanwhile."""
    threads = min(os.cpu_count() or 1, _MAX_THREADS)
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="prepare-crops")
    waiting: deque[list[Future[_Prepared | SkippedCell]]] = deque()
    try:
        for start in range(0, len(cell_ids), batch_size):
            refs = catalogue.crop_refs(cell_ids[start : start + batch_size])
            waiting.append([pool.submit(_prepare, crops, ref) for ref in refs])
            if len(waiting) > _BATCHES_AHEAD:
                yield [future.result() for future in waiting.popleft()]
        while waiting:
            yield [future.result() for future in waiting.popleft()]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare(crops: CropStore, ref: CropRef) -> _Prepared | SkippedCell:
    try:
        pixels = decode(crops.encoded(ref.image_sha256), name=ref.image_sha256)
    except UserError as error:
        return SkippedCell(cell_id=ref.cell_id, reason=str(error))
    prepared, source = preprocess(pixels, ref.um_per_px)
    return _Prepared(cell_id=ref.cell_id, pixels=prepared, scale_source=int(source))


def _predict(predictor: Predictor, crops: Sequence[_Prepared]) -> PredictionBatch:
    sources = np.array([crop.scale_source for crop in crops], np.uint8)
    probs = np.empty((0, len(predictor.classes)), np.float32)
    if crops:
        pixels = np.stack([crop.pixels for crop in crops])
        probs = predictor.predict_prepared(pixels, sources).probs
    return PredictionBatch(
        model_id=predictor.model_id,
        model_sha256=predictor.model_sha256,
        cell_ids=tuple(crop.cell_id for crop in crops),
        probs=probs,
        scale_source=sources,
    )
