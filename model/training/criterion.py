"""The criterion of a run: one loss of the labels, and one that draws the domains together.

    loss = imbalance loss + alignment_weight · alignment loss

Both are chosen by name in the config. To add one: a pure function in `model.losses`, its name in
`model.training.config.CHOICES`, and a line in `_label_loss` or `_alignment_loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import torch
from torch import Tensor, distributed, nn

from model import losses
from model.hierarchy import LEAVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.training.config import TrainConfig

SUPCON_TEMPERATURE: Final = 0.1
CENTROID_MOMENTUM: Final = 0.9
DISCRIMINATOR_WIDTH: Final = 128
LDAM_SCALE: Final = 1.0  # 30 is for logits that are cosines


class TrainBatch(NamedTuple):
    """What a step learns from; a tuple, which Fabric and DDP know how to hand on.

    Attributes:
        crops: uint8 (n, s, s, 3).
        target: bool (n, k), the leaves of each label.
        presence: float32 (n, k), how much each leaf counts as a rival.
        domain: int64 (n,), rows of the run's list of domains.
    """

    crops: Tensor
    target: Tensor
    presence: Tensor
    domain: Tensor

    def to(self, device: torch.device) -> TrainBatch:
        """Return the batch on a device."""
        return TrainBatch(*(part.to(device) for part in self))


class Criterion(nn.Module):
    """The losses of a run with what they remember from step to step.

    Attributes:
        counts: float32 (D, k), crops of each domain and leaf as they are drawn.
        priors: float32 (D, k), their shares.
        group_weights: float32 (D,), GroupDRO's.
        centroids: float32 (D, k, d), BoDA's; `seen` bool (D, k) says which there are.
    """

    counts: Tensor
    priors: Tensor
    group_weights: Tensor
    centroids: Tensor
    seen: Tensor

    def __init__(
        self, config: TrainConfig, *, counts: Sequence[Mapping[str, float]], dimension: int
    ) -> None:
        super().__init__()
        self.config = config
        domains = len(counts)
        self.register_buffer("counts", losses.leaf_counts(counts))
        self.register_buffer("priors", losses.domain_priors(counts))
        self.register_buffer("group_weights", torch.full((domains,), 1.0 / domains))
        width = dimension if config.alignment == "boda" else 0
        self.register_buffer("centroids", torch.zeros(domains, len(LEAVES), width))
        self.register_buffer("seen", torch.zeros(domains, len(LEAVES), dtype=torch.bool))
        self.discriminator = (
            nn.Sequential(
                nn.Linear(dimension, DISCRIMINATOR_WIDTH),
                nn.ReLU(),
                nn.Linear(DISCRIMINATOR_WIDTH, domains),
            )
            if config.alignment == "dann"
            else None
        )

    def forward(
        self, logits: Tensor, embedding: Tensor, batch: TrainBatch, *, progress: float
    ) -> Tensor:
        """Return the loss of a batch.

        Args:
            logits: float (n, k).
            embedding: float (n, d).
            batch: labels and domains.
            progress: 0..1, how far the run has come.

        Returns:
            float scalar.
        """
        per_crop = self._label_loss(logits, batch)
        if self.config.alignment == "group_dro":
            return self._group_dro(per_crop, batch.domain)
        loss = per_crop.mean()
        if self.config.alignment == "none":
            return loss
        return loss + self.config.alignment_weight * self._alignment_loss(
            embedding, batch, progress=progress
        )

    def _label_loss(self, logits: Tensor, batch: TrainBatch) -> Tensor:
        common = (logits, batch.target, batch.presence)
        match self.config.imbalance:
            case "class_balanced":
                return losses.class_balanced(*common, domain=batch.domain, counts=self.counts)
            case "focal":
                return losses.focal(*common)
            case "ldam":
                return losses.ldam(
                    *common, domain=batch.domain, counts=self.counts, scale=LDAM_SCALE
                )
            case "balanced_softmax":
                return losses.balanced_softmax(*common, domain=batch.domain, priors=self.priors)
            case _:
                return losses.marginal_cross_entropy(*common)

    def _alignment_loss(self, embedding: Tensor, batch: TrainBatch, *, progress: float) -> Tensor:
        label = losses.leaf_index(batch.target)
        match self.config.alignment:
            case "coral":
                return losses.coral(embedding, batch.domain)
            case "mmd":
                return losses.mmd(embedding, batch.domain)
            case "supcon":
                unit = nn.functional.normalize(embedding, dim=1)
                return losses.supervised_contrastive(unit, label, SUPCON_TEMPERATURE).mean()
            case "boda":
                return self._boda(embedding, label, batch.domain)
            case _:
                return self._adversary(embedding, batch.domain, progress=progress)

    def _group_dro(self, per_crop: Tensor, domain: Tensor) -> Tensor:
        # The weights follow the crops of all processes, the loss this process's own.
        _, weights = losses.group_dro(
            gather_processes(per_crop),
            gather_processes(domain),
            self.group_weights,
            self.config.alignment_weight,
        )
        self.group_weights.copy_(weights)
        loss, _ = losses.group_dro(per_crop, domain, weights, 0.0)
        return loss

    def _boda(self, embedding: Tensor, label: Tensor, domain: Tensor) -> Tensor:
        counts = self.counts * self.seen
        loss = losses.boda(embedding, label, domain, self.centroids, counts)
        centroids, seen = losses.update_centroids(
            self.centroids,
            self.seen,
            gather_processes(embedding),
            gather_processes(label),
            gather_processes(domain),
            CENTROID_MOMENTUM,
        )
        # In place, as DDP keeps hold of these very tensors; the graph of the loss has its own copy.
        self.centroids.copy_(centroids)
        self.seen.copy_(seen)
        return loss

    def _adversary(self, embedding: Tensor, domain: Tensor, *, progress: float) -> Tensor:
        if self.discriminator is None:
            raise ValueError(f"no alignment loss is named {self.config.alignment}")
        reversed_ = losses.reverse_gradient(embedding, losses.reversal_strength(progress))
        return losses.domain_cross_entropy(self.discriminator(reversed_), domain).mean()


def gather_processes(values: Tensor) -> Tensor:
    """Join the values (n, ...) of every process, all of one shape: (processes · n, ...), detached.

    What a run remembers from step to step is thereby the same in each of them.
    """
    values = values.detach()
    if not (distributed.is_available() and distributed.is_initialized()):
        return values
    parts = [torch.empty_like(values) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, values.contiguous())
    return torch.cat(parts)
