"""Fit a head on fixed embeddings: the first one of a run, and a decoupled last one.

Multinomial logistic regression with marginal labels, in torch, so that it minimises the very loss
of `model.losses` with its presence masks, from nothing. The other fit of a head, in
`model.jobs.head_refit`, starts from a shipped head and stays near it; it does without torch, as
adapting to a site must start in a moment on any computer.

"Decoupling" (Kang et al., ICLR 2020): a backbone learns best from the crops as batches draw them, a
head from classes that count alike. So the joint head may be replaced once the backbone is done. Of
their ways this is the linear classifier trained anew; here it is fitted to the end, by L-BFGS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from model.data.augment import centre_windows
from model.data.sampling_weights import pair_weights
from model.inference.test_time_augmentation import average_augmented_views
from model.losses import marginal_cross_entropy
from model.network.network import EMBED_BATCH, embed_crops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.data.crop_set import CropSet
    from model.network.backbone import Backbone
    from model.network.network import Network
    from model.training.config import TrainConfig

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
    weight = torch.zeros(target.shape[1], x.shape[1], requires_grad=True)  # (k, d)
    bias = torch.zeros(target.shape[1], requires_grad=True)  # (k,)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=ITERATIONS, history_size=10, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        logits = x @ weight.T + bias  # (n, k)
        loss = share @ marginal_cross_entropy(logits, labels, rivals)
        loss = loss + penalty * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    raw = weight.detach().numpy() / deviation
    return raw, bias.detach().numpy() - raw @ mean


def embed_windows(
    backbone: Backbone, cached: NDArray[np.uint8], *, size: int, views: int = 1
) -> NDArray[np.float32]:
    """Embed the plain windows of cached training crops.

    Args:
        backbone: on any device.
        cached: uint8 (n, s, s, 3), with room around their windows.
        size: px, the side of a window.
        views: 1, 4 or 8, averaged, see `model.inference.test_time_augmentation`.

    Returns:
        float32 (n, d).
    """
    crops = torch.from_numpy(cached)
    chunks = []
    for begin in range(0, len(crops), EMBED_BATCH):
        windows = centre_windows(crops[begin : begin + EMBED_BATCH], size=size).numpy()
        chunks.append(average_augmented_views(partial(embed_crops, backbone), windows, views=views))
    return np.concatenate(chunks)


def fit_head_on_windows(
    backbone: Backbone,
    config: TrainConfig,
    training: CropSet,
    weights: NDArray[np.float64],
    *,
    views: int = 1,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit a head on embeddings of the plain training windows.

    Args:
        backbone: as it is now.
        config: says how many crops are drawn, and the penalty.
        training: cached crops with room around their windows.
        weights: float64 (n,), how much each crop counts; sums to 1.
        views: see `model.inference.test_time_augmentation`.

    Returns:
        weight float32 (k, d) and bias float32 (k,).
    """
    rows, share = np.arange(len(weights)), weights
    if config.head_crops:
        rng = np.random.default_rng(config.seed)
        rows = rng.choice(len(weights), size=config.head_crops, p=weights)
        share = np.full(len(rows), 1.0 / len(rows))
    return fit_head(
        embed_windows(backbone, training.crops[rows], size=config.size, views=views),
        training.target[rows],
        training.presence[rows],
        weights=share,
        penalty=config.head_penalty,
    )


def fit_decoupled_head(average: Network, config: TrainConfig, training: CropSet) -> None:
    """Put a class-balanced head in the place of the averaged one, which is the one that is used.

    It sees the views that the network is used with. What was trained stays as it is, so that a run
    that goes on from its last checkpoint ends with the same head.
    """
    weights = pair_weights(training, config)
    average.set_head(
        *fit_head_on_windows(average.backbone, config, training, weights, views=config.views)
    )
