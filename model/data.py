"""Training data: the manifest, the split, and crops decoded once and held in memory.

A manifest is a CSV file with at least path, domain and class, beside the images it names; see
`model.domains` for what a domain is. Rendered cells join as one more domain, whose paths name
the class and the seed they are drawn from.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PIL import Image

from model.domains import DOMAINS, RENDERED, presence
from model.hierarchy import LEAVES, leaf_mask
from model.scale import cut, find_window, preprocess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.config import TrainConfig

SplitName = Literal["train", "val", "test"]
SPLIT_SHARES: Final = {"train": 0.70, "val": 0.15, "test": 0.15}
CONTEXT: Final = 1.3  # cached training crops show this many windows, so that augmenting has room
CACHE_SIZE: Final = 168  # px, their side; 168 / 1.3 is about the network's input


@dataclass(frozen=True)
class Record:
    """One labelled crop of a training domain.

    Attributes:
        path: relative to the data folder, forward slashes; for rendered cells rendered/CLASS/SEED.
        domain: a key of `model.domains.DOMAINS`.
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
        OSError: there is no readable manifest.
        KeyError: a column is missing.
        ValueError: a domain or class is unknown.
    """
    with (root / "manifest.csv").open(encoding="utf-8", newline="") as file:
        records = [Record(r["path"], r["domain"], r["class"]) for r in csv.DictReader(file)]
    if unknown := {record.domain for record in records} - set(DOMAINS):
        raise ValueError(f"manifest.csv names unknown domains: {', '.join(sorted(unknown))}")
    leaf_mask(sorted({record.label for record in records}))
    return records


def rendered_records(per_class: int, *, seed: int) -> list[Record]:
    """Name rendered cells: the same number of every leaf, each with a seed of its own."""
    first = seed * 1_000_000
    return [
        Record(f"{RENDERED}/{leaf}/{first + column * 10_000 + index}", RENDERED, leaf)
        for column, leaf in enumerate(LEAVES)
        for index in range(per_class)
    ]


def split_records(records: Sequence[Record], *, seed: int) -> dict[SplitName, list[Record]]:
    """Split 70/15/15 within every domain and class, groups kept whole.

    A class of one or two crops trains; from three on the test split gets one.

    Args:
        records: crops of any domains.
        seed: the same seed and records give the same split, whatever their order.
    """
    members: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.path):
        members[record.domain, record.group].append(record)
    strata: dict[tuple[str, str], list[list[Record]]] = defaultdict(list)
    for (domain, _), group in members.items():
        strata[domain, group[0].label].append(group)
    split: dict[SplitName, list[Record]] = {"train": [], "val": [], "test": []}
    rng = np.random.default_rng(seed)
    for key in sorted(strata):
        groups = [strata[key][index] for index in rng.permutation(len(strata[key]))]
        test = max(round(len(groups) * SPLIT_SHARES["test"]), 1 if len(groups) > 2 else 0)
        val = test + round(len(groups) * SPLIT_SHARES["val"])
        split["test"] += [record for group in groups[:test] for record in group]
        split["val"] += [record for group in groups[test:val] for record in group]
        split["train"] += [record for group in groups[val:] for record in group]
    return split


def make_split(root: Path, config: TrainConfig) -> dict[SplitName, list[Record]]:
    """Split what a config trains on: the manifest's domains with any weight, and rendered cells."""
    records = read_manifest(root)
    records = [record for record in records if config.domain_weights.get(record.domain, 0.0) > 0]
    records += rendered_records(config.rendered_per_class, seed=config.seed)
    return split_records(records, seed=config.seed)


def count_split(
    split: Mapping[SplitName, Sequence[Record]],
) -> dict[str, dict[str, dict[str, int]]]:
    """Count crops per domain, class and part of the split."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for name, records in split.items():
        for (domain, label), n in sorted(Counter((r.domain, r.label) for r in records).items()):
            counts.setdefault(domain, {}).setdefault(label, {})[name] = n
    return counts


def load_crop(record: Record, root: Path) -> tuple[NDArray[np.uint8], float | None]:
    """Decode or render one crop: uint8 (h, w, 3), sRGB, and its µm per px where known."""
    if record.domain != RENDERED:
        with Image.open(root / record.path) as image:
            return np.asarray(image.convert("RGB")), DOMAINS[record.domain].um_per_px
    from model.synthetic import random_site, render_crop

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

    def where(self, keep: NDArray[np.bool_]) -> CropSet:
        """Return the crops that a bool (n,) mask keeps."""
        records = tuple(r for r, kept in zip(self.records, keep, strict=True) if kept)
        return CropSet(self.crops[keep], records, self.target[keep], self.presence[keep])


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
