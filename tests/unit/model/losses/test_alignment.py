"""CORAL and MMD: against naive loops, their gradients, and batches with too few domains."""

import math
from collections.abc import Callable
from itertools import combinations

import pytest
import torch
from torch import Tensor

from model.losses import coral, mmd
from tests.unit.model.losses.batches import feature_batch, gradient_of

GAMMAS = (0.05, 0.5, 2.0)
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "coral": coral,
    "mmd": lambda x, domain: mmd(x, domain, GAMMAS),
}


def by_domain(features: Tensor, domain: Tensor) -> list[list[list[float]]]:
    """The rows of each domain that has two or more."""
    groups: dict[int, list[list[float]]] = {}
    for row, d in zip(features.tolist(), domain.tolist(), strict=True):
        groups.setdefault(d, []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def naive_moments(rows: list[list[float]]) -> tuple[list[float], list[list[float]]]:
    """Mean and covariance, entry by entry."""
    n, d = len(rows), len(rows[0])
    mean = [sum(row[i] for row in rows) / n for i in range(d)]
    cov = [
        [sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) / (n - 1) for j in range(d)]
        for i in range(d)
    ]
    return mean, cov


def naive_coral(features: Tensor, domain: Tensor) -> float:
    terms = []
    for a, b in combinations(by_domain(features, domain), 2):
        (mean_a, cov_a), (mean_b, cov_b) = naive_moments(a), naive_moments(b)
        d = len(mean_a)
        means = sum((mean_a[i] - mean_b[i]) ** 2 for i in range(d)) / d
        covs = sum((cov_a[i][j] - cov_b[i][j]) ** 2 for i in range(d) for j in range(d)) / d**2
        terms.append(means + covs)
    return sum(terms) / len(terms)


def naive_kernel(a: list[list[float]], b: list[list[float]]) -> float:
    """The mean kernel between two sets of crops."""
    total = 0.0
    for x in a:
        for y in b:
            squared = sum((i - j) ** 2 for i, j in zip(x, y, strict=True))
            total += sum(math.exp(-gamma * squared) for gamma in GAMMAS)
    return total / (len(a) * len(b))


def naive_mmd(features: Tensor, domain: Tensor) -> float:
    terms = [
        naive_kernel(a, a) + naive_kernel(b, b) - 2.0 * naive_kernel(a, b)
        for a, b in combinations(by_domain(features, domain), 2)
    ]
    return sum(terms) / len(terms)


@pytest.mark.parametrize("sizes", [(8, 8, 8), (2, 9, 5), (1, 7, 6), (0, 4, 3)])
def test_they_equal_the_naive_loops(sizes: tuple[int, ...]) -> None:
    features = feature_batch(sum(sizes)).features
    domain = torch.tensor([d for d, size in enumerate(sizes) for _ in range(size)])
    order = torch.randperm(len(domain), generator=torch.Generator().manual_seed(1))
    domain = domain[order]
    assert coral(features, domain).item() == pytest.approx(naive_coral(features, domain))
    assert mmd(features, domain, GAMMAS).item() == pytest.approx(naive_mmd(features, domain))


@pytest.mark.parametrize("name", LOSSES)
def test_its_gradient_is_the_slope(name: str) -> None:
    batch = feature_batch(9, d=3)
    features = batch.features.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: LOSSES[name](x, batch.domain), features)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("domain", [[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 2, 3]])
def test_fewer_than_two_domains_with_two_crops_give_zero_with_a_gradient(
    name: str, domain: list[int]
) -> None:
    features = torch.randn(4, 3, generator=torch.Generator().manual_seed(2)).requires_grad_()
    loss = LOSSES[name](features, torch.tensor(domain))
    assert loss.item() == 0.0
    assert gradient_of(loss, features).tolist() == torch.zeros(4, 3).tolist()


@pytest.mark.parametrize("name", LOSSES)
def test_domains_that_are_alike_cost_nothing_and_a_shift_costs(name: str) -> None:
    one = feature_batch(6, domains=1).features
    domain = torch.tensor([0] * 6 + [1] * 6)
    alike = LOSSES[name](torch.cat([one, one]), domain).item()
    shifted = LOSSES[name](torch.cat([one, one + 0.5]), domain).item()
    assert alike == pytest.approx(0.0, abs=1e-12)
    assert shifted > 0.01


def test_coral_of_a_pure_shift_is_its_mean_square() -> None:
    one = feature_batch(6, domains=1).features
    domain = torch.tensor([0] * 6 + [1] * 6)
    assert coral(torch.cat([one, one + 3.0]), domain).item() == pytest.approx(9.0)


def test_mmd_of_domains_out_of_reach_is_bounded_and_flat_but_finite() -> None:
    features = torch.cat([torch.zeros(3, 2), torch.full((3, 2), 1e6)]).requires_grad_()
    loss = mmd(features, torch.tensor([0, 0, 0, 1, 1, 1]))
    assert loss.item() == pytest.approx(2.0 * 7)  # seven kernels of its default
    assert torch.isfinite(gradient_of(loss, features)).all()


def test_mmd_tells_near_neighbours_apart_in_single_precision() -> None:
    near = 0.05 * feature_batch(8, domains=2).features
    domain = torch.arange(8) % 2
    exact = mmd(near, domain, (100.0,)).item()
    far_out = mmd((near + 64.0).float(), domain, (100.0,)).item()
    assert far_out == pytest.approx(exact, rel=1e-3)
