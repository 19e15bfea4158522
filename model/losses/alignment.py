"""Losses against domain shift that draw the domains' embeddings together, whatever the class.

Only domains with at least two crops in the batch take part; where fewer than two such domains are
left, the loss is 0 and its gradient too.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

GAMMAS: Final = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)  # those of DomainBed


def coral(features: Tensor, domain: Tensor) -> Tensor:
    """How far the domains' embeddings differ in mean and covariance.

        mean over pairs (a, b) of  mean_i (μ_a - μ_b)_i²  +  mean_ij (Σ_a - Σ_b)_ij²

    Source: Sun and Saenko, "Deep CORAL", ECCV 2016 workshops, equations 1 to 3 (the covariances,
    scaled by 1/d² in place of 1/4d²); with the means, as in DomainBed and as the macro-alignment
    of Yang et al., "On multi-domain long-tailed recognition, imbalanced domain generalization and
    beyond" (BoDA), ECCV 2022.

    Args:
        features: float (n, d).
        domain: int64 (n,).

    Returns:
        float (), >= 0 up to rounding.
    """
    parts = []
    for rows in _domains(domain):
        mean = features[rows].mean(dim=0)
        parts.append((mean, (features[rows] - mean) / (len(rows) - 1) ** 0.5))
    return _mean_over_pairs(
        [
            (mean_a - mean_b).square().mean() + _covariance_gap(a, b)
            for (mean_a, a), (mean_b, b) in combinations(parts, 2)
        ],
        features,
    )


def _covariance_gap(a: Tensor, b: Tensor) -> Tensor:
    """Mean of (aᵀa - bᵀb)², from the crops' inner products: they are few, features are many."""
    total = (a @ a.T).square().sum() + (b @ b.T).square().sum() - 2.0 * (a @ b.T).square().sum()
    return total / a.shape[1] ** 2


def mmd(features: Tensor, domain: Tensor, gammas: Sequence[float] = GAMMAS) -> Tensor:
    """Squared maximum mean discrepancy of the domains' embeddings, with Gaussian kernels.

        mean over pairs (a, b) of  mean k(x_a, x_a') + mean k(x_b, x_b') - 2 mean k(x_a, x_b)
        k(x, y) = Σ_γ exp(-γ ‖x - y‖²)

    This is the biased estimate, which is never negative: a crop is paired with itself too.

    Source: Gretton et al., "A kernel two-sample test", JMLR 13 (2012), equation 5; several
    bandwidths at once as in DomainBed.

    Args:
        features: float (n, d).
        domain: int64 (n,).
        gammas: one kernel each, > 0, in 1 / squared units of the features.

    Returns:
        float (), in 0..2·len(gammas).
    """
    # The exact form: the fast one cancels between near neighbours.
    distance = torch.cdist(
        features, features, compute_mode="donot_use_mm_for_euclid_dist"
    ).square()  # (n, n)
    kernel = torch.stack([torch.exp(-gamma * distance) for gamma in gammas]).sum(dim=0)
    return _mean_over_pairs(
        [
            kernel[a][:, a].mean() + kernel[b][:, b].mean() - 2.0 * kernel[a][:, b].mean()
            for a, b in combinations(_domains(domain), 2)
        ],
        features,
    )


def _domains(domain: Tensor) -> list[Tensor]:
    """Return the rows of each domain that has at least two; int64 (m,) each."""
    rows = [(domain == d).nonzero().flatten() for d in sorted(set(domain.tolist()))]
    return [r for r in rows if len(r) >= 2]


def _mean_over_pairs(terms: Sequence[Tensor], features: Tensor) -> Tensor:
    """Return the mean; without any pair a zero through which a gradient (of zero) flows."""
    return torch.stack([*terms]).mean() if terms else 0.0 * features.sum()
