"""GroupDRO: the domain that is served worst counts most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def group_dro(losses: Tensor, domain: Tensor, weights: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """Weigh the domains' mean losses, and raise the weights of those with a high loss.

        q_d  <- q_d · exp(η ℓ_d), then divided by the sum of all
        loss  = Σ_d q_d ℓ_d,  ℓ_d the mean loss of the crops of domain d

    A domain without a crop in the batch keeps its weight, but for the division.

    Source: Sagawa et al., "Distributionally robust neural networks for group shifts", ICLR 2020,
    algorithm 1.

    Args:
        losses: float (n,), one per crop.
        domain: int64 (n,), in 0..D-1.
        weights: float (D,), q, > 0, sums to 1; begin with 1/D each.
        eta: η >= 0, the step of the weights; at 0 they stay.

    Returns:
        The loss, float (), and the new weights, float (D,), which carry no gradient.
    """
    member = functional.one_hot(domain, len(weights)).to(losses.dtype)  # (n, D)
    mean = losses @ member / member.sum(dim=0).clamp_min(1.0)  # (D,), 0 where no crop
    # By logarithms: exp(η ℓ) alone overflows for a loss that runs away.
    raised = (weights.log() + eta * mean.detach()).softmax(dim=0)
    return raised @ mean, raised
