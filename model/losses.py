"""Losses, as small pure functions of tensors.

To add one: keep it a pure function of logits and label masks, return one value per crop (the
caller averages), and test it against a naive loop.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

# Finite, so that a row of nothing but masked leaves gives no NaN in the gradient.
MASKED: Final = -1e9


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
