"""Training: one straight loop from the manifest to a shipped model folder.

    out/config.json      the settings of the run
    out/progress.jsonl   one line per report: step, loss, learning rate, crops per second, ...
    out/checkpoint.pt    the newest state; a run that finds one goes on from it
    out/<model_id>/      the result

Every random choice of a step is drawn from (seed, step), so that a resumed run and an unbroken
one see the same batches.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, replace
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.augment import Augmentation, augment, centre_windows
from model.backbone import Backbone, load_imagenet_weights
from model.calibrate import fit_temperature
from model.card import CardFacts, write_json
from model.config import TrainConfig
from model.data import (
    CropSet,
    Record,
    load_evaluation_set,
    load_training_set,
    sampling_weights,
)
from model.domains import DOMAINS
from model.evaluate import evaluate, mean_real_macro_f1
from model.export import export_model
from model.head import Head
from model.head_fit import fit_head
from model.hierarchy import LEAVES
from model.losses import marginal_cross_entropy
from model.network import EMBED_BATCH, Network, averaged_copy, embed_crops, follow
from model.split import count_split, make_split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from model.split import SplitName

REPORT_EVERY: Final = 10  # steps


@dataclass
class State:
    """What a checkpoint holds: the networks, the optimiser and how far the run has come."""

    network: Network
    average: Network
    optimiser: torch.optim.Optimizer
    step: int


def train(data: Path, out: Path, config: TrainConfig) -> Path:
    """Train, calibrate, evaluate and export a model.

    Args:
        data: folder with manifest.csv and the images it names.
        out: folder of the run; made if missing, resumed if it holds a checkpoint.
        config: the settings.

    Returns:
        The finished model's folder.

    Raises:
        ValueError: `out` holds a run with other settings or a damaged checkpoint, or the data
            cannot be used.
    """
    torch.set_num_threads(config.threads)
    claim_folder(out, config)
    split = make_split(data, config)
    training = load_training_set(split["train"], data, absent_weight=config.absent_weight)
    validation = load_evaluation_set(split["val"], data)
    state = start_or_resume(out, config, training)
    fit(state, config, training=training, validation=validation, out=out)
    return finish(state, config, split=split, validation=validation, data=data, out=out)


def claim_folder(out: Path, config: TrainConfig) -> None:
    """Make the run's folder, or check that it belongs to the same settings (threads may differ)."""
    out.mkdir(parents=True, exist_ok=True)
    stored = out / "config.json"
    if stored.exists() and replace(TrainConfig.read(stored), threads=config.threads) != config:
        raise ValueError(f"{out} holds a run with other settings; choose another folder")
    write_json(stored, config.to_json())


def start_or_resume(out: Path, config: TrainConfig, training: CropSet) -> State:
    """Load the newest checkpoint, or start from ImageNet with a head fitted on its embeddings."""
    torch.manual_seed(config.seed)
    network = Network(Backbone(), dropout=config.dropout)
    network.freeze_stages(config.frozen_stages)
    checkpoint = out / "checkpoint.pt"
    stored: dict[str, Any] | None = None
    if checkpoint.exists():
        stored = read_checkpoint(checkpoint)
    else:
        load_imagenet_weights(network.backbone)
        network.set_head(*fit_first_head(network.backbone, config, training))
    network = network.to(memory_format=torch.channels_last)
    optimiser = make_optimiser(network, config)
    state = State(network, averaged_copy(network), optimiser, step=0)
    if stored is None:
        save_checkpoint(state, checkpoint)
    else:
        network.load_state_dict(stored["network"])
        state.average.load_state_dict(stored["average"])
        optimiser.load_state_dict(stored["optimiser"])
        state.step = int(stored["step"])
    return state


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        stored: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise ValueError(f"{path} is damaged; delete it to start the run anew") from error
    return stored


def fit_first_head(
    backbone: Backbone, config: TrainConfig, training: CropSet
) -> tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, np.dtype[np.float32]]]:
    """Fit the head on embeddings of the plain training windows."""
    crops = torch.from_numpy(training.crops)
    embeddings = [
        embed_crops(backbone, centre_windows(crops[start : start + EMBED_BATCH]).numpy())
        for start in range(0, len(crops), EMBED_BATCH)
    ]
    return fit_head(
        np.concatenate(embeddings),
        training.target,
        training.presence,
        weights=draw_weights(training, config),
        penalty=config.head_penalty,
    )


def draw_weights(crops: CropSet, config: TrainConfig) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Weight crops by domain and class as the config says: float64 (n,), sums to 1."""
    return sampling_weights(
        crops.records, domain_weights=config.domain_weights, class_power=config.class_power
    )


def make_optimiser(network: Network, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW over what is free to learn; decay on matrices and filters only."""
    backbone = [p for p in network.backbone.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in backbone if p.ndim > 1], "peak": config.lr},
        {"params": [p for p in backbone if p.ndim <= 1], "peak": config.lr, "weight_decay": 0.0},
        {"params": list(network.head.parameters()), "peak": config.head_lr},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, weight_decay=config.weight_decay)


def rate(step: int, config: TrainConfig) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    progress = (step - config.warmup) / max(1, config.steps - config.warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))


