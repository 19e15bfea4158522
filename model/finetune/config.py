"""What a fine-tuning run is made of. Recorded in the card of what it made.

The shared part of the recipe (the two losses, averaging, learning rates) is a `TrainConfig`; here
stands what only fine-tuning has. Figures behind the choices: `docs/model.md`, «Fine-tuning».
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from model.training.config import TrainConfig, same_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS: Final = (60, 300)  # fewest and most of one run over the network
STEPS_PER_LABEL: Final = 0.6
MOST_THREADS: Final = 4
NEEDED: Final = ("torch", "timm", "lightning_fabric")


@dataclass(frozen=True)
class FineTuneConfig:
    """Settings of one fine-tuning job.

    Attributes:
        seed: of rendered cells, batches and augmentation.
        steps: optimiser steps of each run over the network; 0 takes as many as suit the labels.
        local: crops of the site in each batch.
        rendered: rendered cells in each batch.
        remembered: embeddings of the replay memory in each batch; they reach the head alone.
        rendered_sites: rendered laboratories, each a domain of its own.
        rendered_per_class: rendered cells of each leaf, over all of these.
        judged_per_class: further rendered cells of each leaf, by which forgetting is measured.
        lr: peak learning rate of the network; the head has `head_lr`.
        head_lr: peak learning rate of the head.
        warmup: steps of linear warm-up.
        frozen_stages: first stages of the backbone that stay as they are.
        alignment_weight: of CORAL between the site and the rendered ones.
        remembered_weight: of the cross-entropy of the replay memory.
        keep_logits: weight of the distillation of logits, on rendered cells.
        keep_embedding: weight of the distillation of embeddings, on all crops of a batch.
        stay: L2-SP, on squared distance to the weights that were shipped.
        folds: parts of the labels that are left out in turn, to evaluate and to calibrate.
        checkpoint_every: steps between checkpoints.
        threads: of torch on a CPU; 0 takes what the machine has, four at most.
        accelerator: "auto" takes a GPU where there is one, or "cpu".
    """

    seed: int = 0
    steps: int = 0
    local: int = 16
    rendered: int = 16
    remembered: int = 64
    rendered_sites: int = 4
    rendered_per_class: int = 16
    judged_per_class: int = 8
    lr: float = 3e-4
    head_lr: float = 3e-4
    warmup: int = 8
    frozen_stages: int = 3
    alignment_weight: float = 0.3
    remembered_weight: float = 0.5
    keep_logits: float = 0.5
    keep_embedding: float = 1.0
    stay: float = 1e-2
    folds: int = 3
    checkpoint_every: int = 20
    threads: int = 0
    accelerator: str = "auto"

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> FineTuneConfig:
        """Build from the settings of a job; what is missing takes its default.

        Raises:
            ValueError: a name is unknown, or a value makes no sense.
        """
        defaults = cls().to_json()
        if unknown := sorted(set(values) - set(defaults)):
            raise ValueError(f"unknown settings of fine-tuning: {', '.join(unknown)}")
        for name, value in values.items():
            if not same_kind(value, defaults[name]):
                raise ValueError(f"{name} cannot be {value!r}")
        config = cls(**values)  # type: ignore[arg-type]  # each was checked against its default
        least = {"local": 2, "rendered_sites": 1, "folds": 2, "checkpoint_every": 1}
        for name, default in defaults.items():
            if isinstance(default, int | float) and values.get(name, 1e9) < least.get(name, 0):  # type: ignore[operator]  # numbers
                raise ValueError(f"{name} must be at least {least.get(name, 0)}")
        if config.accelerator not in {"auto", "cpu"}:
            raise ValueError("accelerator must be auto or cpu")
        return config

    def for_labels(self, labels: int) -> FineTuneConfig:
        """Fill in what depends on the number of labels and on the machine."""
        fewest, most = STEPS
        steps = self.steps or round(min(most, max(fewest, fewest + STEPS_PER_LABEL * labels)))
        threads = self.threads or min(MOST_THREADS, os.cpu_count() or 1)
        return dataclasses.replace(self, steps=steps, threads=threads)

    @property
    def recipe(self) -> TrainConfig:
        """The part that is shared with training: the two losses, averaging, rates."""
        return TrainConfig(
            seed=self.seed,
            steps=self.steps,
            batch=self.local + self.rendered,
            lr=self.lr,
            head_lr=self.head_lr,
            warmup=self.warmup,
            frozen_stages=self.frozen_stages,
            averaging="swad",
            imbalance="class_balanced",
            alignment="coral",
            alignment_weight=self.alignment_weight,
            threads=self.threads,
        )


def missing_packages() -> tuple[str, ...]:
    """Name the packages that fine-tuning needs and that are not installed; loads none of them."""
    return tuple(name for name in NEEDED if find_spec(name) is None)
