"""The benchmark's crops: decoded or drawn once per way of preparing them, and kept in one file.

Protocol B's come from three rendered laboratories with published colours, scales and case mixes: a
controlled shift. The same renderer draws Matek-19, Acevedo-20 and MLL23 with each set's stain,
lamp, field of view and class counts, and nothing else differs. How near the colours come stands
in docs/rendered-cells.md. The counts are scaled down so that the rarest class of Matek-19 is a
single crop, which keeps its 566:1. Every class has further crops that are never trained on: a
source is calibrated on them, and a target scored on its whole case mix with them, so that each
class has enough to be scored.

These case mixes are not those of healthy blood (a fifth of Matek-19 are blasts), and the domains'
tissue is "rendered blood smear", which has no usual case mix: in B that step of a method does
nothing.

To add a laboratory: a row in `SITE_OF`, and its domain in `model.data.domains`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

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
from model.hierarchy import LEAVES
from model.rendering.renderer import render_crop
from model.rendering.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SITES_SEED: Final = 21
SIDE: Final = 192  # px drawn over the whole field of view of the site
HELD_OUT: Final = 20  # crops of each class that are never trained on
FIRST_HELD_OUT: Final = 1_000_000  # number of the first of them
RENDERED_SEED: Final = 20
CHUNK: Final = 256
# Sources whose cells take a small part of a wide crop: px of the central square to take.
CENTRAL_SIDE: Final = MappingProxyType({"barcelona_pbc": 220})


@dataclass(frozen=True)
class RenderedSite:
    """A laboratory of protocol B.

    Attributes:
        name: a key of `model.rendering.sites.SITES`.
        fewer: one crop is drawn for so many published ones, and at least one.
    """

    name: str
    fewer: int


SITE_OF: Final = MappingProxyType(
    {
        "rendered_matek": RenderedSite("matek", fewer=15),
        "rendered_acevedo": RenderedSite("acevedo", fewer=26),
        "rendered_mll": RenderedSite("mll", fewer=56),
    }
)


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
        records: see `benchmark_records` and `site_records`.
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


def site_records(*, shrink: int = 1) -> list[Record]:
    """Name the crops of the three laboratories, under 3000 together.

    Args:
        shrink: divides all counts once more, down to one; 1 outside of tests.
    """
    records = []
    for domain, site in SITE_OF.items():
        for label, published in SITES[site.name].case_mix.items():
            count = max(1, round(published / (site.fewer * shrink)))
            numbers = [*range(count)]
            numbers += range(FIRST_HELD_OUT, FIRST_HELD_OUT + max(1, HELD_OUT // shrink))
            records += [Record(f"{domain}/{label}/{number}", domain, label) for number in numbers]
    return records


def number_of(record: Record) -> int:
    """Return the number of a rendered crop, the last part of its path."""
    return int(record.path.rsplit("/", 1)[-1])


def draw(record: Record) -> NDArray[np.uint8]:
    """Draw one crop as its laboratory would have cut it: uint8 (192, 192, 3), sRGB.

    No two laboratories show the same cell.
    """
    number = [*SITE_OF].index(record.domain)
    seed = (SITES_SEED, number, LEAVES.index(record.label), number_of(record))
    site = SITES[SITE_OF[record.domain].name].resized(SIDE)
    return render_crop(record.label, site, np.random.default_rng(seed))


def split_rendered(
    records: Sequence[Record], source: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Part the sources' rows: (held out, training). No class of a site is without training crops.

    Args:
        records: of `site_records`.
        source: rows of the sources.
    """
    held_out = np.array([number_of(records[row]) >= FIRST_HELD_OUT for row in source])
    return source[held_out], source[~held_out]