def fit(
    state: State, config: TrainConfig, *, training: CropSet, validation: CropSet, out: Path
) -> None:
    """Run the remaining steps, with reports, evaluations and checkpoints."""
    weights = draw_weights(training, config)
    losses: list[float] = []
    began = time.monotonic()
    while state.step < config.steps:
        losses.append(take_step(state, config, training=training, weights=weights))
        state.step += 1
        if state.step % REPORT_EVERY == 0 or state.step == config.steps:
            seconds = time.monotonic() - began
            entry = {
                "step": state.step,
                "steps": config.steps,
                "loss": round(float(np.mean(losses)), 4),
                "lr": config.lr * rate(state.step - 1, config),
                "crops_per_s": round(len(losses) * config.batch / seconds, 1),
            }
            report(out, entry)
            losses, began = [], time.monotonic()
        if state.step % config.check_every == 0 or state.step == config.steps:
            check(state, validation, out)
            save_checkpoint(state, out / "checkpoint.pt")
            began = time.monotonic()


def take_step(
    state: State,
    config: TrainConfig,
    *,
    training: CropSet,
    weights: np.ndarray[Any, np.dtype[np.float64]],
) -> float:
    """Draw a batch, augment it, and move the network and its average; return the mean loss."""
    rng = np.random.default_rng((config.seed, state.step))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    torch.manual_seed(int(rng.integers(2**62)))  # dropout draws from the global generator
    rows = rng.choice(len(weights), size=config.batch, p=weights)
    crops = augment(torch.from_numpy(training.crops[rows]), generator, Augmentation())
    state.network.ready_to_train()
    loss = marginal_cross_entropy(
        state.network(crops),
        torch.from_numpy(training.target[rows]),
        torch.from_numpy(training.presence[rows]),
    ).mean()
    for group in state.optimiser.param_groups:
        group["lr"] = group["peak"] * rate(state.step, config)
    state.optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    # Early on the average must not drag the start along: let it reach back over the steps taken.
    follow(
        state.average,
        state.network,
        decay=min(config.ema_decay, (1.0 + state.step) / (10.0 + state.step)),
    )
    return float(loss.detach())


def check(state: State, validation: CropSet, out: Path) -> None:
    """Report the average network's macro-F1 per domain on the validation split."""
    head = head_of(state.average)
    probs = head.probabilities(head.logits(embed_crops(state.average.backbone, validation.crops)))
    metrics = evaluate(validation.records, probs)
    report(
        out,
        {
            "step": state.step,
            "val_macro_f1": {name: m["macro_f1"] for name, m in metrics.items()},
            "val_foreign": {name: m["foreign"] for name, m in metrics.items()},
            "val_mean_macro_f1": round(mean_real_macro_f1(metrics), 4),
        },
    )


def head_of(network: Network, *, temperature: float = 1.0) -> Head:
    """Take the network's head out as arrays."""
    linear = network.head
    weight, bias = linear.weight.detach().numpy().copy(), linear.bias.detach().numpy().copy()
    return Head(weight, bias, temperature, LEAVES)


def save_checkpoint(state: State, path: Path) -> None:
    """Write the state, whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "network": state.network.state_dict(),
            "average": state.average.state_dict(),
            "optimiser": state.optimiser.state_dict(),
            "step": state.step,
        },
        partial,
    )
    partial.replace(path)


def report(out: Path, entry: Mapping[str, Any]) -> None:
    """Append one line to progress.jsonl."""
    with (out / "progress.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def finish(
    state: State,
    config: TrainConfig,
    *,
    split: Mapping[SplitName, Sequence[Record]],
    validation: CropSet,
    data: Path,
    out: Path,
) -> Path:
    """Calibrate on the validation split, score the test split, export."""
    backbone = state.average.backbone
    logits = head_of(state.average).logits(embed_crops(backbone, validation.crops))
    temperature = fit_temperature(logits, validation.target, draw_weights(validation, config))
    head = head_of(state.average, temperature=temperature)

    def score(crops: CropSet) -> dict[str, Any]:
        embedding = embed_crops(backbone, crops.crops)
        return evaluate(crops.records, head.probabilities(head.logits(embedding)))

    metrics = {
        "validation": score(validation),
        "test": score(load_evaluation_set(split["test"], data)),
    }
    if scaled := [r for r in split["test"] if DOMAINS[r.domain].um_per_px is not None]:
        metrics["test_known_scale"] = score(load_evaluation_set(scaled, data, known_scale=True))
    facts = CardFacts(
        config=config,
        counts=count_split(split),
        metrics=metrics,
        temperature=temperature,
        masking=describe_masking(config),
    )
    folder = out / config.model_id
    export_model(folder, backbone=backbone, head=head, split=split, facts=facts)
    report(out, {"step": state.step, "done": str(folder.name)})
    return folder


def describe_masking(config: TrainConfig) -> str:
    """Say in words how leaves that a domain does not label were treated."""
    return (
        "A leaf that a domain does not label counts there as a rival of the label with weight "
        f"{config.absent_weight} (0 would mask it wholly): weak enough not to teach that a stain "
        "excludes a class, strong enough that real cells are not drawn to classes known from "
        "rendered cells only. Leaves that a domain surely lacks (see surely_absent) are full "
        "negatives. A label at parent depth trains by the summed probability of its leaves. "
        "Nothing is masked when the model is used or scored."
    )
