"""Training data: the manifest, and crops decoded once and held in memory.

A manifest is a CSV file with at least path, domain and class, beside the images it names; see
`model.data.domains` for what a domain is. Rendered cells join as one more domain, whose paths name
the class and the seed they are drawn from.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from model.data.domains import DOMAINS, RENDERED, presence
from model.data.scale import cut, find_window, preprocess
from model.hierarchy import LEAVES, PARENTS, leaf_mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

CONTEXT: Final = 1.3  # cached training crops show this many windows, so that augmenting has room
CACHE_SIZE: Final = 168  # px, their side; 168 / 1.3 is about the network's input


@dataclass(frozen=True)
class Record:
    """One labelled crop of a training domain.

    Attributes:
        path: relative to the data folder, forward slashes; for rendered cells rendered/CLASS/SEED.
        domain: a key of `model.data.domains.DOMAINS`.
        label: a leaf or parent.
    """

    path: str
    domain: str
    label: str

    @property
    def group(self) -> str:
        """Crops of one group never fall on two sides of the split."""
        if self.domain == "bccd":  # BloodImage_00012_3.jpg is the third crop of field 12
            return self.path.rsplit("/", 1)[-1].rsplit("_", 1)[0]
        return self.path


def read_manifest(root: Path) -> list[Record]:
    """Read `manifest.csv` of a data folder; domains this library does not know are refused.

    Raises:
        OSError: there is a manifest that cannot be read.
        ValueError: there is none, a column is missing, or a domain or class is unknown.
    """
    path = root / "manifest.csv"
    if not path.is_file():
        raise ValueError(f"{path} is missing; --data takes the folder that holds manifest.csv")
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        if absent := {"path", "domain", "class"} - set(table.fieldnames or ()):
            raise ValueError(f"{path} lacks the columns {', '.join(sorted(absent))}")
        records = [Record(r["path"], r["domain"], r["class"]) for r in table]
    if unknown := {record.domain for record in records} - set(DOMAINS):
        raise ValueError(f"{path} names unknown domains: {', '.join(sorted(unknown))}")
    if unknown := {record.label for record in records} - {*LEAVES, *PARENTS}:
        raise ValueError(f"{path} names unknown classes: {', '.join(sorted(unknown))}")
    return records


def rendered_records(per_class: int, *, seed: int) -> list[Record]:
    """Name rendered cells: the same number of every leaf, each with a seed of its own."""
    first = seed * 1_000_000
    return [
        Record(f"{RENDERED}/{leaf}/{first + column * 10_000 + index}", RENDERED, leaf)
        for column, leaf in enumerate(LEAVES)
        for index in range(per_class)
    ]


def load_crop(record: Record, root: Path) -> tuple[NDArray[np.uint8], float | None]:
    """Decode or render one crop: uint8 (h, w, 3), sRGB, and its µm per px where known."""
    if record.domain != RENDERED:
        with Image.open(root / record.path) as image:
            return np.asarray(image.convert("RGB")), DOMAINS[record.domain].um_per_px
    from model.rendering.renderer import random_site, render_crop

    rng = np.random.default_rng(int(record.path.rsplit("/", 1)[-1]))
    site = random_site(rng)
    return render_crop(record.label, site, rng), site.um_per_px


@dataclass(frozen=True)
class CropSet:
    """Decoded crops with their labels.

    Attributes:
        crops: uint8 (n, s, s, 3), sRGB; s is the network's input for evaluation, or `CACHE_SIZE`
            with `CONTEXT` around the window for training.
        records: n, in the same order.
        target: bool (n, k), the leaves of each label.
        presence: float32 (n, k), how much each leaf counts as a rival.
    """

    crops: NDArray[np.uint8]
    records: tuple[Record, ...]
    target: NDArray[np.bool_]
    presence: NDArray[np.float32]


def training_views(record: Record, root: Path) -> list[NDArray[np.uint8]]:
    """Decode a crop and keep its window with room around it for augmentation.

    Where the scale is known there are two views, by the known window and by the estimated one,
    so that the network serves users who give µm per pixel and those who do not.
    """
    crop, um_per_px = load_crop(record, root)
    windows = [find_window(crop)] + ([find_window(crop, um_per_px)] if um_per_px else [])
    return [cut(crop, replace(w, side=w.side * CONTEXT), size=CACHE_SIZE) for w in windows]


def load_training_set(
    records: Sequence[Record], root: Path, *, absent_weight: float, workers: int = 2
) -> CropSet:
    """Decode crops for training; see `training_views`."""
    with ThreadPoolExecutor(workers) as pool:
        views = list(pool.map(lambda record: training_views(record, root), records))
    return assemble(
        [view for own in views for view in own],
        [record for record, own in zip(records, views, strict=True) for _ in own],
        absent_weight=absent_weight,
    )


def load_evaluation_set(
    records: Sequence[Record], root: Path, *, known_scale: bool = False, workers: int = 2
) -> CropSet:
    """Decode crops exactly as the application shows them to the network."""

    def view(record: Record) -> NDArray[np.uint8]:
        crop, um_per_px = load_crop(record, root)
        return preprocess(crop, um_per_px if known_scale else None)[0]

    with ThreadPoolExecutor(workers) as pool:
        crops = list(pool.map(view, records))
    return assemble(crops, records, absent_weight=0.0)


def assemble(
    crops: Sequence[NDArray[np.uint8]], records: Sequence[Record], *, absent_weight: float
) -> CropSet:
    """Stack crops of one size and attach the label masks of their domains."""
    labels: dict[str, set[str]] = defaultdict(set)
    for record in records:
        labels[record.domain].add(record.label)
    rivals = {
        domain: presence(DOMAINS[domain], names, absent_weight=absent_weight)
        for domain, names in labels.items()
    }
    return CropSet(
        crops=np.stack(crops),
        records=tuple(records),
        target=leaf_mask([record.label for record in records]),
        presence=np.stack([rivals[record.domain] for record in records]),
    )


def sampling_weights(
    records: Sequence[Record], *, domain_weights: Mapping[str, float], class_power: float
) -> NDArray[np.float64]:
    """Probability of drawing each crop, so that batches balance domains and classes.

    A domain gets its share of the batch, a class within it a share in proportion to
    count ** class_power (0: all classes alike, 1: as they come), a crop an equal part of that.

    Args:
        records: n crops.
        domain_weights: share per domain; a domain left out is never drawn.
        class_power: in 0..1.

    Returns:
        float64 (n,), sums to 1.
    """
    count = Counter((record.domain, record.label) for record in records)
    domain_total: dict[str, float] = defaultdict(float)
    for (domain, _), n in count.items():
        domain_total[domain] += n**class_power
    weights = np.array(
        [
            domain_weights.get(r.domain, 0.0)
            * count[r.domain, r.label] ** (class_power - 1.0)
            / domain_total[r.domain]
            for r in records
        ]
    )
    normalised: NDArray[np.float64] = weights / weights.sum()
    return normalised
