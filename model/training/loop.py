"""The training loop, through Lightning Fabric: one process or many, on a CPU or on GPUs.

Every random choice of a step is drawn from (seed, step, process), so that a resumed run and an
unbroken one see the same batches. With several processes each draws a batch of its own, and the
gradients are averaged.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from model.data.augment import Augmentation, augment, centre_windows
from model.data.sampling_weights import domain_names, drawn_counts, sampling_weights_of
from model.network.backbone import Backbone, group_normalisation, load_imagenet_weights
from model.network.head_fit import fit_decoupled_head, fit_head_on_windows
from model.network.network import Network, averaged_copy, update_average
from model.training.compute import deterministic_mode
from model.training.criterion import Criterion, TrainBatch
from model.training.weight_averaging import AveragingSchedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightning_fabric import Fabric
    from numpy.typing import NDArray

    from model.data.crop_set import CropSet
    from model.training.config import TrainConfig

CLIP_NORM: Final = 5.0


class Learner(nn.Module):
    """The network with its criterion: one module, so that processes share all gradients."""

    def __init__(self, network: Network, criterion: Criterion) -> None:
        super().__init__()
        self.network = network
        self.criterion = criterion

    def forward(self, batch: TrainBatch, *, progress: float) -> Tensor:
        """Return the loss of a batch, a float scalar."""
        embedding, _ = self.network.backbone(batch.crops)  # (n, d)
        logits = self.network.head(self.network.dropout(embedding))  # (n, k)
        loss: Tensor = self.criterion(logits.float(), embedding.float(), batch, progress=progress)
        return loss


class Averaged(Protocol):
    """The state of a run whose weights are averaged, whatever it learns."""

    average: Network
    averaging: AveragingSchedule
    optimiser: torch.optim.Optimizer
    step: int


@dataclass
class TrainState:
    """What a checkpoint holds: the networks, the optimiser and how far the run has come."""

    learner: Learner
    average: Network
    averaging: AveragingSchedule
    optimiser: torch.optim.Optimizer
    step: int

    def to_checkpoint(self) -> dict[str, Any]:
        """Return what a run needs to go on."""
        return {
            "learner": self.learner.state_dict(),
            "average": self.average.state_dict(),
            "averaging": self.averaging.to_checkpoint(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }


def initial_state(
    training: CropSet, config: TrainConfig, *, stored: dict[str, Any] | None = None
) -> TrainState:
    """Build a run's state: from a checkpoint, or from ImageNet with a head fitted on it."""
    with deterministic_mode(enabled=config.deterministic):
        return _initial_state(training, config, stored=stored)


def _initial_state(
    training: CropSet, config: TrainConfig, *, stored: dict[str, Any] | None
) -> TrainState:
    torch.manual_seed(config.seed)
    network = Network(Backbone(), dropout=config.dropout)
    network.freeze_stages(config.frozen_stages)
    if stored is None:
        load_imagenet_weights(network.backbone)
    if config.normalisation == "group":
        group_normalisation(network.backbone)
    weights = sampling_weights_of(training, config)
    if stored is None:
        network.set_head(*fit_head_on_windows(network.backbone, config, training, weights))
    criterion = Criterion(
        config, counts=drawn_counts(training, weights), dimension=network.backbone.dimension
    )
    learner = Learner(network, criterion).to(memory_format=torch.channels_last)
    optimiser = make_optimiser(learner, config)
    state = TrainState(
        learner, averaged_copy(network), AveragingSchedule(config), optimiser, step=0
    )
    if stored is not None:
        learner.load_state_dict(stored["learner"])
        state.average.load_state_dict(stored["average"])
        state.averaging = AveragingSchedule.from_checkpoint(config, stored["averaging"])
        state.optimiser.load_state_dict(stored["optimiser"])
        state.step = int(stored["step"])
    return state


