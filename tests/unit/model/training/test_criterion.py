"""What the losses remember from step to step, and which of them reach which weights."""

from typing import Any

import pytest
import torch

from model.hierarchy import LEAVES, leaf_mask
from model.losses import leaf_index
from model.training.criterion import Criterion, TrainBatch, gather_processes
from tests.unit.model.tiny_runs import small_config

DIMENSION = 12
LABELS = ("eosinophil", "monocyte", "eosinophil", "neutrophil", "monocyte", "eosinophil")
COUNTS = ({"eosinophil": 6.0, "monocyte": 3.0}, {"neutrophil": 4.0, "monocyte": 1.0, "basophil": 2})


def batch() -> TrainBatch:
    target = torch.from_numpy(leaf_mask(LABELS))
    crops = torch.zeros(len(LABELS), 8, 8, 3, dtype=torch.uint8)
    return TrainBatch(crops, target, torch.ones(target.shape), torch.tensor([0, 0, 0, 1, 1, 1]))


def outputs(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and embeddings that a gradient can reach."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(len(LABELS), len(LEAVES), generator=generator, requires_grad=True)
    embedding = torch.randn(len(LABELS), DIMENSION, generator=generator, requires_grad=True)
    return logits, embedding


def criterion(**changes: Any) -> Criterion:
    torch.manual_seed(3)
    return Criterion(small_config(**changes), counts=COUNTS, dimension=DIMENSION)


def test_a_parents_count_is_shared_by_its_leaves() -> None:
    made = criterion()
    assert made.counts[0, LEAVES.index("eosinophil")] == 6.0
    assert made.counts[1, LEAVES.index("neutrophil_band")] == 2.0
    torch.testing.assert_close(made.priors.sum(dim=1), torch.ones(2))


def test_boda_remembers_where_the_leaves_of_each_domain_lie() -> None:
    made, (logits, embedding) = criterion(alignment="boda"), outputs()
    made(logits, embedding, batch(), progress=0.0).backward()
    eosinophil, band = LEAVES.index("eosinophil"), LEAVES.index("neutrophil_band")
    mean = embedding.detach()[[0, 2]].mean(dim=0)
    torch.testing.assert_close(made.centroids[0, eosinophil], mean)
    assert made.seen[:, eosinophil].tolist() == [True, True]
    assert not made.seen[:, band].any()  # a parent has no place among the leaves
    again = outputs(seed=1)[1]
    made(logits, again, batch(), progress=0.5)
    expected = 0.9 * mean + 0.1 * again.detach()[[0, 2]].mean(dim=0)
    torch.testing.assert_close(made.centroids[0, eosinophil], expected)


def test_bodas_slope_is_that_of_the_centroids_before_the_step() -> None:
    made, (logits, embedding) = criterion(alignment="boda"), outputs()
    made(logits, embedding, batch(), progress=0.0)
    _, later = outputs(seed=1)
    before = made.centroids.clone()
    made(logits, later, batch(), progress=0.1).backward()
    gradient = later.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0
    assert not torch.equal(made.centroids, before)

    repeat = outputs(seed=1)[1]
    made.centroids.copy_(before)
    made(logits, repeat, batch(), progress=0.1).backward()
    torch.testing.assert_close(repeat.grad, gradient)


def test_group_dro_turns_to_the_domain_with_the_higher_loss() -> None:
    made = criterion(alignment="group_dro", alignment_weight=0.5)
    logits, embedding = outputs()
    right = logits.detach() + 9.0 * batch().target * (batch().domain == 0)[:, None]
    for _ in range(3):
        made(right, embedding, batch(), progress=0.0)
    weights = made.group_weights
    assert weights[1] > 0.6
    torch.testing.assert_close(weights.sum(), torch.tensor(1.0))


def test_dann_teaches_the_discriminator_and_the_backbone_the_opposite() -> None:
    made, (logits, embedding) = criterion(alignment="dann"), outputs()
    loss = made(logits, embedding, batch(), progress=1.0)
    loss.backward()
    assert made.discriminator is not None
    gradients = [parameter.grad for parameter in made.discriminator.parameters()]
    assert all(g is not None and g.abs().sum() > 0 for g in gradients)
    gradient = embedding.grad
    assert gradient is not None
    with (
        torch.no_grad()
    ):  # a step of the backbone down its gradient makes the domains harder to tell
        step = embedding - 0.5 * gradient / gradient.norm()
        after = torch.nn.functional.cross_entropy(made.discriminator(step), batch().domain)
        now = torch.nn.functional.cross_entropy(made.discriminator(embedding), batch().domain)
    assert after > now


def test_at_the_start_the_discriminator_does_not_reach_the_backbone() -> None:
    made, (logits, embedding) = criterion(alignment="dann"), outputs()
    made(logits, embedding, batch(), progress=0.0).backward()
    assert embedding.grad is not None
    assert not embedding.grad.any()


@pytest.mark.parametrize("alignment", ["coral", "mmd", "supcon"])
def test_the_weight_scales_the_alignment_loss_alone(alignment: str) -> None:
    plain = criterion()(*outputs(), batch(), progress=0.0)
    once = criterion(alignment=alignment)(*outputs(), batch(), progress=0.0)
    twice = criterion(alignment=alignment, alignment_weight=2.0)(*outputs(), batch(), progress=0.0)
    assert once > plain
    torch.testing.assert_close(twice - plain, 2.0 * (once - plain))


def test_the_label_losses_differ_on_one_batch() -> None:
    names = ("none", "class_balanced", "focal", "ldam", "balanced_softmax")
    values = {
        round(criterion(imbalance=name)(*outputs(), batch(), progress=0.0).item(), 5)
        for name in names
    }
    assert len(values) == len(names)


def test_alone_a_process_knows_its_own_values_only() -> None:
    values = outputs()[1]
    gathered = gather_processes(values)
    assert torch.equal(gathered, values)
    assert not gathered.requires_grad
    assert leaf_index(batch().target)[3] == -1
