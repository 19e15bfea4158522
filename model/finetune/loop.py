"""The steps of fine-tuning: the two losses of training, and three penalties for leaving the base.

    loss = class-balanced cross-entropy + a · CORAL          site and rendered sites as domains
         + m · cross-entropy of the head on the replay memory
         + e · squared change of the embedding, as a share of the memory's variance  (on all crops)
         + l · KL(base ‖ network)                                          (on rendered cells)
         + s / 2 · squared distance to the weights of the base                         (L2-SP)

The stem and the first stages stay as they are, so base and network share them: they run once, and
without gradients. BatchNorm keeps its statistics.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.hierarchy import LEAVES
from model.losses import marginal_cross_entropy
from model.network.network import Network, averaged_copy
from model.training.criterion import Criterion
from model.training.loop import optimiser_step
from model.training.weight_averaging import AveragingSchedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightning_fabric import Fabric

    from model.finetune.batches import CropPool, FineTuneBatch
    from model.finetune.config import FineTuneConfig


class FineTuner(nn.Module):
    """The network beside the base it must stay near, and the losses between them.

    Args:
        base: backbone and head that were shipped; kept as it is.
        variance: > 0, of a feature over the replay memory, mean of all features. Many features are
            almost never active, so that a spread of each one's own would magnify these.
        criterion: the two losses of training.
        config: the settings.
    """

    def __init__(
        self,
        base: Network,
        *,
        variance: float,
        criterion: Criterion,
        config: FineTuneConfig,
    ) -> None:
        super().__init__()
        self.base = base.eval().requires_grad_(requires_grad=False)
        self.network = deepcopy(base).requires_grad_()
        self.network.freeze_stages(config.frozen_stages)
        self.criterion = criterion
        self.config = config
        self.variance = variance

    def forward(self, batch: FineTuneBatch, *, progress: float) -> Tensor:
        """Return the loss of a batch, a float scalar."""
        stages, config = self.config.frozen_stages, self.config
        with torch.no_grad():
            shared = run_frozen_stages(self.base, batch.labelled.crops, stages)
            base_embedding = run_free_stages(self.base, shared, stages).float()  # (n, d)
            base_logits = self.base.head(base_embedding).float()  # (n, k)
        embedding = run_free_stages(self.network, shared, stages)  # (n, d)
        logits = self.network.head(embedding).float()  # (n, k)
        # Losses do not bear half precision.
        with torch.autocast(embedding.device.type, enabled=False):
            embedding = embedding.float()
            loss: Tensor = self.criterion(logits, embedding, batch.labelled, progress=progress)
            loss = loss + config.remembered_weight * self.replay_loss(batch)
            change = (embedding - base_embedding).square().mean() / self.variance
            loss = (
                loss + config.keep_embedding * change + 0.5 * config.stay * self.squared_distance()
            )
            rendered = slice(int(batch.local), None)
            return loss + config.keep_logits * functional.kl_div(
                logits[rendered].log_softmax(dim=1),
                base_logits[rendered].log_softmax(dim=1),
                log_target=True,
                reduction="batchmean",
            )

    def replay_loss(self, batch: FineTuneBatch) -> Tensor:
        """Cross-entropy of the head on embeddings of the base, which stay valid while it holds."""
        target = batch.remembered_target
        logits = self.network.head(batch.remembered).float()
        everything = torch.ones(target.shape, device=target.device)
        loss: Tensor = marginal_cross_entropy(logits, target, everything).mean()
        return loss

    def squared_distance(self) -> Tensor:
        """Squared distance of what is free to learn to the base."""
        total = torch.zeros((), device=self.network.head.weight.device)
        for now, then in zip(self.network.parameters(), self.base.parameters(), strict=True):
            if now.requires_grad:
                total = total + (now - then).square().sum()
        return total


def run_frozen_stages(network: Network, crops: Tensor, stages: int) -> Tensor:
    """Run the stem and the first stages: uint8 (n, s, s, 3) to float features."""
    net: Any = network.backbone.net
    features = crops.permute(0, 3, 1, 2).to(network.backbone.dtype) / 127.5 - 1.0
    features = net.bn1(net.conv_stem(features))
    for index in range(stages):
        features = net.blocks[index](features)
    return torch.as_tensor(features)


def run_free_stages(network: Network, features: Tensor, stages: int) -> Tensor:
    """Run the other stages: float features to the embedding, float (n, d)."""
    net: Any = network.backbone.net
    for index in range(stages, len(net.blocks)):
        features = net.blocks[index](features)
    return torch.as_tensor(net.bn2(net.conv_head(features)).mean(dim=(2, 3)))


@dataclass
class FineTuneState:
    """The state of one run.

    Attributes:
        tuner: what learns.
        average: the mean of its network over the second half of the run; what is kept.
        averaging: says how.
        optimiser: of the network.
        step: taken so far.
    """

    tuner: FineTuner
    average: Network
    averaging: AveragingSchedule
    optimiser: torch.optim.Optimizer
    step: int = 0

    def to_checkpoint(self) -> dict[str, Any]:
        """Return what a run needs to go on, without the base."""
        return {
            "network": self.tuner.network.state_dict(),
            "average": self.average.state_dict(),
            "averaging": self.averaging.to_checkpoint(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what `to_checkpoint` gave."""
        self.tuner.network.load_state_dict(stored["network"])
        self.average.load_state_dict(stored["average"])
        self.averaging = AveragingSchedule.from_checkpoint(
            self.averaging.config, stored["averaging"]
        )
        self.optimiser.load_state_dict(stored["optimiser"])
        self.step = int(stored["step"])


