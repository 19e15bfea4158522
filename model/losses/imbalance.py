"""Losses against imbalance between classes, counted in each domain by itself.

All are forms of the marginal cross-entropy, so they take labels at any depth and presence masks.
A class may be common in one domain and rare in the next; every count here is therefore one per
(domain, leaf). Where a sampler already evens out the classes, count what it draws, not what lies
in the folder, or the imbalance is corrected twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from model.hierarchy import LEAVES, leaves_of
from model.losses.marginal import marginal_cross_entropy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor


def leaf_counts(counts_by_label: Sequence[Mapping[str, float]]) -> Tensor:
    """Return the crops of each (domain, leaf); those of a parent are spread evenly over its leaves.

    Args:
        counts_by_label: for each domain, its crops by label (leaf or parent).

    Returns:
        float32 (D, k), in crops, >= 0; columns as in `model.hierarchy.LEAVES`.

    Raises:
        KeyError: a label is neither a leaf nor a parent.
    """
    counts = torch.zeros(len(counts_by_label), len(LEAVES))
    for row, by_label in zip(counts, counts_by_label, strict=True):
        for label, crops in by_label.items():
            leaves = leaves_of(label)
            for leaf in leaves:
                row[LEAVES.index(leaf)] += crops / len(leaves)
    return counts


def domain_priors(counts_by_label: Sequence[Mapping[str, float]], *, floor: float = 1e-3) -> Tensor:
    """Return how likely each leaf is in each domain, before a crop is looked at.

    Args:
        counts_by_label: for each domain, its crops by label (leaf or parent), at least one.
        floor: least share of a leaf, before the row is made to sum to 1. It is what a leaf gets
            that the domain does not have. The smaller it is, the less `balanced_softmax` teaches
            that crops of the domain are not of that leaf.

    Returns:
        float32 (D, k), > 0 for floor > 0, each row sums to 1.

    Raises:
        KeyError: a label is neither a leaf nor a parent.
    """
    counts = leaf_counts(counts_by_label)
    shares = (counts / counts.sum(dim=1, keepdim=True)).clamp_min(floor)
    return shares / shares.sum(dim=1, keepdim=True)


def effective_number(counts: Tensor, beta: float) -> Tensor:
    """Return how many different crops a count is worth, as crops overlap in what they show.

        E_n = (1 - β^n) / (1 - β)

    Source: Cui et al., "Class-balanced loss based on effective number of samples", CVPR 2019,
    section 3.

    Args:
        counts: float, any shape, >= 0.
        beta: 0 <= β < 1. At 0 every class is worth one crop, towards 1 as many as it has.

    Returns:
        float, the shape of counts; 0 where the count is 0.

    Raises:
        ValueError: beta is out of its range.
    """
    if not 0.0 <= beta < 1.0:
        raise ValueError(f"beta is {beta}; it must be at least 0 and below 1")
    powers = torch.pow(torch.full_like(counts, beta, dtype=torch.float64), counts)
    return ((1.0 - powers) / (1.0 - beta)).to(counts.dtype)


def effective_number_weights(counts: Tensor, beta: float) -> Tensor:
    """Return the weight of each leaf in each domain, inverse to its effective number.

        w_{d,j} = C_d · (1/E_{d,j}) / Σ_i (1/E_{d,i})

    The sum runs over the C_d leaves that domain d has, so that these weigh 1 on average.

    Source: Cui et al., CVPR 2019, section 4, for each domain by itself.

    Args:
        counts: float (D, k), in crops, see `leaf_counts`.
        beta: 0 <= β < 1.

    Returns:
        float (D, k), >= 0; 0 for a leaf that the domain does not have.

    Raises:
        ValueError: beta is out of its range.
    """
    return counts.gt(0) * _inverse_total(counts, beta) / _worth(counts, beta)


def class_balanced(
    logits: Tensor,
    target: Tensor,
    presence: Tensor,
    *,
    domain: Tensor,
    counts: Tensor,
    beta: float = 0.9999,
) -> Tensor:
    """Marginal cross-entropy, weighted by the inverse effective number of the label.

    A crop labelled with a leaf weighs what `effective_number_weights` gives that leaf. A parent is
    one class whose count is the sum of its leaves'. A label that its domain does not count weighs
    as one with a single crop.

    Source: Cui et al., CVPR 2019, section 4; the default of beta is one of those it tries.

    Args:
        logits: float (n, k).
        target: bool (n, k), the leaves of each label.
        presence: float (n, k), in 0..1, see `marginal_cross_entropy`.
        domain: int64 (n,), in 0..D-1.
        counts: float (D, k), in crops, see `leaf_counts`.
        beta: 0 <= β < 1.

    Returns:
        float (n,), >= 0.

    Raises:
        ValueError: beta is out of its range.
    """
    crops = (counts[domain] * target).sum(dim=1)  # (n,)
    weight = _inverse_total(counts, beta)[domain, 0] / _worth(crops, beta)
    return weight * marginal_cross_entropy(logits, target, presence)


def focal(logits: Tensor, target: Tensor, presence: Tensor, *, gamma: float = 1.0) -> Tensor:
    """Marginal cross-entropy in which crops that are already recognised count less.

        loss = (1 - p)^γ · (-log p),  p the probability of the label, marginal over its leaves

    Source: Lin et al., "Focal loss for dense object detection", ICCV 2017, equation 4.

    Args:
        logits: float (n, k).
        target: bool (n, k), the leaves of each label.
        presence: float (n, k), in 0..1, see `marginal_cross_entropy`.
        gamma: >= 0; at 0 this is the marginal cross-entropy.

    Returns:
        float (n,), >= 0.
    """
    loss = marginal_cross_entropy(logits, target, presence)
    # 1 - p without cancellation; kept from 0, where the slope of a power below 1 is infinite.
    missing = -torch.expm1(-loss)
    return missing.clamp_min(1e-12).pow(gamma) * loss


def ldam(
    logits: Tensor,
    target: Tensor,
    presence: Tensor,
    *,
    domain: Tensor,
    counts: Tensor,
    max_m: float = 0.5,
    scale: float = 30.0,
) -> Tensor:
    """Marginal cross-entropy in which a rare leaf must win by a larger margin.

        Δ_{d,j} = max_m · (n_{d,j} / n_min)^(-1/4),  n_min the least count above 0
        loss    = marginal cross-entropy of  s · (z_j - [j in label] Δ_{d,j})

    The margins share one scale over all domains. A label that its domain does not count has the
    margin max_m. The margins are in units of the logits: s = 30 is meant for logits that are
    cosines, in -1..1; with those of a plain linear head take s = 1.

    Source: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss",
    NeurIPS 2019, section 3; the scale s and the form of max_m as in its published code.

    Args:
        logits: float (n, k).
        target: bool (n, k), the leaves of each label.
        presence: float (n, k), in 0..1, see `marginal_cross_entropy`.
        domain: int64 (n,), in 0..D-1.
        counts: float (D, k), in crops, see `leaf_counts`; at least one above 0.
        max_m: the margin of the rarest leaf.
        scale: s, > 0.

    Returns:
        float (n,), >= 0.
    """
    rarest = counts[counts > 0].min()
    margin = max_m * (counts.clamp_min(rarest) / rarest).pow(-0.25)  # (D, k)
    return marginal_cross_entropy(scale * (logits - target * margin[domain]), target, presence)


def balanced_softmax(
    logits: Tensor,
    target: Tensor,
    presence: Tensor,
    *,
    domain: Tensor,
    priors: Tensor,
    tau: float = 1.0,
) -> Tensor:
    """Marginal cross-entropy of logits that are raised by how common a leaf is in the domain.

        loss = marginal cross-entropy of  z_j + τ · log π_{d,j}

    The case mix of the domain is thereby explained by the priors π, and the logits, used without
    them, are left to tell the leaves apart as if all were equally common. For a parent, the sum
    over its leaves is raised with them.

    Source: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, equation 10; at
    τ = 1 Ren et al., "Balanced meta-softmax", NeurIPS 2020, section 3. Here with the priors of
    the crop's own domain.

    Args:
        logits: float (n, k).
        target: bool (n, k), the leaves of each label.
        presence: float (n, k), in 0..1, see `marginal_cross_entropy`.
        domain: int64 (n,), in 0..D-1.
        priors: float (D, k), > 0, see `domain_priors`.
        tau: τ >= 0; at 0 this is the marginal cross-entropy.

    Returns:
        float (n,), >= 0.
    """
    return marginal_cross_entropy(logits + tau * priors[domain].log(), target, presence)


def _worth(counts: Tensor, beta: float) -> Tensor:
    """Return the effective number of at least one crop; the shape of counts."""
    return effective_number(counts.clamp_min(1.0), beta)


def _inverse_total(counts: Tensor, beta: float) -> Tensor:
    """Return C_d / Σ_i (1/E_{d,i}) over the leaves that a domain has; (D, 1), 0 where none."""
    has = counts > 0
    inverse = (has / _worth(counts, beta)).sum(dim=1, keepdim=True)
    return has.sum(dim=1, keepdim=True) / inverse.clamp_min(1e-30)
