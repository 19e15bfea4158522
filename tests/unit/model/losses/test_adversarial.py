"""DANN: the reversed gradient, its schedule, and the classifier of domains."""

import math

import pytest
import torch

from model.losses import domain_cross_entropy, reversal_strength, reverse_gradient
from tests.unit.model.losses.batches import gradient_of


def random_matrix(rows: int, columns: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(6)
    return torch.randn(rows, columns, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_values_pass_and_the_gradient_comes_back_turned(strength: float) -> None:
    x = random_matrix(4, 3).requires_grad_()
    passed = reverse_gradient(x, strength)
    assert torch.equal(passed, x)
    plain = gradient_of(x.pow(3), x)
    turned = gradient_of(passed.pow(3), x)
    torch.testing.assert_close(turned, -strength * plain)


def test_twice_reversed_is_a_true_gradient() -> None:
    x = random_matrix(4, 3).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda z: reverse_gradient(reverse_gradient(z, 0.5), 2.0).pow(3), x
    )


def test_the_classifier_learns_while_the_backbone_unlearns() -> None:
    features = random_matrix(6, 3).requires_grad_()
    weight = random_matrix(3, 2).requires_grad_()
    domain = torch.tensor([0, 1] * 3)

    def gradients(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        loss = domain_cross_entropy(x @ weight, domain).mean()
        return torch.autograd.grad(loss, (features, weight))

    plain, reversed_ = gradients(features), gradients(reverse_gradient(features, 0.7))
    torch.testing.assert_close(reversed_[0], -0.7 * plain[0])
    torch.testing.assert_close(reversed_[1], plain[1])


@pytest.mark.parametrize("progress", [0.0, 0.1, 0.5, 1.0])
def test_the_strength_follows_the_schedule(progress: float) -> None:
    # The schedule is tanh(5 p), written otherwise.
    assert reversal_strength(progress) == pytest.approx(math.tanh(5.0 * progress))


def test_domain_cross_entropy_equals_the_naive_loop() -> None:
    logits, domain = random_matrix(9, 4), torch.arange(9) % 4
    expected = [
        -math.log(math.exp(row[d]) / sum(math.exp(z) for z in row))
        for row, d in zip(logits.tolist(), domain.tolist(), strict=True)
    ]
    assert domain_cross_entropy(logits, domain).tolist() == pytest.approx(expected)
    assert torch.autograd.gradcheck(
        lambda z: domain_cross_entropy(z, domain), logits.requires_grad_()
    )
