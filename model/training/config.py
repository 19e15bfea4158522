"""What a training run is made of: one frozen dataclass, and its JSON form.

A run is rebuilt from its config and the data alone; the config is therefore stored beside every
checkpoint and in every card. To add a setting: add a field with a default, use it, and say what it
does in the docstring below.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from model.data.domains import DOMAINS
from model.data.scale import INPUT_SIZE
from model.inference.test_time_augmentation import VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "window": ("estimated", "whole"),
        "stain": ("as_is", "standard"),
        "normalisation": ("frozen", "batch", "group"),
        "augmentation": ("full", "none"),
        "imbalance": ("none", "class_balanced", "focal", "ldam", "balanced_softmax"),
        "alignment": ("none", "coral", "mmd", "dann", "group_dro", "supcon", "boda"),
        "averaging": ("ema", "swad", "none"),
        "head": ("joint", "decoupled"),
    }
)


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
        averaging: of the weights; the average is what is shipped. "ema" forgets by `ema_decay`,
            "swad" takes in every step of the flat part of the loss alike (see
            `model.training.weight_averaging`), "none" ships the last weights.
        ema_decay: of the running average of "ema"; 0 is the same as "none".
        swad_start: share of the steps at which the average of "swad" starts at the latest.
        dropout: on the embedding, in training.
        head: "joint" is trained with the backbone; "decoupled" is fitted anew at the end, on
            embeddings of the averaged backbone, with every class of every domain counting alike
            (Kang et al., ICLR 2020).
        head_penalty: L2 penalty of a head that is fitted on fixed embeddings, first or last.
        class_power: classes are drawn within a domain in proportion to count ** class_power.
        absent_weight: how much a leaf that a domain does not label counts as a rival there.
        domain_weights: share of each batch per domain.
        rendered_per_class: rendered cells per leaf.
        window: "estimated" cuts crops by scale (see `model.data.scale`), "whole" as their source
        did. stain: "standard" gives crops one ground and one density (see `model.data.stain`), or
        "as_is".
        normalisation: BatchNorm "frozen" on its ImageNet statistics, on those of the "batch", or
            replaced by "group" normalisation.
        augmentation: "full" (see `model.data.augment`) or "none".
        twins: share of crops that take their colours from another crop of the batch.
        imbalance: the loss of the labels, see `model.losses`; "none" is cross-entropy.
        alignment: the further loss that draws domains together, see `model.losses`.
        alignment_weight: of that loss; for "group_dro" its step size.
        size: px, the side of what the network reads.
        head_crops: crops, drawn by their weights, to fit such a head on; 0 takes all, once each.
        views: 1, 4 or 8, turned and mirrored views whose embeddings are averaged when the network
            is used (see `model.inference.test_time_augmentation`).
        check_every: steps between evaluations on the validation split and checkpoints.
        threads: of torch.
        deterministic: refuse operations whose result may differ in the last bits from run to run
            (see `model.training.compute`).
    """

    model_id: str = "wbc-own-1"
    seed: int = 20
    steps: int = 1800
    batch: int = 48
    lr: float = 8e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    warmup: int = 60
    frozen_stages: int = 2
    averaging: str = "ema"
    ema_decay: float = 0.995
    swad_start: float = 0.5
    dropout: float = 0.1
    head: str = "joint"
    head_penalty: float = 3e-4
    class_power: float = 0.3
    absent_weight: float = 0.15
    domain_weights: Mapping[str, float] = field(default_factory=default_domain_weights)
    rendered_per_class: int = 150
    window: str = "estimated"
    stain: str = "as_is"
    normalisation: str = "frozen"
    augmentation: str = "full"
    twins: float = 0.0
    imbalance: str = "none"
    alignment: str = "none"
    alignment_weight: float = 1.0
    size: int = INPUT_SIZE
    head_crops: int = 0
    views: int = 1
    check_every: int = 200
    threads: int = 2
    deterministic: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: object) -> TrainConfig:
        """Build a config from a parsed JSON object; missing settings take their default.

        Raises:
            ValueError: it is no object, a name is unknown or a value makes no sense.
        """
        if not isinstance(values, dict):
            raise ValueError("settings must be a JSON object")  # noqa: TRY004  # a fault of a file
        defaults = cls().to_json()
        if unknown := sorted(set(values) - set(defaults)):
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        for name, value in values.items():
            if not same_kind(value, defaults[name]):
                raise ValueError(f"{name} cannot be {value!r}")
        config = cls(**values)
        if config.batch < 1 or config.steps < 0 or config.check_every < 1:
            raise ValueError("batch and check_every must be at least 1, steps at least 0")
        for name in ("absent_weight", "ema_decay", "swad_start", "twins"):
            if not 0.0 <= values.get(name, 0.0) <= 1.0:
                raise ValueError(f"{name} must lie in 0..1")
        for name, choices in CHOICES.items():
            if values.get(name, choices[0]) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}")
        if config.views not in VIEWS or config.size < 32:
            raise ValueError("views must be 1, 4 or 8 and size be at least 32")
        check_domain_weights(config.domain_weights)
        return config

    @classmethod
    def read(cls, path: Path) -> TrainConfig:
        """Read a config from a JSON file.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a JSON object of settings; the message names the file.
        """
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def same_kind(value: object, default: object) -> bool:
    """Say whether a JSON value can stand for a setting with this default; whole numbers pass."""
    if isinstance(value, bool):
        return isinstance(default, bool)
    return isinstance(value, int | float if isinstance(default, float) else type(default))


def check_domain_weights(weights: Mapping[str, Any]) -> None:
    """Refuse weights of unknown domains, and weights that are no shares.

    Raises:
        ValueError: a domain is unknown, a weight is not a number from 0 up, or all are 0.
    """
    if unknown := sorted(set(weights) - set(DOMAINS)):
        raise ValueError(f"domain_weights names unknown domains: {', '.join(unknown)}")
    if not all(same_kind(weight, 0.0) and weight >= 0 for weight in weights.values()):
        raise ValueError("domain_weights must be numbers from 0 up")
    if not any(weights.values()):
        raise ValueError("domain_weights must give some domain a share")
