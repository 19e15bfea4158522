"""Crops without a white cell."""

import numpy as np
import pytest

from model.rendering.ood_negatives import KINDS, ood_negatives


def test_every_kind_is_drawn_as_often_as_asked_and_differs() -> None:
    crops, kinds = ood_negatives(2, seed=4)
    assert crops.shape == (2 * len(KINDS), 128, 128, 3)
    assert crops.dtype == np.uint8
    assert kinds == tuple(kind for kind in KINDS for _ in range(2))
    assert len({crop.tobytes() for crop in crops}) == len(crops)


def test_a_seed_gives_the_same_pixels() -> None:
    np.testing.assert_array_equal(ood_negatives(1, seed=4)[0], ood_negatives(1, seed=4)[0])
    assert (ood_negatives(1, seed=4)[0] != ood_negatives(1, seed=5)[0]).any()


@pytest.mark.parametrize("kind", ["empty", "red_cells"])
def test_a_field_without_white_cells_has_nothing_as_dark_as_a_nucleus(kind: str) -> None:
    for seed in range(5):
        crop = KINDS[kind](np.random.default_rng(seed)).astype(np.float64) + 1.0
        ground = np.percentile(crop[..., 0], 90)
        assert np.percentile(np.log(ground / crop[..., 0]), 99) < 1.0
