"""Training: one straight loop from the manifest to a shipped model folder.

    out/config.json      the settings of the run
    out/progress.jsonl   one line per report: step, loss, learning rate, crops per second, ...
    out/checkpoint.pt    the newest state; a run that finds one goes on from it
    out/<model_id>/      the result

The loop itself is in `model.training.loop`, the losses in `model.training.criterion`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.artifacts.card import CardFacts, write_json
from model.artifacts.export import export_model
from model.data.crop_set import CropSet, Record, load_evaluation_set, load_training_set
from model.data.domains import DOMAINS
from model.data.sampling_weights import draw_weights
from model.data.scale import INPUT_SIZE
from model.data.split import count_split, make_split
from model.network.network import embed_crops
from model.training.checkpoint import read_checkpoint, save_checkpoint
from model.training.compute import Where
from model.training.config import TrainConfig
from model.training.determinism import deterministic_mode
from model.training.evaluate import evaluate
from model.training.loop import State, Stopwatch, rate, run_steps, start
from model.training.replay_crops import collect_replay
from model.training.validation import check, head_of, report, scores
from model.uncertainty.calibration import fit_temperature
from model.uncertainty.calibration_set import collect_held_out
from model.uncertainty.reference import fit_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lightning_fabric import Fabric

    from model.data.split import SplitName
    from model.network.backbone import Backbone
    from model.network.head import Head

REPORT_EVERY: Final = 10  # steps


def train(data: Path, out: Path, config: TrainConfig, *, where: Where | None = None) -> Path:
    """Train, calibrate, evaluate and export a model.

    Args:
        data: folder with manifest.csv and the images it names.
        out: folder of the run; made if missing, resumed if it holds a checkpoint.
        config: the settings.
        where: devices and processes; one process on the CPU if left out.

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
    fabric = (where or Where()).launch()
    torch.set_num_threads(config.threads)
    with deterministic_mode(enabled=config.deterministic):
        return train_here(data, out, config, fabric=fabric)


def train_here(data: Path, out: Path, config: TrainConfig, *, fabric: Fabric) -> Path:
    """Do what `train` says, in one of its processes."""
    if fabric.is_global_zero:
        claim_folder(out, config)
    split = make_split(data, config)
    training = load_training_set(split["train"], data, absent_weight=config.absent_weight)
    validation = load_evaluation_set(split["val"], data)
    state = start_or_resume(out, config, training)
    fabric.barrier()  # no process may write a checkpoint while another still looks for one
    fit(state, config, training=training, validation=validation, out=out, fabric=fabric)
    if fabric.is_global_zero:
        finish(state, config, split=split, validation=validation, data=data, out=out)
    fabric.barrier()
    return out / config.model_id


def claim_folder(out: Path, config: TrainConfig) -> None:
    """Make the run's folder, or check that it belongs to the same settings (threads may differ)."""
    out.mkdir(parents=True, exist_ok=True)
    stored = out / "config.json"
    if stored.exists() and replace(TrainConfig.read(stored), threads=config.threads) != config:
        raise ValueError(f"{out} holds a run with other settings; choose another folder")
    write_json(stored, config.to_json())


def start_or_resume(out: Path, config: TrainConfig, training: CropSet) -> State:
    """Load the newest checkpoint, or start from ImageNet with a head fitted on its embeddings."""
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        return start(training, config, stored=read_checkpoint(checkpoint))
    return start(training, config)


def fit(
    state: State,
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
    for loss in run_steps(state, config, training=training, fabric=fabric):
        losses.append(loss)
        last = state.step == config.steps
        if state.step % REPORT_EVERY == 0 or last:
            speed = watch.crops_per_s(len(losses) * config.batch * fabric.world_size)
            entry = {
                "step": state.step,
                "steps": config.steps,
                "loss": round(float(np.mean(losses)), 4),
                "lr": config.lr * rate(state.step - 1, config),
                "crops_per_s": round(speed, 1),
            }
            losses = []
            if fabric.is_global_zero:
                report(out, entry)
        if (state.step % config.check_every == 0 or last) and fabric.is_global_zero:
            check(state, config, validation=validation, out=out)
            save_checkpoint(state, out / "checkpoint.pt")
            watch = Stopwatch()
    if config.head == "decoupled" and fabric.is_global_zero:
        report(out, {"step": state.step, "head": config.head} | scores(state.average, validation))


def finish(
    state: State,
    config: TrainConfig,
    *,
    split: Mapping[SplitName, Sequence[Record]],
    validation: CropSet,
    data: Path,
    out: Path,
) -> Path:
    """Calibrate on the validation split, remember it, score the test split, export."""
    backbone = state.average.to("cpu").backbone
    weights = draw_weights(validation, config)
    held_out = collect_held_out(
        validation,
        data,
        embed=lambda crops: embed_crops(backbone, crops),
        head=head_of(state.average),
        weights=weights,
    )
    temperature = fit_temperature(
        held_out.logits[: len(weights)], validation.target, weights
    )  # the second views, which follow, have no say in it
    head = head_of(state.average, temperature=temperature)
    metrics = score_parts(backbone, head, validation=validation, test=split["test"], data=data)
    facts = CardFacts(
        config=config,
        counts=count_split(split),
        metrics=metrics,
        temperature=temperature,
        masking=describe_masking(config),
    )
    folder = out / config.model_id
    reference = fit_reference(held_out, temperature=temperature, seed=config.seed)
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
    report(out, {"step": state.step, "done": str(folder.name)})
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