def initial_state(
    base: Network,
    *,
    variance: float,
    pools: tuple[CropPool, CropPool],
    config: FineTuneConfig,
) -> FineTuneState:
    """Begin a run at the base.

    Args:
        base: backbone and head that were shipped.
        variance: of the embeddings of the memory.
        pools: the site's crops, and rendered ones.
        config: with steps and threads filled in.
    """
    criterion = Criterion(
        config.recipe, counts=drawn_counts(pools, config), dimension=base.backbone.dimension
    )
    tuner = FineTuner(base, variance=variance, criterion=criterion, config=config)
    tuner = tuner.to(memory_format=torch.channels_last)
    network = tuner.network
    free = [p for p in network.backbone.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": free, "peak": config.lr},
        {"params": list(network.head.parameters()), "peak": config.head_lr},
    ]
    # L2-SP takes the place of weight decay: it shrinks towards the base, not towards zero.
    optimiser = torch.optim.AdamW(groups, lr=config.lr, weight_decay=0.0)
    return FineTuneState(tuner, averaged_copy(network), AveragingSchedule(config.recipe), optimiser)


def drawn_counts(
    pools: tuple[CropPool, CropPool], config: FineTuneConfig
) -> list[dict[str, float]]:
    """Count the crops of each domain and leaf as they are drawn; a parent's over its leaves."""
    local, rendered = pools
    count = 1 + max(int(pool.domain.max(initial=-1)) for pool in pools)
    counts: list[dict[str, float]] = [dict.fromkeys(LEAVES, 0.0) for _ in range(count)]
    for pool, size in ((local, config.local), (rendered, config.rendered)):
        total = len(pool.weight) * size / config.local
        for target, domain, weight in zip(pool.target, pool.domain, pool.weight, strict=True):
            for column in target.nonzero()[0]:
                counts[domain][LEAVES[column]] += float(weight) * total / target.sum()
    return [{leaf: n for leaf, n in row.items() if n > 0} for row in counts]


def take_step(
    state: FineTuneState,
    parts: tuple[Fabric, Any, Any],
    make_batch: Callable[[int], FineTuneBatch],
) -> float:
    """Move the network and its average by one step; return the loss.

    Args:
        state: moved on in place.
        parts: Fabric, and the tuner and the optimiser as Fabric has set them up.
        make_batch: see `model.finetune.batches.make_batches`.
    """
    fabric, tuner, _ = parts
    config = state.averaging.config
    network = state.tuner.network
    batch = make_batch(state.step).to(fabric.device)
    network.ready_to_train()
    loss = tuner(batch, progress=state.step / max(1, config.steps))
    return optimiser_step(state, loss, network, config, step_parts=parts)
