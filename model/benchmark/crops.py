"""The benchmark's crops: decoded once per way of preparing them, and kept in one file."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from model.benchmark.rendered_sites import SITE_OF, draw
from model.data.crop_set import (
    CACHE_SIZE,
    CONTEXT,
    CropSet,
    Record,
    assemble,
    load_crop,
    read_manifest,
    rendered_records,
)
from model.data.scale import Window, cut, find_window
from model.data.stain import standard_stain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

RENDERED_SEED: Final = 20
CHUNK: Final = 256
# Sources whose cells take a small part of a wide crop: px of the central square to take.
CENTRAL_SIDE: Final = MappingProxyType({"barcelona_pbc": 220})


def prepare(record: Record, root: Path, *, window: str) -> NDArray[np.uint8]:
    """Cut one crop, with room around its window: uint8 (s, s, 3), s = `CACHE_SIZE`.

    Args:
        record: the crop.
        root: the data folder.
        window: "estimated", or "whole" for the crop as its source cut it.
    """
    crop = draw(record) if record.domain in SITE_OF else load_crop(record, root)[0]
    found = find_window(crop)
    if window == "whole":
        height, width = crop.shape[:2]
        side = CENTRAL_SIDE.get(record.domain, min(height, width))
        found = Window(width / 2, height / 2, float(side), found.source)
    return cut(crop, replace(found, side=found.side * CONTEXT), size=CACHE_SIZE)


def benchmark_records(root: Path, *, rendered_per_class: int) -> list[Record]:
    """Name every real crop of the data folder and the rendered cells beside them."""
    return read_manifest(root) + rendered_records(rendered_per_class, seed=RENDERED_SEED)


def load_crops(
    records: Sequence[Record],
    root: Path,
    cache: Path,
    *,
    window: str,
    stain: str,
    pool: str = "data",
) -> NDArray[np.uint8]:
    """Return all crops in the order of the records: uint8 (n, s, s, 3).

    Args:
        records: see `benchmark_records` and `model.benchmark.rendered_sites.site_records`.
        root: the data folder.
        cache: folder for the prepared crops; made if missing. Delete it when the data change.
        window: see `prepare`.
        stain: "as_is" or "standard".
        pool: as in `model.benchmark.protocols.Fold`; each has files of its own.

    Raises:
        ValueError: the cache holds crops of other data.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / (f"{window}.npy" if pool == "data" else f"{pool}-{window}.npy")
    if not path.exists():
        with ThreadPoolExecutor(2) as workers:
            crops = list(workers.map(lambda record: prepare(record, root, window=window), records))
        save_whole(path, np.stack(crops))
    stacked: NDArray[np.uint8] = np.load(path, mmap_mode="c")  # shared until written to
    if len(stacked) != len(records):
        raise ValueError(f"{path} was made from other data; delete it")
    if stain == "standard":
        for begin in range(0, len(stacked), CHUNK):
            part = torch.from_numpy(stacked[begin : begin + CHUNK])
            stacked[begin : begin + CHUNK] = standard_stain(part).numpy()
    return stacked


def save_whole(path: Path, crops: NDArray[np.uint8]) -> None:
    """Write a file of the cache whole or not at all, though another process may be at it too."""
    partial = path.with_suffix(f".{os.getpid()}.partial.npy")
    np.save(partial, crops)
    partial.replace(path)


def subset(
    crops: NDArray[np.uint8],
    records: Sequence[Record],
    rows: NDArray[np.intp],
    *,
    absent_weight: float,
) -> CropSet:
    """Take some of the crops with their labels."""
    chosen = [records[row] for row in rows]
    return assemble(list(crops[rows]), chosen, absent_weight=absent_weight)
