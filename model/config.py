"""What a training run is made of: one frozen dataclass, and its JSON form.

A run is rebuilt from its config and the data alone; the config is therefore stored in every
checkpoint and card. To add a setting: add a field with a default, use it, and say what it does in
the docstring below.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def default_domain_weights() -> dict[str, float]:
    """Share of each batch that a domain gets; small domains get more than their size."""
    return {
        "barcelona_pbc": 0.40,
        "bccd": 0.18,
        "jiangxi_tecom": 0.12,
        "choi_bonemarrow": 0.17,
        "rendered": 0.13,
    }


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run.

    Attributes:
        model_id: name of the model and of its folder.
        seed: of the split, the rendered cells, the batches and the augmentation.
        steps: optimiser steps over the whole network; 0 fits the head alone.
        batch: crops per step.
        lr: peak learning rate of the network; the head has `head_lr`.
        head_lr: peak learning rate of the head.
        weight_decay: AdamW's.
        warmup: steps of linear warm-up, before the cosine.
        frozen_stages: first stages of the backbone that keep their ImageNet weights.
        ema_decay: of the weights' running average, which is what is shipped.
        dropout: on the embedding, in training.
        head_penalty: L2 penalty of the first head, fitted on frozen embeddings.
        class_power: classes are drawn within a domain in proportion to count ** class_power.
        absent_weight: how much a leaf that a domain does not label counts as a rival there.
        domain_weights: share of each batch per domain.
        rendered_per_class: rendered cells per leaf.
        check_every: steps between evaluations on the validation split and checkpoints.
        threads: of torch.
    """

    model_id: str = "wbc-baseline-1"
    seed: int = 20
    steps: int = 1800
    batch: int = 48
    lr: float = 8e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    warmup: int = 60
    frozen_stages: int = 2
    ema_decay: float = 0.995
    dropout: float = 0.1
    head_penalty: float = 3e-4
    class_power: float = 0.3
    absent_weight: float = 0.15
    domain_weights: Mapping[str, float] = field(default_factory=default_domain_weights)
    rendered_per_class: int = 150
    check_every: int = 200
    threads: int = 2

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TrainConfig:
        """Build a config from JSON values; missing ones take their default.

        Raises:
            ValueError: a name is unknown or a value makes no sense.
        """
        known = {setting.name for setting in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        config = cls(**values)
        if config.batch < 1 or config.steps < 0 or config.check_every < 1:
            raise ValueError("batch and check_every must be at least 1, steps at least 0")
        if not 0.0 <= config.absent_weight <= 1.0:
            raise ValueError("absent_weight must lie in 0..1")
        return config

    @classmethod
    def read(cls, path: Path) -> TrainConfig:
        """Read a config from a JSON file."""
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
