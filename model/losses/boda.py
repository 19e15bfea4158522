"""BoDA: a crop near the centroids of its leaf in other domains, calibrated by the counts.

Source: Yang et al., "On multi-domain long-tailed recognition, imbalanced domain generalization and
beyond", ECCV 2022: its calibrated loss, in the form of its published code. Written anew from the
formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def boda(
    features: Tensor,
    label: Tensor,
    domain: Tensor,
    centroids: Tensor,
    counts: Tensor,
    nu: float = 0.5,
    temperature: float = 1.0,
) -> Tensor:
    """Negative log-likelihood of a crop's own leaf in other domains, among all other pairs.

        logit(z; d', c') = -‖z - μ_{d',c'}‖ / N_{d,c} · (N_{d',c'} / N_{d,c})^ν / τ
        log p(d', c')    = logit(d', c') - log Σ_{(e, b) != (d, c)} exp logit(e, b)
        loss             = -mean of log p(d', c) over all crops and all domains d' != d

    (d, c) are domain and leaf of the crop z. Pairs without crops have no part in any sum. 1/N_{d,c}
    makes a rare pair count as much as a common one; the ratio of counts makes more of centroids
    that rest on many crops.

    Args:
        features: float (n, d).
        label: int64 (n,), in -1..C-1, see `model.losses.leaf_index`; a crop with -1 is left out.
        domain: int64 (n,), in 0..D-1.
        centroids: float (D, C, d), see `update_centroids`; taken as constants.
        counts: float (D, C), N, in crops; 0 for a pair that does not exist or has no centroid yet
            (multiply by `seen`). A crop of such a pair is left out.
        nu: ν >= 0, how much the ratio of the counts matters.
        temperature: τ > 0.

    Returns:
        float (), >= 0; 0 where no crop has its leaf in another domain.
    """
    pairs = counts.numel()
    classes = counts.shape[1]
    own = domain * classes + label.clamp_min(0)  # (n,), the pair's row in the flat tables
    column = torch.arange(pairs, device=label.device)  # (DC,)
    number = counts.flatten().to(features.dtype)
    exists = number > 0
    rival = exists & (column != own[:, None])  # (n, DC)
    positive = rival & (column % classes == label[:, None]) & exists[own][:, None]
    crops = positive.any(dim=1).nonzero().flatten()
    if len(crops) == 0:
        return 0.0 * features.sum()
    # Whatever stands in the place of an absent pair must not reach the gradient, a NaN least.
    means = torch.where(exists[:, None], centroids.detach().flatten(end_dim=1), 0.0)
    distance = torch.cdist(
        features[crops], means.to(features.dtype), compute_mode="donot_use_mm_for_euclid_dist"
    )
    own_number = number[own[crops], None]
    logit = -distance / own_number * (number / own_number).pow(nu) / temperature
    # Each of these crops has at least one positive, so no row is masked wholly.
    rivals = logit.masked_fill(~rival[crops], -torch.inf).logsumexp(dim=1, keepdim=True)
    return (rivals - logit)[positive[crops]].mean()


def update_centroids(
    centroids: Tensor,
    seen: Tensor,
    features: Tensor,
    label: Tensor,
    domain: Tensor,
    momentum: float,
) -> tuple[Tensor, Tensor]:
    """Move the centroid of each (domain, leaf) in the batch towards the mean of its crops there.

        μ <- m μ + (1 - m) · mean of the batch's crops of that pair;  at first sight μ <- that mean

    The paper's code instead embeds the whole training set every 100 or so steps, with the network
    at rest, and mixes that mean in with m = 0.2. A running average costs nothing, but it lags and
    it is of augmented crops, so this is not exactly BoDA. As a batch holds few crops of a pair,
    take m near 0.9.

    Args:
        centroids: float (D, C, d), begin with zeros.
        seen: bool (D, C), the pairs that have a centroid; begin with False.
        features: float (n, d).
        label: int64 (n,), in -1..C-1; a crop with -1 is left out.
        domain: int64 (n,), in 0..D-1.
        momentum: m, in 0..1.

    Returns:
        The new centroids, float (D, C, d), and the new seen, bool (D, C). No gradient flows
        through either, and the old ones are not changed.
    """
    known = label >= 0
    pair = domain[known] * seen.shape[1] + label[known]
    member = functional.one_hot(pair, seen.numel()).to(centroids.dtype)  # (n, DC)
    number = member.sum(dim=0)
    total = member.T @ features.detach()[known].to(centroids.dtype)  # (DC, d)
    mean = (total / number.clamp_min(1.0)[:, None]).view_as(centroids)
    keep = torch.where(seen, momentum, 0.0).to(centroids.dtype)[:, :, None]
    here = (number > 0).view_as(seen)
    moved = keep * centroids + (1.0 - keep) * mean
    return torch.where(here[:, :, None], moved, centroids), seen | here
