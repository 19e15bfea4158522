"""Fit a head on fixed embeddings: multinomial logistic regression with marginal labels.

The first head of every training run, and all there is to a run with no steps over the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from model.losses import marginal_cross_entropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

ITERATIONS: Final = 150


def fit_head(
    embedding: NDArray[np.float32],
    target: NDArray[np.bool_],
    presence: NDArray[np.float32],
    *,
    weights: NDArray[np.float64],
    penalty: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Minimise the weighted marginal cross-entropy plus an L2 penalty, by L-BFGS.

    Embeddings are standardised for the fit, and the standardisation is folded into the result.

    Args:
        embedding: float32 (n, d).
        target: bool (n, k), the leaves of each label.
        presence: float32 (n, k), see `model.losses`.
        weights: float64 (n,), sums to 1.
        penalty: on the squared weights over standardised embeddings.

    Returns:
        weight float32 (k, d) and bias float32 (k,), for raw embeddings.
    """
    mean, deviation = embedding.mean(axis=0), embedding.std(axis=0) + 1e-3
    x = torch.from_numpy((embedding - mean) / deviation)  # (n, d)
    labels, rivals = torch.from_numpy(target), torch.from_numpy(presence)
    share = torch.from_numpy(weights.astype(np.float32))
    weight = torch.zeros(target.shape[1], x.shape[1], requires_grad=True)
    bias = torch.zeros(target.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=ITERATIONS, history_size=10, line_search_fn="strong_wolfe"
    )

    def objective() -> torch.Tensor:
        optimiser.zero_grad()
        loss = share @ marginal_cross_entropy(x @ weight.T + bias, labels, rivals)
        loss = loss + penalty * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss

    optimiser.step(objective)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    raw = weight.detach().numpy() / deviation
    return raw, bias.detach().numpy() - raw @ mean
