"""The methods compared, each as what it changes in the settings of one common schedule.

Same backbone, crops, steps and learning rate for all. To add a method: an entry in `METHODS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from model.data.domains import RENDERED
from model.training.config import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Method:
    """A way of training and of predicting.

    Attributes:
        changes: settings that differ from the common schedule.
        domain_power: a domain's share of a batch is proportional to its crops ** domain_power.
        site_alignment: 0..1, see `model.uncertainty.site_alignment`.
        case_mix: 0..1, strength of the tissue's usual case mix, see
        `model.uncertainty.class_prior`. without: sources that are not trained on.
    """

    changes: Mapping[str, Any]
    domain_power: float = 1.0
    site_alignment: float = 0.0
    case_mix: float = 0.0
    without: tuple[str, ...] = ()


AS_THEY_COME: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "class_power": 1.0,
        "augmentation": "none",
        "ema_decay": 0.0,
        "window": "whole",
    }
)
BALANCED: Final = 0.5  # domain_power where batches are balanced
STRONG: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "class_power": 0.0,
        "ema_decay": 0.0,
        "window": "whole",
    }
)


def on_strong(**changes: float | str) -> Method:
    """The strongest plain recipe with one thing more."""
    return Method({**STRONG, **changes}, domain_power=BALANCED)


ALIGNED: Final = 0.5  # of the way: further is unsafe where a site shows a class far too often
ROBUST: Final = Method(
    # The imbalance loss is class-balanced cross-entropy with beta at its limit 1, by drawing every
    # class of a domain alike; weights on top of that, or in its place, did worse.
    {**STRONG, "alignment": "mmd", "averaging": "swad"},
    domain_power=BALANCED,
    site_alignment=ALIGNED,
    case_mix=1.0,
)


# The recipe of the shipped weights, see ADR 8.
SHIPPED: Final = Method(
    {
        **STRONG,
        "class_power": 0.15,
        "imbalance": "class_balanced",
        "alignment": "coral",
        "alignment_weight": 0.3,
        "averaging": "swad",
    },
    domain_power=BALANCED,
    site_alignment=ALIGNED,
    case_mix=1.0,
)


def robust_with(**changes: float | str) -> Method:
    """WBC-robust with other settings: an ingredient taken out, or one more put in."""
    return replace(ROBUST, changes={**ROBUST.changes, **changes})


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "erm": Method({**AS_THEY_COME, "normalisation": "batch"}),
        "erm_frozen_bn": Method(AS_THEY_COME),
        "erm_strong": on_strong(),
        "class_balanced": on_strong(imbalance="class_balanced", class_power=1.0),
        "focal": on_strong(imbalance="focal"),
        "ldam": on_strong(imbalance="ldam", class_power=1.0),
        "balanced_softmax": on_strong(imbalance="balanced_softmax", class_power=1.0),
        "coral": on_strong(alignment="coral"),
        "mmd": on_strong(alignment="mmd"),
        "dann": on_strong(alignment="dann", alignment_weight=0.1),
        "group_dro": on_strong(alignment="group_dro", alignment_weight=0.01),
        "boda": on_strong(alignment="boda", alignment_weight=0.1),
        # SADA's kind of recipe: stain twins, supervised contrast, averaged weights.
        "sada_like": on_strong(alignment="supcon", twins=0.5, ema_decay=0.985),
        "group_norm": on_strong(normalisation="group"),
        "robust": ROBUST,
        "robust-case_mix": replace(ROBUST, case_mix=0.0),
        "robust-site_alignment": replace(ROBUST, site_alignment=0.0),
        "robust-imbalance": replace(robust_with(class_power=1.0), domain_power=1.0),
        "robust-alignment": robust_with(alignment="none"),
        "robust-both_steps": replace(ROBUST, site_alignment=0.0, case_mix=0.0),
        "robust-averaging": robust_with(averaging="ema"),  # whose decay is 0: the last weights
        "robust-rendered": replace(ROBUST, without=(RENDERED,)),
        "robust+class_balanced": robust_with(imbalance="class_balanced", class_power=0.15),
        "robust+focal": robust_with(imbalance="focal"),
        "robust+scale": robust_with(window="estimated"),
        "robust+decoupled_head": robust_with(head="decoupled"),
        "robust+views": robust_with(views=4),
        "robust+twins": robust_with(twins=0.5),
        "robust+standard_stain": robust_with(stain="standard"),
        "shipped": SHIPPED,
        "shipped-both_steps": replace(SHIPPED, site_alignment=0.0, case_mix=0.0),
        # Fairness: what the two label-free steps do for the strongest plain recipe.
        "erm_strong+both_steps": replace(on_strong(), site_alignment=ALIGNED, case_mix=1.0),
        "erm_strong+case_mix": replace(on_strong(), case_mix=1.0),
        "erm_strong+site_alignment": replace(on_strong(), site_alignment=ALIGNED),
    }
)


def settings(
    method: Method, *, counts: Mapping[str, int], seed: int, steps: int, size: int, threads: int
) -> TrainConfig:
    """Return the run's settings.

    Args:
        method: what to compare.
        counts: crops of each source domain.
        seed: of the batches.
        steps: optimiser steps.
        size: px, side of the input.
        threads: of torch.
    """
    common: dict[str, Any] = {
        "model_id": "benchmark",
        "seed": seed,
        "steps": steps,
        "warmup": max(1, steps // 8),
        "head_crops": 1500,
        "head_penalty": 1e-2,
        "domain_weights": {name: n**method.domain_power for name, n in counts.items()},
        "size": size,
        "threads": threads,
        "check_every": max(1, steps),
    }
    return TrainConfig.from_json({**common, **method.changes})
