"""The network as it is trained: backbone, dropout, linear head; and its running average."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor, nn

from model.hierarchy import LEAVES
from model.network.backbone import Backbone, freeze_batchnorm
from model.network.head import Head

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMBED_BATCH: Final = 64


class Network(nn.Module):
    """Backbone and head.

    Attributes:
        backbone: crops to embeddings.
        head: embeddings to logits of the k leaves.
    """

    def __init__(self, backbone: Backbone, *, dropout: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(backbone.dimension, len(LEAVES))

    def forward(self, crops: Tensor) -> Tensor:
        """Map uint8 (n, s, s, 3) crops to float (n, k) logits."""
        embedding, _ = self.backbone(crops)  # (n, d)
        logits: Tensor = self.head(self.dropout(embedding))  # (n, k)
        return logits

    def set_head(self, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        """Take over a head fitted elsewhere: float32 (k, d) and (k,)."""
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(weight))
            self.head.bias.copy_(torch.from_numpy(bias))

    def to_head(self, *, temperature: float = 1.0) -> Head:
        """Take the head out as arrays, float32 in numpy."""
        weight, bias = (
            value.detach().float().cpu().numpy().copy()
            for value in (self.head.weight, self.head.bias)
        )
        return Head(weight, bias, temperature, LEAVES)

    def freeze_stages(self, count: int) -> None:
        """Keep the stem and the first stages of the backbone as they are; 0 frees everything."""
        stages = [f"blocks.{index}" for index in range(count)]
        for name in ["conv_stem", "bn1", *stages] if count else []:
            self.backbone.net.get_submodule(name).requires_grad_(requires_grad=False)

    def ready_to_train(self, *, frozen_norm: bool = True) -> None:
        """Switch to training; BatchNorm keeps its statistics, or takes those of the batch."""
        self.train()
        if frozen_norm:
            freeze_batchnorm(self)


def averaged_copy(network: Network) -> Network:
    """Return a copy to keep the running average of the weights in (`update_average`)."""
    return deepcopy(network).eval().requires_grad_(requires_grad=False)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, *, decay: float) -> None:
    """Update a running average of the weights: a = decay a + (1 - decay) w; buffers are copied.

    Ours and not `torch.optim.swa_utils.AveragedModel`: that takes the first update as its start,
    and counts updates itself, where `model.training.weight_averaging` starts, pauses and starts
    anew by the validation loss.
    """
    if decay < 1.0:  # else a network that holds NaN would spoil the average with 0 · NaN
        for mean, value in zip(average.parameters(), network.parameters(), strict=True):
            mean.lerp_(value, 1.0 - decay)
    for kept, current in zip(average.buffers(), network.buffers(), strict=True):
        kept.copy_(current)


@torch.inference_mode()
def embed_crops(backbone: Backbone, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Embed uint8 (n, s, s, 3) crops in batches, where the backbone is: float32 (n, d)."""
    backbone.eval()
    device = next(backbone.parameters()).device
    chunks = [crops[start : start + EMBED_BATCH] for start in range(0, len(crops), EMBED_BATCH)]
    return np.concatenate(
        [backbone(torch.from_numpy(chunk).to(device))[0].float().cpu().numpy() for chunk in chunks]
    )