def make_optimiser(learner: Learner, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW over what is free to learn; decay on matrices and filters only."""
    network = learner.network
    backbone = [p for p in network.backbone.parameters() if p.requires_grad]
    fresh = [*network.head.parameters(), *learner.criterion.parameters()]
    groups = [
        {"params": [p for p in backbone if p.ndim > 1], "peak": config.lr},
        {"params": [p for p in backbone if p.ndim <= 1], "peak": config.lr, "weight_decay": 0.0},
        {"params": fresh, "peak": config.head_lr},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, weight_decay=config.weight_decay)


def learning_rate_factor(step: int, config: TrainConfig) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    progress = (step - config.warmup) / max(1, config.steps - config.warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))


def train_steps(
    state: TrainState, config: TrainConfig, *, training: CropSet, fabric: Fabric
) -> Iterator[float]:
    """Take the remaining steps; yield the loss after each. Then fit a "decoupled" head.

    Args:
        state: moved on in place, and left on the device it was trained on.
        config: the settings.
        training: cached crops with room around their windows.
        fabric: launched; says where and in how many processes.
    """
    weights = sampling_weights_of(training, config)
    make_batch = make_batches(training, weights, config)
    learner, optimiser = fabric.setup(state.learner, state.optimiser)
    # Loading moves the moments of a resumed run to where its weights now are.
    state.optimiser.load_state_dict(state.optimiser.state_dict())
    state.average.to(fabric.device)
    parts = (fabric, learner, optimiser)
    while state.step < config.steps:
        # Around the step alone: what runs between two of them is not ours.
        with deterministic_mode(enabled=config.deterministic):
            loss = take_step(state, config, step_parts=parts, make_batch=make_batch)
        yield loss
    if config.head == "decoupled":
        with deterministic_mode(enabled=config.deterministic):
            fit_decoupled_head(state.average, config, training)


def make_batches(
    training: CropSet, weights: NDArray[np.float64], config: TrainConfig
) -> Callable[[int, int], TrainBatch]:
    """Return a function of (step, process) that draws and augments that step's batch."""
    column = {name: index for index, name in enumerate(domain_names(training))}
    domain = np.array([column[record.domain] for record in training.records])
    how = Augmentation(twins=config.twins)

    def make(step: int, process: int) -> TrainBatch:
        rng = np.random.default_rng(
            (config.seed, step, process) if process else (config.seed, step)
        )
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        torch.manual_seed(int(rng.integers(2**62)))  # dropout draws from the global generator
        rows = rng.choice(len(weights), size=config.batch, p=weights)
        crops = torch.from_numpy(training.crops[rows])
        if config.augmentation == "full":
            crops = augment(crops, generator, how, size=config.size)
        else:
            crops = centre_windows(crops, size=config.size)
        return TrainBatch(
            crops,
            torch.from_numpy(training.target[rows]),
            torch.from_numpy(training.presence[rows]),
            torch.from_numpy(domain[rows]),
        )

    return make


def take_step(
    state: TrainState,
    config: TrainConfig,
    *,
    step_parts: tuple[Fabric, Any, Any],
    make_batch: Callable[[int, int], TrainBatch],
) -> float:
    """Move the network and its average by one step; return the loss.

    Args:
        state: moved on in place.
        config: the settings.
        step_parts: Fabric, and the learner and the optimiser as Fabric has set them up.
        make_batch: see `make_batches`.
    """
    fabric, learner, _ = step_parts
    network = state.learner.network
    batch = make_batch(state.step, fabric.global_rank).to(fabric.device)
    network.ready_to_train(frozen_norm=config.normalisation == "frozen")
    loss = learner(batch, progress=state.step / max(1, config.steps))
    return optimiser_step(state, loss, network, config, step_parts=step_parts)


def optimiser_step(
    state: Averaged,
    loss: Tensor,
    network: Network,
    config: TrainConfig,
    *,
    step_parts: tuple[Fabric, Any, Any],
) -> float:
    """Take one step of the optimiser, and update the average; return the loss.

    Args:
        state: its optimiser, average and number of steps are moved on in place.
        loss: a float scalar.
        network: what the optimiser moves.
        config: says the learning rate.
        step_parts: Fabric, and the module and the optimiser as Fabric has set them up.
    """
    fabric, module, optimiser = step_parts
    for group in state.optimiser.param_groups:
        group["lr"] = group["peak"] * learning_rate_factor(state.step, config)
    optimiser.zero_grad()
    fabric.backward(loss)
    # Not an error where it is infinite: in "16-mixed" such steps are skipped, and the scale falls.
    fabric.clip_gradients(module, optimiser, max_norm=CLIP_NORM, error_if_nonfinite=False)
    optimiser.step()
    update_average(state.average, network, decay=state.averaging.next_decay(state.step))
    state.step += 1
    return float(loss.detach())


class Stopwatch:
    """Crops per second since the last reading."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def crops_per_s(self, crops: int) -> float:
        """Return the rate for so many crops, and start anew."""
        now = time.monotonic()
        seconds, self._began = max(now - self._began, 1e-9), now
        return crops / seconds
