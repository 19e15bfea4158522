"""Random batches that the losses are held against naive loops on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.hierarchy import LEAVES


@dataclass(frozen=True)
class LabelBatch:
    """Labels of every kind, in three domains.

    Attributes:
        logits: float64 (n, k).
        target: bool (n, k); leaves, pairs of leaves, and rows without any.
        presence: float64 (n, k), of 0, 0.1 and 1.
        domain: int64 (n,), in 0..2.
        counts: float64 (3, k), in crops; domain 2 lacks leaf 0.
    """

    logits: Tensor
    target: Tensor
    presence: Tensor
    domain: Tensor
    counts: Tensor


def label_batch(n: int = 60, *, seed: int = 3) -> LabelBatch:
    """Draw a batch; its first row has no label, its second a parent's, its third a rare one."""
    k = len(LEAVES)
    generator = torch.Generator().manual_seed(seed)
    logits = 3.0 * torch.randn(n, k, generator=generator, dtype=torch.float64)
    target = torch.zeros(n, k, dtype=torch.bool)
    target[torch.arange(n), torch.randint(0, k, (n,), generator=generator)] = True
    target[0] = False
    target[1, :2] = True
    target[2] = torch.arange(k) == 0
    choices = torch.tensor([0.0, 0.1, 1.0], dtype=torch.float64)
    presence = choices[torch.randint(0, 3, (n, k), generator=generator)]
    domain = torch.randint(0, 3, (n,), generator=generator)
    domain[2] = 2
    counts = torch.randint(1, 3000, (3, k), generator=generator).double()
    counts[2, 0] = 0.0
    return LabelBatch(logits, target, presence, domain, counts)


@dataclass(frozen=True)
class FeatureBatch:
    """Embeddings with their leaf and domain.

    Attributes:
        features: float64 (n, d).
        label: int64 (n,), in -1..classes-1.
        domain: int64 (n,), in 0..domains-1.
    """

    features: Tensor
    label: Tensor
    domain: Tensor


def feature_batch(
    n: int = 24, *, d: int = 5, classes: int = 4, domains: int = 3, seed: int = 8
) -> FeatureBatch:
    """Draw a batch in which every domain is shifted by its own number."""
    generator = torch.Generator().manual_seed(seed)
    label = torch.randint(-1, classes, (n,), generator=generator)
    domain = torch.arange(n) % domains
    features = torch.randn(n, d, generator=generator, dtype=torch.float64) + domain[:, None]
    return FeatureBatch(features, label, domain)


def gradient_of(loss: Tensor, x: Tensor) -> Tensor:
    """Return the gradient of the sum of a loss with respect to x."""
    (gradient,) = torch.autograd.grad(loss.sum(), x)
    return gradient
