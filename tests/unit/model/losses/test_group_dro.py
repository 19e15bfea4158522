"""GroupDRO: the weights of the domains against a naive loop, and what they make of the loss."""

import math

import pytest
import torch

from model.losses import group_dro
from tests.unit.model.losses.batches import gradient_of

DOMAIN = torch.tensor([0, 1, 1, 3, 0, 3, 3])


def some_losses() -> torch.Tensor:
    generator = torch.Generator().manual_seed(4)
    return 3.0 * torch.rand(len(DOMAIN), generator=generator, dtype=torch.float64)


def naive(losses: list[float], domain: list[int], weights: list[float], eta: float) -> list[float]:
    """The loss, then the new weights."""
    means = []
    for d in range(len(weights)):
        own = [loss for loss, e in zip(losses, domain, strict=True) if e == d]
        means.append(sum(own) / len(own) if own else 0.0)
    raised = [q * math.exp(eta * mean) for q, mean in zip(weights, means, strict=True)]
    raised = [q / sum(raised) for q in raised]
    return [sum(q * mean for q, mean in zip(raised, means, strict=True)), *raised]


@pytest.mark.parametrize("eta", [0.0, 0.01, 1.0])
def test_it_equals_the_naive_loop_with_a_domain_that_is_not_in_the_batch(eta: float) -> None:
    losses, weights = some_losses(), torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    loss, raised = group_dro(losses, DOMAIN, weights, eta)
    expected = naive(losses.tolist(), DOMAIN.tolist(), weights.tolist(), eta)
    assert [loss.item(), *raised.tolist()] == pytest.approx(expected)


def test_its_gradient_is_the_slope_at_fixed_weights() -> None:
    losses = some_losses().requires_grad_()
    weights = torch.full((4,), 0.25, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: group_dro(x, DOMAIN, weights, 0.0)[0], losses)
    loss, raised = group_dro(losses, DOMAIN, weights, 0.5)
    assert not raised.requires_grad
    crops = torch.bincount(DOMAIN, minlength=4)
    torch.testing.assert_close(gradient_of(loss, losses), (raised / crops)[DOMAIN])


def test_the_domain_served_worst_takes_over_step_by_step() -> None:
    losses, weights = torch.tensor([0.2, 1.5]), torch.tensor([0.5, 0.5])
    shares, totals = [], []
    for _ in range(5):
        loss, weights = group_dro(losses, torch.tensor([0, 1]), weights, 1.0)
        shares.append(weights[1].item())
        totals.append(loss.item())
    assert shares == sorted(shares)
    assert shares[-1] > 0.99
    assert totals[-1] == pytest.approx(1.5, abs=0.02)


def test_a_loss_that_runs_away_leaves_finite_weights() -> None:
    losses = torch.tensor([1e6, 1.0])
    loss, weights = group_dro(losses, torch.tensor([0, 1]), torch.tensor([0.5, 0.5]), 1.0)
    assert weights.tolist() == [1.0, 0.0]
    assert loss.item() == pytest.approx(1e6)


def test_one_domain_is_the_plain_mean() -> None:
    losses = some_losses()
    weights = torch.ones(1, dtype=torch.float64)
    loss, raised = group_dro(losses, torch.zeros(len(losses), dtype=torch.int64), weights, 0.1)
    assert loss.item() == pytest.approx(losses.mean().item())
    assert raised.tolist() == [1.0]
