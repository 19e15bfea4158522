"""The marginal cross-entropy against a naive loop, with masks, parents and empty rows; leaves."""

import math

import pytest
import torch

from model.losses import LEFT_OUT, leaf_index, marginal_cross_entropy
from tests.unit.model.losses.batches import label_batch


def naive(logits: list[float], target: list[bool], presence: list[float]) -> float:
    """One row, term by term."""
    if not any(target):
        return 0.0
    label = rivals = 0.0
    for z, is_label, weight in zip(logits, target, presence, strict=True):
        if is_label:
            label += math.exp(z)
        rivals += (1.0 if is_label else weight) * math.exp(z)
    return -math.log(label / rivals)


def random_rows(n: int, k: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    logits = 3.0 * torch.randn(n, k, generator=generator, dtype=torch.float64)
    target = torch.rand(n, k, generator=generator) < 0.3
    choices = torch.tensor([0.0, 0.1, 1.0], dtype=torch.float64)
    presence = choices[torch.randint(0, 3, (n, k), generator=generator)]
    return logits, target, presence


def test_it_equals_the_naive_loop_for_leaves_parents_and_masks() -> None:
    logits, target, presence = random_rows(200, 6)
    expected = [
        naive(z, t, p)
        for z, t, p in zip(logits.tolist(), target.tolist(), presence.tolist(), strict=True)
    ]
    got = marginal_cross_entropy(logits, target, presence)
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float64))


def test_a_masked_leaf_gets_no_gradient_and_a_weak_rival_less_than_a_full_one() -> None:
    logits = torch.zeros(3, 3, requires_grad=True)
    target = torch.tensor([[True, False, False]] * 3)
    presence = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.1], [1.0, 1.0, 1.0]])
    marginal_cross_entropy(logits, target, presence).sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    masked, weak, full = logits.grad[:, 2].tolist()
    assert masked == 0.0
    assert 0.0 < weak < full


def test_rows_that_are_masked_wholly_give_zero_and_no_nan() -> None:
    logits = torch.tensor([[50.0, -50.0], [1.0, 2.0]], requires_grad=True)
    target = torch.zeros(2, 2, dtype=torch.bool)
    loss = marginal_cross_entropy(logits, target, torch.zeros(2, 2))
    loss.sum().backward()  # type: ignore[no-untyped-call]
    assert loss.tolist() == [0.0, 0.0]
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_a_label_whose_rivals_are_all_masked_costs_nothing(scale: float) -> None:
    logits = scale * torch.tensor([[0.3, 1.0, -2.0]])
    target = torch.tensor([[True, True, False]])
    loss = marginal_cross_entropy(logits, target, torch.zeros(1, 3))
    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_its_gradient_is_the_slope() -> None:
    batch = label_batch(12)

    def loss(logits: torch.Tensor) -> torch.Tensor:
        return marginal_cross_entropy(logits, batch.target, batch.presence)

    assert torch.autograd.gradcheck(loss, batch.logits.requires_grad_())


def test_only_a_label_that_is_one_leaf_has_an_index() -> None:
    target = torch.tensor(
        [[True, False, False], [False, False, True], [True, True, False], [False, False, False]]
    )
    assert leaf_index(target).tolist() == [0, 2, LEFT_OUT, LEFT_OUT]
