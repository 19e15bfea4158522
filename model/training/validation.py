"""What a run says of itself on the way: scores and losses on the validation split, as JSONL.

Nothing here chooses weights by a score. The loss alone has a say, in where a "swad" average starts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import torch

from model.data.sampling_weights import draw_weights
from model.hierarchy import LEAVES
from model.losses import marginal_cross_entropy
from model.network.head import Head
from model.network.network import embed_crops
from model.training.evaluate import evaluate, mean_real_macro_f1

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from model.data.crop_set import CropSet
    from model.network.network import Network
    from model.training.config import TrainConfig
    from model.training.loop import State


def check(state: State, config: TrainConfig, *, validation: CropSet, out: Path) -> None:
    """Score the average network on the validation split; tell a "swad" average the loss there.

    Only the first process does so: the others' averages are of no use to anyone.
    """
    entry = {"step": state.step} | scores(state.average, validation)
    if config.averaging == "swad":
        loss = validation_loss(state.learner.network, validation, config)
        state.averaging.judge(loss, steps=state.step)
        entry |= {"val_loss": round(loss, 4), "averaged_steps": state.averaging.taken}
    report(out, entry)


def scores(network: Network, validation: CropSet) -> dict[str, Any]:
    """Return a network's macro-F1 per domain on the validation split, for a report."""
    head = head_of(network)
    probs = head.probabilities(head.logits(embed_crops(network.backbone, validation.crops)))
    metrics = evaluate(validation.records, probs)
    return {
        "val_macro_f1": {name: m["macro_f1"] for name, m in metrics.items()},
        "val_foreign": {name: m["foreign"] for name, m in metrics.items()},
        "val_mean_macro_f1": round(mean_real_macro_f1(metrics), 4),
    }


def validation_loss(network: Network, validation: CropSet, config: TrainConfig) -> float:
    """Return the cross-entropy of the validation split, domains and classes weighted as drawn."""
    logits = head_of(network).logits(embed_crops(network.backbone, validation.crops))
    target = torch.from_numpy(validation.target)
    nothing_masked = torch.ones_like(target, dtype=torch.float32)
    loss = marginal_cross_entropy(torch.from_numpy(logits), target, nothing_masked)
    return float(draw_weights(validation, config) @ loss.double().numpy())


def head_of(network: Network, *, temperature: float = 1.0) -> Head:
    """Take the network's head out as arrays."""
    linear = network.head
    weight, bias = (
        value.detach().float().cpu().numpy().copy() for value in (linear.weight, linear.bias)
    )
    return Head(weight, bias, temperature, LEAVES)


def report(out: Path, entry: Mapping[str, Any]) -> None:
    """Append one line to progress.jsonl."""
    with (out / "progress.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
