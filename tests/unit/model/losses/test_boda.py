"""BoDA against a naive loop, batches that share no leaf, absent pairs, and the centroids."""

import math

import pytest
import torch
from torch import Tensor

from model.losses import boda, update_centroids
from tests.unit.model.losses.batches import FeatureBatch, feature_batch, gradient_of

D, C = 3, 4
NU, TAU = 0.5, 0.8


def tables(d: int = 5) -> tuple[Tensor, Tensor]:
    """Centroids (3, 4, d) and counts (3, 4) with two absent pairs."""
    generator = torch.Generator().manual_seed(12)
    centroids = torch.randn(D, C, d, generator=generator, dtype=torch.float64)
    counts = torch.randint(1, 9, (D, C), generator=generator).double()
    counts[0, 1] = counts[2, 3] = 0.0
    return centroids, counts


def naive(batch: FeatureBatch, centroids: Tensor, counts: Tensor) -> float:
    """The formula, crop by crop and pair by pair."""
    means, number = centroids.tolist(), counts.tolist()
    pairs = [(e, b) for e in range(D) for b in range(C) if number[e][b] > 0]
    terms: list[float] = []
    for z, c, d in zip(
        batch.features.tolist(), batch.label.tolist(), batch.domain.tolist(), strict=True
    ):
        if c < 0 or number[d][c] == 0:
            continue
        own = number[d][c]
        logit = {
            (e, b): -math.dist(z, means[e][b]) / own * (number[e][b] / own) ** NU / TAU
            for e, b in pairs
        }
        rivals = sum(math.exp(logit[pair]) for pair in pairs if pair != (d, c))
        terms += [math.log(rivals) - logit[pair] for pair in pairs if pair[0] != d and pair[1] == c]
    return sum(terms) / len(terms)


def test_it_equals_the_naive_loop_with_absent_pairs_and_parents() -> None:
    batch, (centroids, counts) = feature_batch(), tables()
    missing = counts[batch.domain, batch.label.clamp_min(0)] == 0
    assert (batch.label < 0).any()
    assert (missing & (batch.label >= 0)).any()
    got = boda(batch.features, batch.label, batch.domain, centroids, counts, NU, TAU)
    assert got.item() == pytest.approx(naive(batch, centroids, counts))


def test_its_gradient_is_the_slope() -> None:
    batch, (centroids, counts) = feature_batch(8, d=3), tables(3)
    features = batch.features.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: boda(x, batch.label, batch.domain, centroids, counts, NU, TAU), features
    )


def test_no_gradient_flows_into_the_centroids() -> None:
    batch, (centroids, counts) = feature_batch(), tables()
    centroids.requires_grad_()
    loss = boda(batch.features, batch.label, batch.domain, centroids, counts)
    assert not loss.requires_grad


@pytest.mark.parametrize("case", ["one domain", "no shared leaf", "parents only", "no crop"])
def test_where_no_leaf_is_shared_it_is_zero_with_a_gradient(case: str) -> None:
    label, domain = torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 0, 0])
    counts = torch.tensor([[3.0, 2.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    if case == "one domain":
        counts[1:] = 0.0
    elif case == "parents only":
        label, counts = torch.full((4,), -1), torch.ones(D, C)
    elif case == "no crop":
        label, domain = label[:0], domain[:0]
    features = feature_batch(len(label)).features.requires_grad_()
    loss = boda(features, label, domain, tables()[0], counts)
    assert loss.item() == 0.0
    assert not gradient_of(loss, features).any()


def test_what_stands_in_the_place_of_an_absent_pair_does_not_matter() -> None:
    batch, (centroids, counts) = feature_batch(), tables()
    features = batch.features.requires_grad_()
    spoiled = torch.where(counts[:, :, None] > 0, centroids, torch.nan)
    clean = boda(features, batch.label, batch.domain, centroids, counts)
    dirty = boda(features, batch.label, batch.domain, spoiled, counts)
    assert dirty.item() == clean.item()
    assert torch.equal(gradient_of(dirty, features), gradient_of(clean, features))


@pytest.mark.parametrize("scale", [0.0, 1e5])
def test_crops_on_their_centroids_and_far_from_all_stay_finite(scale: float) -> None:
    batch, (centroids, counts) = feature_batch(), tables()
    features = (scale * batch.features).float().requires_grad_()
    loss = boda(features, batch.label, batch.domain, (0.0 * centroids).float(), counts)
    assert math.isfinite(loss.item())
    assert torch.isfinite(gradient_of(loss, features)).all()


def test_a_step_against_the_gradient_brings_a_crop_to_its_leaf_elsewhere() -> None:
    centroids = torch.tensor([[[0.0, 0.0], [9.0, 0.0]], [[4.0, 3.0], [9.0, 9.0]]])
    features = torch.tensor([[0.5, 0.0]], requires_grad=True)
    zero = torch.tensor([0])
    loss = boda(features, zero, zero, centroids, torch.ones(2, 2))
    moved = features.detach() - 0.1 * gradient_of(loss, features)
    goal = centroids[1, 0]
    assert torch.dist(moved[0], goal) < torch.dist(features[0], goal)


def test_centroids_start_at_the_mean_and_then_follow_it() -> None:
    batch = feature_batch()
    nothing = torch.zeros(D, C, 5, dtype=torch.float64), torch.zeros(D, C, dtype=torch.bool)
    first, seen = update_centroids(*nothing, batch.features, batch.label, batch.domain, 0.9)
    later, still = update_centroids(
        first, seen, 2.0 + batch.features, batch.label, batch.domain, 0.9
    )
    for d in range(D):
        for c in range(C):
            rows = (batch.domain == d) & (batch.label == c)
            assert seen[d, c] == rows.any()
            if rows.any():
                mean = batch.features[rows].mean(dim=0)
                torch.testing.assert_close(first[d, c], mean)
                torch.testing.assert_close(later[d, c], 0.9 * mean + 0.1 * (mean + 2.0))
            else:
                assert not later[d, c].any()
    assert torch.equal(seen, still)
    assert not nothing[0].any()  # the old ones are as they were
    assert not nothing[1].any()


def test_a_pair_outside_the_batch_keeps_its_centroid_and_nothing_is_tracked() -> None:
    centroids, counts = tables()
    features = torch.ones(2, 5, dtype=torch.float64, requires_grad=True)
    label, domain = torch.tensor([2, -1]), torch.tensor([1, 1])
    moved, seen = update_centroids(centroids, counts > 0, features, label, domain, 0.5)
    assert not moved.requires_grad
    changed = (moved != centroids).any(dim=2)
    assert changed.nonzero().tolist() == [[1, 2]]
    torch.testing.assert_close(moved[1, 2], 0.5 * centroids[1, 2] + 0.5)
    assert torch.equal(seen, counts > 0)


def test_a_batch_of_parents_moves_no_centroid() -> None:
    centroids, counts = tables()
    label, domain = torch.tensor([-1, -1]), torch.tensor([0, 2])
    features = torch.ones(2, 5, dtype=torch.float64)
    moved, seen = update_centroids(centroids, counts > 0, features, label, domain, 0.5)
    assert torch.equal(moved, centroids)
    assert torch.equal(seen, counts > 0)
