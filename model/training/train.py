"""Training: one straight loop from the manifest to a shipped model folder.

    out/config.json      the settings of the run
    out/progress.jsonl   one line per report: step, loss, learning rate, crops per second, ...
    out/checkpoint.pt    the newest state; a run that finds one goes on from it
    out/<model_id>/      the result

The loop itself is in `model.training.loop`, the losses in `model.training.criterion`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.artifacts.card import CardFacts, write_json
from model.artifacts.export import export_model
from model.data.crop_set import CropSet, Record, load_evaluation_set, load_training_set
from model.data.domains import DOMAINS
from model.data.sampling_weights import sampling_weights_of
from model.data.scale import INPUT_SIZE
from model.data.split import count_split, make_split
from model.losses import marginal_cross_entropy
from model.network.network import embed_crops
from model.training.checkpoint import load_checkpoint, save_checkpoint
from model.training.compute import ComputeConfig, deterministic_mode
from model.training.config import TrainConfig
from model.training.evaluate import evaluate, mean_real_macro_f1
from model.training.loop import (
    Stopwatch,
    TrainState,
    initial_state,
    learning_rate_factor,
    train_steps,
)
from model.training.replay_crops import collect_replay
from model.uncertainty.calibration import fit_temperature
from model.uncertainty.calibration_set import collect_calibration_set
from model.uncertainty.estimator import fit_uncertainty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lightning_fabric import Fabric

    from model.data.split import SplitName
    from model.network.backbone import Backbone
    from model.network.head import Head
    from model.network.network import Network

CHECKPOINT_FILE: Final = "checkpoint.pt"
REPORT_EVERY: Final = 10  # steps


def train(
    data: Path, out: Path, config: TrainConfig, *, compute: ComputeConfig | None = None
) -> Path:
    """Train, calibrate, evaluate and export a model.

    Args:
        data: folder with manifest.csv and the images it names.
        out: folder of the run; made if missing, resumed if it holds a checkpoint.
        config: the settings.
        compute: devices and processes; one process on the CPU if left out.

    Returns:
        The finished model's folder.

    Raises:
        ValueError: `out` holds a run with other settings or a damaged checkpoint, the data
            cannot be used, or the settings are for experiments only.
    """
    prepared = (config.size, config.window, config.stain, config.views)
    if prepared != (INPUT_SIZE, "estimated", "as_is", 1):
        raise ValueError("size, window, stain and views must be as the application prepares crops")
    if config.normalisation == "group":
        raise ValueError("group normalisation is for `benchmark` only; it cannot be exported")
    fabric = (compute or ComputeConfig()).launch()
    torch.set_num_threads(config.threads)
    with deterministic_mode(enabled=config.deterministic):
        return train_process(data, out, config, fabric=fabric)


def train_process(data: Path, out: Path, config: TrainConfig, *, fabric: Fabric) -> Path:
    """Do what `train` says, in one of its processes."""
    if fabric.is_global_zero:
        claim_folder(out, config)
    split = make_split(data, config)
    training = load_training_set(split["train"], data, absent_weight=config.absent_weight)
    validation = load_evaluation_set(split["val"], data)
    state = start_or_resume(out, config, training)
    fabric.barrier()  # no process may write a checkpoint while another still looks for one
    run_training(state, config, training=training, validation=validation, out=out, fabric=fabric)
    if fabric.is_global_zero:
        calibrate_and_export(state, config, split=split, validation=validation, data=data, out=out)
    fabric.barrier()
    return out / config.model_id


def claim_folder(out: Path, config: TrainConfig) -> None:
    """Make the run's folder, or check that it belongs to the same settings (threads may differ)."""
    out.mkdir(parents=True, exist_ok=True)
    stored = out / "config.json"
    if stored.exists() and replace(TrainConfig.read(stored), threads=config.threads) != config:
        raise ValueError(f"{out} holds a run with other settings; choose another folder")
    write_json(stored, config.to_json())


def start_or_resume(out: Path, config: TrainConfig, training: CropSet) -> TrainState:
    """Load the newest checkpoint, or start from ImageNet with a head fitted on its embeddings."""
    stored = load_checkpoint(out / CHECKPOINT_FILE, run=config.model_id)
    return initial_state(training, config, stored=stored)


