"""Crops are drawn as the config says, and counted as they are drawn."""

import numpy as np
import pytest

from model.data.sampling_weights import (
    domain_names,
    drawn_counts,
    pair_weights,
    sampling_weights_of,
)
from tests.unit.model.tiny_runs import LABELS, noise_crops, small_config


def test_counts_are_as_the_crops_are_drawn() -> None:
    training = noise_crops()
    config = small_config(class_power=0.0, domain_weights={"barcelona_pbc": 0.75, "bccd": 0.25})
    counts = drawn_counts(training, sampling_weights_of(training, config))
    assert domain_names(training) == ["barcelona_pbc", "bccd"]
    crops = len(training.records)
    assert counts[0] == pytest.approx(dict.fromkeys(LABELS["barcelona_pbc"], 0.75 / 2 * crops))
    assert counts[1] == pytest.approx(dict.fromkeys(LABELS["bccd"], 0.25 / 3 * crops))


def test_every_class_of_every_domain_counts_alike() -> None:
    training = noise_crops(sizes={("bccd", "monocyte"): 9})
    weights = pair_weights(training, small_config(domain_weights={"barcelona_pbc": 7, "bccd": 1}))
    assert weights.sum() == pytest.approx(1.0)
    for domain, labels in LABELS.items():
        for label in labels:
            own = [r.domain == domain and r.label == label for r in training.records]
            assert weights[np.array(own)].sum() == pytest.approx(0.2), (domain, label)


def test_a_domain_that_is_left_out_has_no_say() -> None:
    training = noise_crops()
    weights = pair_weights(training, small_config(domain_weights={"bccd": 1.0}))
    out = np.array([record.domain == "barcelona_pbc" for record in training.records])
    assert weights[out].sum() == 0.0
    assert weights.sum() == pytest.approx(1.0)
