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
from model.data.sampling_weights import domains_of, draw_weights, drawn_counts
from model.network.backbone import Backbone, group_normalisation, load_imagenet_weights
from model.network.head_init import decouple_head, embed_windows, fit_window_head
from model.network.network import Network, averaged_copy, follow
from model.training.criterion import Batch, Objective
from model.training.determinism import deterministic_mode
from model.training.weight_averaging import Averaging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightning_fabric import Fabric
    from numpy.typing import NDArray

    from model.data.crop_set import CropSet
    from model.training.config import TrainConfig

__all__ = [
    "Learner",
    "State",
    "Stopwatch",
    "batch_maker",
    "descend",
    "embed_windows",
    "rate",
    "run_steps",
    "start",
    "take_step",
]

CLIP_NORM: Final = 5.0


class Learner(nn.Module):
    """The network with its objective: one module, so that processes share all gradients."""

    def __init__(self, network: Network, objective: Objective) -> None:
        super().__init__()
        self.network = network
        self.objective = objective

    def forward(self, batch: Batch, *, progress: float) -> Tensor:
        """Return the loss of a batch, a float scalar."""
        embedding, _ = self.network.backbone(batch.crops)  # (n, d)
        logits = self.network.head(self.network.dropout(embedding))  # (n, k)
        loss: Tensor = self.objective(logits.float(), embedding.float(), batch, progress=progress)
        return loss


class OnItsWay(Protocol):
    """What a step moves on, whatever is learned."""

    average: Network
    averaging: Averaging
    optimiser: torch.optim.Optimizer
    step: int


@dataclass
class State:
    """What a checkpoint holds: the networks, the optimiser and how far the run has come."""

    learner: Learner
    average: Network
    averaging: Averaging
    optimiser: torch.optim.Optimizer
    step: int


def start(training: CropSet, config: TrainConfig, *, stored: dict[str, Any] | None = None) -> State:
    """Build a run's state: from a checkpoint, or from ImageNet with a head fitted on it."""
    with deterministic_mode(enabled=config.deterministic):
        return build_state(training, config, stored=stored)


def build_state(training: CropSet, config: TrainConfig, *, stored: dict[str, Any] | None) -> State:
    """Do what `start` says, in whichever mode torch is."""
    torch.manual_seed(config.seed)
    network = Network(Backbone(), dropout=config.dropout)
    network.freeze_stages(config.frozen_stages)
    if stored is None:
        load_imagenet_weights(network.backbone)
    if config.normalisation == "group":
        group_normalisation(network.backbone)
    weights = draw_weights(training, config)
    if stored is None:
        network.set_head(*fit_window_head(network.backbone, config, training, weights))
    objective = Objective(
        config, counts=drawn_counts(training, weights), dimension=network.backbone.dimension
    )
    learner = Learner(network, objective).to(memory_format=torch.channels_last)
    optimiser = make_optimiser(learner, config)
    state = State(learner, averaged_copy(network), Averaging(config), optimiser, step=0)
    if stored is not None:
        learner.load_state_dict(stored["learner"])
        state.average.load_state_dict(stored["average"])
        # Older checkpoints lack it; all of those are of "ema", which remembers nothing.
        state.averaging = Averaging.from_checkpoint(config, stored.get("averaging", {}))
        state.optimiser.load_state_dict(stored["optimiser"])
        state.step = int(stored["step"])
    return state


def make_optimiser(learner: Learner, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW over what is free to learn; decay on matrices and filters only."""
    network = learner.network
    backbone = [p for p in network.backbone.parameters() if p.requires_grad]
    fresh = [*network.head.parameters(), *learner.objective.parameters()]
    groups = [
        {"params": [p for p in backbone if p.ndim > 1], "peak": config.lr},
        {"params": [p for p in backbone if p.ndim <= 1], "peak": config.lr, "weight_decay": 0.0},
        {"params": fresh, "peak": config.head_lr},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, weight_decay=config.weight_decay)


def rate(step: int, config: TrainConfig) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    progress = (step - config.warmup) / max(1, config.steps - config.warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))


def run_steps(
    state: State, config: TrainConfig, *, training: CropSet, fabric: Fabric
) -> Iterator[float]:
    """Take the remaining steps; yield the loss after each. Then fit a "decoupled" head.

    Args:
        state: moved on in place, and left on the device it was trained on.
        config: the settings.
        training: cached crops with room around their windows.
        fabric: launched; says where and in how many processes.
    """
    weights = draw_weights(training, config)
    take = batch_maker(training, weights, config)
    learner, optimiser = fabric.setup(state.learner, state.optimiser)
    # Loading moves the moments of a resumed run to where its weights now are.
    state.optimiser.load_state_dict(state.optimiser.state_dict())
    state.average.to(fabric.device)
    parts = (fabric, learner, optimiser)
    while state.step < config.steps:
        # Around the step alone: what runs between two of them is not ours.
        with deterministic_mode(enabled=config.deterministic):
            loss = take_step(state, config, step_parts=parts, make_batch=take)
        yield loss
    if config.head == "decoupled":
        with deterministic_mode(enabled=config.deterministic):
            decouple_head(state.average, config, training)


def batch_maker(
    training: CropSet, weights: NDArray[np.float64], config: TrainConfig
) -> Callable[[int, int], Batch]:
    """Return a function of (step, process) that draws and augments that step's batch."""
    column = {name: index for index, name in enumerate(domains_of(training))}
    domain = np.array([column[record.domain] for record in training.records])
    how = Augmentation(twins=config.twins)

    def make(step: int, process: int) -> Batch:
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
        return Batch(
            crops,
            torch.from_numpy(training.target[rows]),
            torch.from_numpy(training.presence[rows]),
            torch.from_numpy(domain[rows]),
        )

    return make


def take_step(
    state: State,
    config: TrainConfig,
    *,
    step_parts: tuple[Fabric, Any, Any],
    make_batch: Callable[[int, int], Batch],
) -> float:
    """Move the network and its average by one step; return the loss.

    Args:
        state: moved on in place.
        config: the settings.
        step_parts: Fabric, and the learner and the optimiser as Fabric has set them up.
        make_batch: see `batch_maker`.
    """
    fabric, learner, _ = step_parts
    network = state.learner.network
    batch = make_batch(state.step, fabric.global_rank).to(fabric.device)
    network.ready_to_train(frozen_norm=config.normalisation == "frozen")
    loss = learner(batch, progress=state.step / max(1, config.steps))
    return descend(state, loss, network, config, step_parts=step_parts)


def descend(
    state: OnItsWay,
    loss: Tensor,
    network: Network,
    config: TrainConfig,
    *,
    step_parts: tuple[Fabric, Any, Any],
) -> float:
    """Move a network down the slope of a loss, and its average after it; return the loss.

    Args:
        state: its optimiser, average and number of steps are moved on in place.
        loss: a float scalar.
        network: what the optimiser moves.
        config: says the learning rate.
        step_parts: Fabric, and the module and the optimiser as Fabric has set them up.
    """
    fabric, module, optimiser = step_parts
    for group in state.optimiser.param_groups:
        group["lr"] = group["peak"] * rate(state.step, config)
    optimiser.zero_grad()
    fabric.backward(loss)
    # Not an error where it is infinite: in "16-mixed" such steps are skipped, and the scale falls.
    fabric.clip_gradients(module, optimiser, max_norm=CLIP_NORM, error_if_nonfinite=False)
    optimiser.step()
    follow(state.average, network, decay=state.averaging.decay(state.step))
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