def run_training(
    state: TrainState,
    config: TrainConfig,
    *,
    training: CropSet,
    validation: CropSet,
    out: Path,
    fabric: Fabric,
) -> None:
    """Run the remaining steps, with reports, evaluations and checkpoints by the first process."""
    losses: list[float] = []
    watch = Stopwatch()
    for loss in train_steps(state, config, training=training, fabric=fabric):
        losses.append(loss)
        last = state.step == config.steps
        if state.step % REPORT_EVERY == 0 or last:
            speed = watch.crops_per_s(len(losses) * config.batch * fabric.world_size)
            entry = {
                "step": state.step,
                "steps": config.steps,
                "loss": round(float(np.mean(losses)), 4),
                "lr": config.lr * learning_rate_factor(state.step - 1, config),
                "crops_per_s": round(speed, 1),
            }
            losses = []
            if fabric.is_global_zero:
                append_progress(out, entry)
        if (state.step % config.check_every == 0 or last) and fabric.is_global_zero:
            validate(state, config, validation=validation, out=out)
            save_checkpoint(out / CHECKPOINT_FILE, state.to_checkpoint(), run=config.model_id)
            watch = Stopwatch()
    if config.head == "decoupled" and fabric.is_global_zero:
        append_progress(
            out,
            {"step": state.step, "head": config.head}
            | validation_scores(state.average, validation),
        )


def validate(state: TrainState, config: TrainConfig, *, validation: CropSet, out: Path) -> None:
    """Score the average network on the validation split; tell a "swad" average the loss there.

    Nothing chooses weights by a score; the loss alone has a say, in where a "swad" average starts.
    Only the first process does so: the others' averages are of no use to anyone.
    """
    entry = {"step": state.step} | validation_scores(state.average, validation)
    if config.averaging == "swad":
        loss = validation_loss(state.learner.network, validation, config)
        state.averaging.take_validation_loss(loss, steps=state.step)
        entry |= {"val_loss": round(loss, 4), "averaged_steps": state.averaging.taken}
    append_progress(out, entry)


def validation_scores(network: Network, validation: CropSet) -> dict[str, Any]:
    """Return a network's macro-F1 per domain on the validation split, for a report."""
    head = network.to_head()
    probs = head.probabilities(head.logits(embed_crops(network.backbone, validation.crops)))
    metrics = evaluate(validation.records, probs)
    return {
        "val_macro_f1": {name: m["macro_f1"] for name, m in metrics.items()},
        "val_foreign": {name: m["foreign"] for name, m in metrics.items()},
        "val_mean_macro_f1": round(mean_real_macro_f1(metrics), 4),
    }


def validation_loss(network: Network, validation: CropSet, config: TrainConfig) -> float:
    """Return the cross-entropy of the validation split, domains and classes weighted as drawn."""
    logits = network.to_head().logits(embed_crops(network.backbone, validation.crops))
    target = torch.from_numpy(validation.target)
    nothing_masked = torch.ones_like(target, dtype=torch.float32)
    loss = marginal_cross_entropy(torch.from_numpy(logits), target, nothing_masked)
    return float(sampling_weights_of(validation, config) @ loss.double().numpy())


def append_progress(out: Path, entry: Mapping[str, Any]) -> None:
    """Append one line to progress.jsonl."""
    with (out / "progress.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def calibrate_and_export(
    state: TrainState,
    config: TrainConfig,
    *,
    split: Mapping[SplitName, Sequence[Record]],
    validation: CropSet,
    data: Path,
    out: Path,
) -> Path:
    """Calibrate on the validation split, remember it, score the test split, export."""
    backbone = state.average.to("cpu").backbone
    weights = sampling_weights_of(validation, config)
    held_out = collect_calibration_set(
        validation,
        data,
        embed=lambda crops: embed_crops(backbone, crops),
        head=state.average.to_head(),
        weights=weights,
    )
    temperature = fit_temperature(
        held_out.logits[: len(weights)], validation.target, weights
    )  # the second views, which follow, have no say in it
    head = state.average.to_head(temperature=temperature)
    metrics = score_parts(backbone, head, validation=validation, test=split["test"], data=data)
    facts = CardFacts(
        config=config,
        counts=count_split(split),
        metrics=metrics,
        temperature=temperature,
        masking=describe_masking(config),
    )
    folder = out / config.model_id
    reference = fit_uncertainty(held_out, temperature=temperature, seed=config.seed)
    replay = collect_replay(
        split["train"],
        data,
        embed=lambda crops: embed_crops(backbone, crops),
        seed=config.seed,
    )
    export_model(
        folder,
        backbone=backbone,
        head=head,
        split=split,
        facts=facts,
        reference=reference,
        replay=replay,
    )
    append_progress(out, {"step": state.step, "done": str(folder.name)})
    return folder


def score_parts(
    backbone: Backbone, head: Head, *, validation: CropSet, test: Sequence[Record], data: Path
) -> dict[str, Any]:
    """Score the validation split and the test split, the latter at its known scale too."""

    def score(crops: CropSet) -> dict[str, Any]:
        embedding = embed_crops(backbone, crops.crops)
        return evaluate(crops.records, head.probabilities(head.logits(embedding)))

    metrics = {
        "validation": score(validation),
        "test": score(load_evaluation_set(test, data)),
    }
    if scaled := [r for r in test if DOMAINS[r.domain].um_per_px is not None]:
        metrics["test_known_scale"] = score(load_evaluation_set(scaled, data, known_scale=True))
    return metrics


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
