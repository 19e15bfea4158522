"""DANN: a classifier of domains, and a reversed gradient that teaches the backbone to defeat it.

    domain_logits = domain_head(reverse_gradient(features, reversal_strength(step / steps)))
    loss = label_loss + weight * domain_cross_entropy(domain_logits, domain).mean()

Source: Ganin et al., "Domain-adversarial training of neural networks", JMLR 17 (2016).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


class GradientReversal(torch.autograd.Function):
    """The identity forward; backward the gradient times -strength (Ganin 2016, section 4.2)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:  # noqa: ANN401  # torch's own
        """Return the input, and keep the strength for the way back."""
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401  # torch's own
        """Turn the gradient round; the strength has none."""
        return -ctx.strength * grads[0], None


def reverse_gradient(x: Tensor, strength: float) -> Tensor:
    """Return x unchanged; its gradient comes back times -strength.

    Args:
        x: float, any shape.
        strength: >= 0, see `reversal_strength`; at 0 nothing comes back.

    Returns:
        The values of x.
    """
    reversed_x: Tensor = GradientReversal.apply(x, strength)
    return reversed_x


def reversal_strength(progress: float) -> float:
    """How strong the reversal is: weak while the classifier of domains knows nothing yet.

        λ(p) = 2 / (1 + exp(-10 p)) - 1

    Source: Ganin 2016, section 5.2.2.

    Args:
        progress: p, the share of the steps that are done, in 0..1.

    Returns:
        In 0..1: 0 at the start, 0.99991 at the end.
    """
    return 2.0 / (1.0 + math.exp(-10.0 * progress)) - 1.0


def domain_cross_entropy(logits: Tensor, domain: Tensor) -> Tensor:
    """Cross-entropy of the classifier of domains.

        loss = -log( exp z_domain / Σ_d exp z_d )

    Args:
        logits: float (n, D).
        domain: int64 (n,), in 0..D-1.

    Returns:
        float (n,), >= 0.
    """
    return functional.cross_entropy(logits, domain, reduction="none")
