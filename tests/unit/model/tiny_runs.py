"""Training runs that take seconds: noise in tints that tell class and domain, a small config."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.data.crop_set import CACHE_SIZE, CropSet, Record, assemble
from model.training.config import TrainConfig

LABELS = {
    "barcelona_pbc": ("eosinophil", "monocyte"),
    "bccd": ("neutrophil", "monocyte", "eosinophil"),
}


def small_config(**changes: Any) -> TrainConfig:
    """Three steps of the last part of the network on small pictures."""
    settings = {
        "model_id": "tiny",
        "steps": 3,
        "batch": 8,
        "warmup": 1,
        "check_every": 2,
        "frozen_stages": 5,
        "rendered_per_class": 0,
        "domain_weights": {"barcelona_pbc": 0.5, "bccd": 0.5},
        "size": 64,
        "threads": 1,
    }
    return TrainConfig(**{**settings, **changes})


def noise_crops(
    *,
    side: int = CACHE_SIZE,
    each: int = 4,
    sizes: Mapping[tuple[str, str], int] | None = None,
) -> CropSet:
    """Crops of two domains that share two classes, with room around as in training.

    There are `each` of a class, or what `sizes` says of a (domain, label).
    """
    rng = np.random.default_rng(5)
    crops, records = [], []
    for row, (domain, labels) in enumerate(LABELS.items()):
        for tint, label in enumerate(labels):
            for index in range((sizes or {}).get((domain, label), each)):
                pixels = rng.integers(0, 120, (side, side, 3), dtype=np.uint8)
                pixels[..., tint] += np.uint8(60 + 60 * row)
                crops.append(pixels)
                records.append(Record(f"{domain}/{label}{index}_1.png", domain, label))
    return assemble(crops, records, absent_weight=0.1)
