"""The split of the crops into those that train, validate and test; made, recorded, read again.

To split by another rule: change `Record.group`, whose crops stay together, or `split_records`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter, defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.artifacts.array_files import write_atomically
from model.data.crop_set import read_manifest, rendered_records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from model.data.crop_set import Record
    from model.training.config import TrainConfig

SplitName = Literal["train", "val", "test"]
SPLIT_SHARES: Final = MappingProxyType({"train": 0.70, "val": 0.15, "test": 0.15})
SPLIT_FILE: Final = "split.json.gz"  # in a model's folder


def make_split(root: Path, config: TrainConfig) -> dict[SplitName, list[Record]]:
    """Split what a config trains on: real and rendered crops, of the domains with any weight.

    Raises:
        ValueError: a part of the split is empty, so that nothing could be trained or scored.
    """
    records = read_manifest(root) + rendered_records(config.rendered_per_class, seed=config.seed)
    records = [record for record in records if config.domain_weights.get(record.domain, 0.0) > 0]
    split = split_records(records, seed=config.seed)
    for name, part in split.items():
        if not part:
            raise ValueError(f"{len(records)} crops are too few: none is left for {name}")
    return split


def recorded_split(folder: Path, root: Path, config: TrainConfig) -> dict[SplitName, list[Record]]:
    """Make the split of a finished model again, and check it against the one in its folder.

    Raises:
        OSError: the model's folder has no readable list.
        ValueError: the list is damaged, or the data are not those that it names.
    """
    split, recorded = make_split(root, config), read_split(folder)
    if any(sorted(r.path for r in part) != recorded[name] for name, part in split.items()):
        raise ValueError(f"{root} does not hold the data that this model's split names")
    return split


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


def count_split(
    split: Mapping[SplitName, Sequence[Record]],
) -> dict[str, dict[str, dict[str, int]]]:
    """Count crops per domain, class and part of the split."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for name, records in split.items():
        for (domain, label), n in sorted(Counter((r.domain, r.label) for r in records).items()):
            counts.setdefault(domain, {}).setdefault(label, {})[name] = n
    return counts


def write_split(path: Path, split: Mapping[SplitName, Sequence[Record]]) -> None:
    """Record the paths of each part, gzipped without a time stamp so that it can be rebuilt."""
    paths = {name: sorted(record.path for record in records) for name, records in split.items()}
    payload = gzip.compress(json.dumps(paths, indent=0).encode(), mtime=0)
    write_atomically(path, payload)


def read_split(folder: Path) -> dict[str, list[str]]:
    """Read which crops trained, validated and tested a model: sorted paths by part.

    Raises:
        OSError: the model's folder has no readable list.
        ValueError: the list is damaged.
    """
    path = folder / SPLIT_FILE
    try:
        parts: dict[str, list[str]] = json.loads(gzip.decompress(path.read_bytes()))
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    return parts
