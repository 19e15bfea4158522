"""The supervised contrastive loss against a naive loop, with crops left out and without a pair."""

import math

import pytest
import torch
from torch import Tensor

from model.losses import supervised_contrastive
from tests.unit.model.losses.batches import feature_batch, gradient_of

TAU = 0.3


def naive(features: Tensor, label: list[int], valid: list[bool]) -> list[float]:
    """L_out of Khosla 2020, anchor by anchor."""
    unit = [[x / math.hypot(*row) for x in row] for row in features.tolist()]
    there = [i for i in range(len(label)) if valid[i] and label[i] >= 0]

    def near(i: int, j: int) -> float:
        return math.exp(sum(a * b for a, b in zip(unit[i], unit[j], strict=True)) / TAU)

    losses = [0.0] * len(label)
    for i in there:
        others = [a for a in there if a != i]
        positives = [p for p in others if label[p] == label[i]]
        if positives:
            rivals = sum(near(i, a) for a in others)
            losses[i] = -sum(math.log(near(i, p) / rivals) for p in positives) / len(positives)
    return losses


@pytest.mark.parametrize("masked", [False, True])
def test_it_equals_the_naive_loop(masked: bool) -> None:
    batch = feature_batch()
    n = len(batch.label)
    valid = torch.arange(n) % 5 != 0 if masked else None
    got = supervised_contrastive(batch.features, batch.label, TAU, valid)
    flags = [True] * n if valid is None else valid.tolist()
    assert (batch.label < 0).any()
    assert got.tolist() == pytest.approx(naive(batch.features, batch.label.tolist(), flags))


def test_its_gradient_is_the_slope() -> None:
    batch = feature_batch(8, d=3)
    features = batch.features.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: supervised_contrastive(x, batch.label, TAU), features)


@pytest.mark.parametrize(
    "label", [[0, 1, 2, 3], [-1, -1, -1, -1], [0, -1, -1, 1]], ids=["alone", "none", "few"]
)
def test_without_any_positive_it_is_zero_with_a_gradient(label: list[int]) -> None:
    features = feature_batch(4).features.requires_grad_()
    loss = supervised_contrastive(features, torch.tensor(label), TAU)
    assert loss.tolist() == [0.0] * 4
    assert not gradient_of(loss, features).any()


def test_a_crop_left_out_changes_nothing_and_is_not_moved() -> None:
    batch = feature_batch()
    features = batch.features.requires_grad_()
    out = batch.label < 0
    all_rows = supervised_contrastive(features, batch.label, TAU)
    kept = supervised_contrastive(features[~out], batch.label[~out], TAU)
    torch.testing.assert_close(all_rows[~out], kept)
    assert not all_rows[out].any()
    assert not gradient_of(all_rows, features)[out].any()


def test_length_does_not_matter_and_a_tiny_temperature_stays_finite() -> None:
    batch = feature_batch()
    plain = supervised_contrastive(batch.features, batch.label, TAU)
    longer = supervised_contrastive(1e5 * batch.features, batch.label, TAU)
    torch.testing.assert_close(plain, longer)
    features = batch.features.float().requires_grad_()
    sharp = supervised_contrastive(features, batch.label, 1e-4)
    assert torch.isfinite(sharp).all()
    assert torch.isfinite(gradient_of(sharp, features)).all()


def test_crops_of_one_leaf_in_one_place_cost_least() -> None:
    label = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    mixed = apart[[0, 2, 1, 3]]
    near, far = (supervised_contrastive(x, label, TAU).mean().item() for x in (apart, mixed))
    assert near < 0.1 < far
