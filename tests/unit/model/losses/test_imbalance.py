"""The losses against imbalance: each against a naive loop, its gradient, and its edges."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from model.hierarchy import LEAVES
from model.losses import (
    balanced_softmax,
    class_balanced,
    domain_priors,
    effective_number,
    effective_number_weights,
    focal,
    ldam,
    leaf_counts,
    marginal_cross_entropy,
)
from tests.unit.model.losses.batches import LabelBatch, gradient_of, label_batch

BETA = 0.999

Loss = Callable[[LabelBatch, Tensor], Tensor]


def some_priors() -> Tensor:
    """Priors of three domains, one of them labelled at parent depth only."""
    by_label: list[dict[str, float]] = [
        {"neutrophil": 300, "basophil": 2},
        dict.fromkeys(LEAVES, 7),
        {"blast": 12, "immature_granulocyte": 9},
    ]
    return domain_priors(by_label).double()


LOSSES: dict[str, Loss] = {
    "class_balanced": lambda b, z: class_balanced(
        z, b.target, b.presence, domain=b.domain, counts=b.counts, beta=BETA
    ),
    "focal": lambda b, z: focal(z, b.target, b.presence, gamma=2.0),
    "focal_root": lambda b, z: focal(z, b.target, b.presence, gamma=0.5),
    "ldam": lambda b, z: ldam(
        z, b.target, b.presence, domain=b.domain, counts=b.counts, max_m=0.5, scale=3.0
    ),
    "balanced_softmax": lambda b, z: balanced_softmax(
        z, b.target, b.presence, domain=b.domain, priors=some_priors(), tau=0.7
    ),
}


def naive_marginal(logits: list[float], target: list[bool], presence: list[float]) -> float:
    """One row, term by term."""
    if not any(target):
        return 0.0
    rows = list(zip(logits, target, presence, strict=True))
    label = sum(math.exp(z) for z, is_label, _ in rows if is_label)
    rivals = sum((1.0 if is_label else w) * math.exp(z) for z, is_label, w in rows)
    return -math.log(label / rivals)


def naive_effective(n: float) -> float:
    """How many crops n are worth."""
    return float((1.0 - BETA**n) / (1.0 - BETA))


def naive(name: str, batch: LabelBatch, row: int) -> float:
    """The loss of one crop, by the formula in its docstring."""
    logits, target = batch.logits[row].tolist(), batch.target[row].tolist()
    presence, domain = batch.presence[row].tolist(), int(batch.domain[row])
    counts = batch.counts[domain].tolist()
    if name == "class_balanced":
        inverse = [1.0 / naive_effective(n) for n in counts if n > 0]
        crops = sum(n for n, is_label in zip(counts, target, strict=True) if is_label)
        weight = len(inverse) / sum(inverse) / naive_effective(max(crops, 1.0))
        return weight * naive_marginal(logits, target, presence)
    if name.startswith("focal"):
        loss = naive_marginal(logits, target, presence)
        return float((1.0 - math.exp(-loss)) ** (0.5 if name == "focal_root" else 2.0)) * loss
    if name == "ldam":
        least = min(n for n in batch.counts.flatten().tolist() if n > 0)
        margins = [0.5 if n == 0 else 0.5 * (least / n) ** 0.25 for n in counts]
        moved = [
            3.0 * (z - m if is_label else z)
            for z, m, is_label in zip(logits, margins, target, strict=True)
        ]
        return naive_marginal(moved, target, presence)
    prior = some_priors()[domain].tolist()
    raised = [z + 0.7 * math.log(p) for z, p in zip(logits, prior, strict=True)]
    return naive_marginal(raised, target, presence)


@pytest.mark.parametrize("name", LOSSES)
def test_it_equals_the_naive_loop_for_leaves_parents_and_masks(name: str) -> None:
    batch = label_batch()
    expected = [naive(name, batch, row) for row in range(len(batch.logits))]
    got = LOSSES[name](batch, batch.logits)
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("name", LOSSES)
def test_its_gradient_is_the_slope(name: str) -> None:
    batch = label_batch(10)
    logits = batch.logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: LOSSES[name](batch, z), logits)


@pytest.mark.parametrize("name", LOSSES)
def test_huge_logits_and_unlabelled_rows_give_finite_values_and_gradients(name: str) -> None:
    batch = label_batch()
    logits = (1e4 * batch.logits).float().requires_grad_()
    loss = LOSSES[name](batch, logits)
    assert loss[0].item() == 0.0
    assert torch.isfinite(loss).all()
    assert torch.isfinite(gradient_of(loss, logits)).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_masked_leaf_gets_no_gradient(name: str) -> None:
    batch = label_batch()
    logits = batch.logits.requires_grad_()
    masked = (batch.presence == 0.0) & ~batch.target
    gradient = gradient_of(LOSSES[name](batch, logits), logits)
    assert not gradient[masked].any()
    assert gradient[~masked].any()


def test_the_crops_of_a_parent_are_spread_evenly_over_its_leaves() -> None:
    counts = leaf_counts([{"neutrophil": 10, "neutrophil_band": 3}, {"monocyte": 4}, {}])
    expected = torch.zeros(3, len(LEAVES))
    expected[0, :2] = torch.tensor([5.0, 8.0])
    expected[1, LEAVES.index("monocyte")] = 4.0
    assert counts.tolist() == expected.tolist()


def test_a_label_outside_the_tree_is_refused() -> None:
    with pytest.raises(KeyError, match="thrombocyte"):
        leaf_counts([{"thrombocyte": 1}])


def test_priors_are_shares_with_a_floor_for_what_a_domain_lacks() -> None:
    priors = domain_priors([{"neutrophil": 60, "eosinophil": 40}], floor=0.01)[0]
    # 0.3 + 0.3 + 0.4 and thirteen floors of 0.01
    lacking = len(LEAVES) - 3
    assert priors.sum().item() == pytest.approx(1.0)
    assert priors[0].item() == pytest.approx(0.3 / (1.0 + 0.01 * lacking))
    assert priors[2].item() == pytest.approx(0.4 / (1.0 + 0.01 * lacking))
    assert priors[5].item() == pytest.approx(0.01 / (1.0 + 0.01 * lacking))


def test_effective_numbers_run_from_one_crop_to_all() -> None:
    counts = torch.tensor([0.0, 1.0, 20.0, 5000.0])
    assert effective_number(counts, 0.0).tolist() == [0.0, 1.0, 1.0, 1.0]
    assert effective_number(counts, 1.0 - 1e-9).tolist() == pytest.approx(counts.tolist(), rel=1e-4)
    expected = [naive_effective(n) for n in counts.tolist()]
    assert effective_number(counts, BETA).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("beta", [-0.1, 1.0])
def test_a_beta_out_of_range_is_refused(beta: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        effective_number(torch.ones(2), beta)


def test_the_weights_of_a_domains_leaves_are_one_on_average() -> None:
    counts = torch.tensor([[1.0, 10.0, 1000.0, 0.0], [5.0, 5.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    weights = effective_number_weights(counts, BETA)
    assert weights.sum(dim=1).tolist() == pytest.approx([3.0, 2.0, 0.0])
    assert weights[1].tolist() == pytest.approx([1.0, 1.0, 0.0, 0.0])
    ratio = naive_effective(1000.0) / naive_effective(10.0)
    assert (weights[0, 1] / weights[0, 2]).item() == pytest.approx(ratio)


def test_a_crop_with_a_leaf_label_weighs_what_the_table_says() -> None:
    batch = label_batch()
    rows = (batch.target.sum(dim=1) == 1) & (batch.counts[batch.domain] * batch.target).any(dim=1)
    plain = marginal_cross_entropy(batch.logits, batch.target, batch.presence)
    table = effective_number_weights(batch.counts, BETA)[batch.domain]
    expected = (table * batch.target).sum(dim=1) * plain
    assert rows.sum() > 20
    torch.testing.assert_close(LOSSES["class_balanced"](batch, batch.logits)[rows], expected[rows])


def test_at_their_neutral_settings_they_are_the_marginal_cross_entropy() -> None:
    batch = label_batch()
    labels = (batch.target, batch.presence)
    plain = marginal_cross_entropy(batch.logits, *labels)
    of_domain = {"domain": batch.domain, "counts": batch.counts}
    close = torch.testing.assert_close
    close(focal(batch.logits, *labels, gamma=0.0), plain)
    close(ldam(batch.logits, *labels, **of_domain, max_m=0.0, scale=1.0), plain)
    even = torch.full_like(batch.counts, 1.0 / len(LEAVES))
    close(balanced_softmax(batch.logits, *labels, domain=batch.domain, priors=even), plain)
    # Every class worth one crop: all weigh the same.
    close(class_balanced(batch.logits, *labels, **of_domain, beta=0.0), plain)


def test_a_rare_leaf_has_the_larger_margin_and_the_larger_pull() -> None:
    logits = torch.zeros(2, 2, requires_grad=True)
    target = torch.tensor([[True, False], [False, True]])
    presence, domain = torch.ones(2, 2), torch.zeros(2, dtype=torch.int64)
    counts = torch.tensor([[16.0, 1.0]])
    common, rare = ldam(logits, target, presence, domain=domain, counts=counts, scale=1.0).tolist()
    assert common == pytest.approx(math.log(1.0 + math.exp(0.25)))  # 0.5 · 16^(-1/4)
    assert rare == pytest.approx(math.log(1.0 + math.exp(0.5)))
    priors = counts / counts.sum()
    loss = balanced_softmax(logits, target, presence, domain=domain, priors=priors)
    pull = -gradient_of(loss, logits).diagonal()
    assert pull.tolist() == pytest.approx([1.0 / 17.0, 16.0 / 17.0])


def test_focal_forgets_what_is_recognised_and_keeps_a_finite_slope_there() -> None:
    logits = torch.tensor([[60.0, 0.0], [0.0, 0.0]], requires_grad=True)
    target = torch.tensor([[True, False], [True, False]])
    loss = focal(logits, target, torch.ones(2, 2), gamma=0.5)
    assert loss.tolist() == pytest.approx([0.0, math.log(2.0) * math.sqrt(0.5)])
    assert torch.isfinite(gradient_of(loss, logits)).all()
