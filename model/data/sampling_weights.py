"""How often each crop is drawn, for batches and for heads, and what that makes of the counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from model.data.crop_set import sampling_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.data.crop_set import CropSet
    from model.training.config import TrainConfig


def domain_names(training: CropSet) -> list[str]:
    """Name the domains of a set of crops, in the order in which the losses count them."""
    return sorted({record.domain for record in training.records})


def sampling_weights_of(crops: CropSet, config: TrainConfig) -> NDArray[np.float64]:
    """Weight crops by domain and class as the config says: float64 (n,), sums to 1."""
    return sampling_weights(
        crops.records, domain_weights=config.domain_weights, class_power=config.class_power
    )


def pair_weights(training: CropSet, config: TrainConfig) -> NDArray[np.float64]:
    """Weight crops so that every (domain, label) there is counts alike: float64 (n,), sums to 1.

    Domains that the config leaves out of training stay out.
    """
    labels = {(record.domain, record.label) for record in training.records}
    pairs = Counter(domain for domain, _ in labels)
    share = {name: float(n) for name, n in pairs.items() if config.domain_weights.get(name, 0) > 0}
    return sampling_weights(training.records, domain_weights=share, class_power=0.0)


def drawn_counts(training: CropSet, weights: NDArray[np.float64]) -> list[dict[str, float]]:
    """Count the crops of each domain and label as the sampler draws them, not as they lie.

    What sampling has balanced already, the losses must not balance once more.
    """
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for record, weight in zip(training.records, weights, strict=True):
        counts[record.domain][record.label] += float(weight) * len(weights)
    return [dict(counts[domain]) for domain in domain_names(training)]
