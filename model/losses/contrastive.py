"""The supervised contrastive loss: crops of one leaf near each other, whatever their domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def supervised_contrastive(
    features: Tensor, label: Tensor, temperature: float, valid: Tensor | None = None
) -> Tensor:
    """Negative log-likelihood of a crop's own leaf among its neighbours in the batch.

        loss_i = -1/|P(i)| Σ_{p in P(i)} log( exp(z_i·z_p / τ) / Σ_{a != i} exp(z_i·z_a / τ) )

    z are the features at length 1 and P(i) the other crops of the same leaf.

    Source: Khosla et al., "Supervised contrastive learning", NeurIPS 2020, equation 2 (L_out).

    Args:
        features: float (n, d), of any length.
        label: int64 (n,), see `model.losses.leaf_index`; a crop with a negative label is left out.
        temperature: τ > 0.
        valid: bool (n,), False leaves a crop out: it is no anchor, no positive and no rival.

    Returns:
        float (n,), >= 0; 0 for a crop without a positive and for one left out.
    """
    taking_part = label >= 0 if valid is None else valid & (label >= 0)
    others = ~torch.eye(len(label), dtype=torch.bool, device=label.device)
    others = others & taking_part & taking_part[:, None]  # (n, n)
    positive = others & (label == label[:, None])
    anchors = positive.any(dim=1).nonzero().flatten()
    direction = functional.normalize(features, dim=1)
    similarity = direction[anchors] @ direction.T / temperature  # (anchors, n)
    # An anchor has at least one positive, so no row is masked wholly.
    rivals = similarity.masked_fill(~others[anchors], -torch.inf).logsumexp(dim=1)
    of_own = torch.where(positive[anchors], rivals[:, None] - similarity, 0.0).sum(dim=1)
    loss = features.new_zeros(len(label))
    return loss.index_add(0, anchors, of_own / positive[anchors].sum(dim=1))
