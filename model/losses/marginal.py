"""Labels as masks over the leaves: the marginal cross-entropy, and the leaf of a label.

The loss that the others build on, and a training run on its own uses.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

# Finite, so that a row of nothing but masked leaves gives no NaN in the gradient.
MASKED: Final = -1e9

LEFT_OUT: Final = -1  # the index of a label that is no leaf


def marginal_cross_entropy(logits: Tensor, target: Tensor, presence: Tensor) -> Tensor:
    """Negative log of the probability that a crop is any of the leaves its label stands for.

        loss = -log( Σ_{j in label} exp z_j  /  Σ_j presence_j exp z_j )

    This is the likelihood of a label at parent depth, marginal over its leaves. Presence says how
    much a leaf counts as a rival of the label in the data set the crop comes from: 1 where the
    set labels that leaf, 0 where it does not (the leaf is masked, and gets no gradient), and a
    value between as a weak negative. Leaves of the label itself always count fully.

    Args:
        logits: float (n, k).
        target: bool (n, k), the leaves of each label.
        presence: float (n, k), in 0..1.

    Returns:
        float (n,), >= 0; 0 for a row without any target leaf.
    """
    weight = torch.where(target, torch.ones_like(presence), presence)
    rivals = torch.where(weight > 0, logits + weight.clamp_min(1e-12).log(), MASKED)
    label = torch.where(target, logits, MASKED)
    loss = rivals.logsumexp(dim=1) - label.logsumexp(dim=1)
    return torch.where(target.any(dim=1), loss, torch.zeros_like(loss))


def leaf_index(target: Tensor) -> Tensor:
    """Return the leaf that each label names, for the losses that need one class per crop.

    A label at parent depth does not say which of its leaves the crop shows, so it has none.

    Args:
        target: bool (n, k), the leaves of each label.

    Returns:
        int64 (n,), in 0..k-1; -1 (`LEFT_OUT`) for a parent, and for a row without a target leaf.
    """
    return torch.where(target.sum(dim=1) == 1, target.int().argmax(dim=1), LEFT_OUT)
