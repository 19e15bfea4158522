"""The job that fine-tunes the whole network to a site: learn, judge, write the candidate.

It starts at the base model, never at the last fine-tuned one, and learns from all labels there are.
The labels are spread over folds, groups whole; for each fold the whole network is trained once
without it (`model.finetune.rounds`), so that nothing is judged by what it has learned, and the
candidate is trained on all that may train. No crop of the base's training is here: what keeps the
other sites are rendered cells, the replay memory, and three pulls towards the base
(`model.finetune.loop`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from model.finetune.checkpoint import CHECKPOINT_FOLDER, CheckpointError
from model.finetune.config import FineTuneConfig
from model.finetune.result import judge, temper, write_candidate
from model.finetune.rounds import Material, Rounds
from model.finetune.tuning_cells import rendered_pool
from model.hierarchy import LEAVES
from model.inference.engines import WEIGHTS_OF
from model.inference.predictor import HEAD_FILE
from model.jobs.adapt import LocalCells, grouped_folds
from model.jobs.adapt_job import check
from model.jobs.job_spec import JobError
from model.jobs.replay_memory import held_back, load_replay
from model.network.backbone import load_backbone
from model.network.head import Head
from model.training.compute import Where

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.finetune.rounds import Tuned
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import JobFolder


@dataclass(frozen=True)
class Narrator:
    """Tells the job's folder how far the rounds are."""

    job: JobFolder

    def told(
        self, step: int, steps: int, *, loss: float | None, macro_f1: float | None, eta_s: float
    ) -> None:
        """Write one line of progress."""
        rounded = None if macro_f1 is None else round(macro_f1, 4)
        loss = None if loss is None else round(loss, 4)
        eta = round(eta_s, 1)
        self.job.step("training", step, steps, loss=loss, macro_f1=rounded, eta_s=eta)

    def breathe(self) -> None:
        """Wait while the job is paused; raise where it was cancelled."""
        self.job.wait()


def run(job: JobFolder, *, base: ModelFiles, champion: ModelFiles) -> None:
    """Fine-tune the base to the cells of a job; write candidate, judged cells and result.

    Args:
        job: of kind "finetune".
        base: the model to start from.
        champion: the model in use.

    Raises:
        JobError: the cells or settings cannot be used, or a checkpoint is damaged.
        JobCancelledError: a person ended the job.
        ModelFileError: a model is damaged, or cannot be fine-tuned.
    """
    job.step("reading", 0, 2)
    cells, crops = read_cells(job)
    config = settled(job, cells)
    torch.set_num_threads(config.threads)
    head = Head.load(base.verified(HEAD_FILE))
    check(cells, width=head.weight.shape[1])
    if head.classes != LEAVES:
        detail = f"{base.folder} knows other classes than this version"
        raise JobError("The model cannot be fine-tuned", detail, "Adapt it instead.")
    memory = load_replay(base.folder, base.card)
    kept = held_back(memory)
    job.step("reading", 1, 2)
    material = Material(
        backbone=load_backbone(base.verified(WEIGHTS_OF["torch"])),
        head=head,
        replay=memory.rows(~kept),
        crops=crops,
        cells=LocalCells(cells.embedding, cells.label_names, cells.weight, cells.group),
        site=cells.site,
        trains=~cells.holdout,
        rendered=rendered_pool(config, first_domain=0),
        config=config,
    )
    rounds = Rounds(
        material=material,
        fold=grouped_folds(cells.group, folds=config.folds),
        folder=job.path / CHECKPOINT_FOLDER,
        job=fingerprint(job, cells, config),
        watcher=Narrator(job),
    )
    tuned = run_rounds(rounds, config)
    total = rounds.steps
    job.step("judging", total, total)
    new = temper(tuned, rounds)
    judged = judge(new, rounds, cells, memory=memory, champion=champion)
    job.step("exporting", total, total)
    write_candidate(job, cells, judged, new, rounds, memory=memory, base=base)
    job.publish(judged)
    shutil.rmtree(rounds.folder, ignore_errors=True)  # a job with a result does not go on


def read_cells(job: JobFolder) -> tuple[JobCells, NDArray[np.uint8]]:
    """Read the cells of a job with their crops.

    Raises:
        JobError: they are damaged or bring no crops.
    """
    cells = job.cells()
    if cells.crops is None:
        detail = f"{job.path} holds no crops, and fine-tuning needs them"
        raise JobError("The cells of the job are those of another job", detail, "Start a new job.")
    return cells, cells.crops


def settled(job: JobFolder, cells: JobCells) -> FineTuneConfig:
    """Read the settings of a job, and fill in what depends on labels and machine.

    Raises:
        JobError: they cannot be used.
    """
    try:
        config = FineTuneConfig.from_json({"seed": job.spec.seed, **job.spec.settings})
    except ValueError as error:
        detail = f"{job.path}: {error}"
        raise JobError("The settings of the job cannot be used", detail, "Start a new job.") from (
            error
        )
    return config.settled(int((~cells.holdout).sum()))


def run_rounds(rounds: Rounds, config: FineTuneConfig) -> Tuned:
    """Run all rounds on a GPU where there is one; where its memory is too small, on the CPU.

    Raises:
        JobError: there is a checkpoint that cannot be used.
        JobCancelledError: a person ended the job.
    """
    try:
        try:
            return rounds.run(best_place(config))
        except torch.OutOfMemoryError as error:
            sys.stderr.write(f"The memory of the GPU is too small; going on without it: {error}\n")
        return rounds.run(Where())
    except CheckpointError as error:
        raise JobError("The training cannot go on", error.detail, error.advice) from error


def best_place(config: FineTuneConfig) -> Where:
    """Choose where to compute: a CUDA GPU, in mixed precision where it knows that; else the CPU."""
    if config.accelerator == "cpu" or not torch.cuda.is_available():
        return Where()
    precision = "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    return Where(accelerator="cuda", precision=precision)


def fingerprint(job: JobFolder, cells: JobCells, config: FineTuneConfig) -> str:
    """Return a digest (hex) of what a job is, so that no other one goes on from its checkpoints.

    How many threads compute belongs to the machine and not to the job.
    """
    what = {
        "base": job.spec.base.model_sha256,
        "cells": cells.sha256,
        "config": replace(config, threads=0, accelerator="auto").to_json(),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
