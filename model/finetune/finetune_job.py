"""The job that fine-tunes the whole network to a site: learn, evaluate, write the candidate.

It starts at the base model, never at the last fine-tuned one, and learns from all labels there are.
The labels are spread over folds, groups whole; for each fold the whole network is trained once
without it (`model.finetune.cross_fitting`), so that nothing is evaluated by what it has learned,
and the candidate is trained on all that may train. No crop of the base's training is here: what
keeps the other sites are rendered cells, the replay memory, and three penalties for leaving the
base (`model.finetune.loop`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch

from model.artifacts.replay_memory import evaluation_part, load_replay
from model.finetune.batches import rendered_pool
from model.finetune.config import FineTuneConfig
from model.finetune.cross_fitting import CrossFitting, FineTuneData
from model.finetune.result import pair_with_active, scale_temperature, write_candidate
from model.hierarchy import LEAVES
from model.inference.engines import WEIGHTS_OF
from model.inference.predictor import HEAD_FILE
from model.jobs.adapt_job import check_cells, local_cells
from model.jobs.head_refit import grouped_folds
from model.jobs.job_folder import JobError
from model.network.backbone import load_backbone
from model.network.head import Head
from model.training.checkpoint import CheckpointError
from model.training.compute import ComputeConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.finetune.cross_fitting import FineTunedModel
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import RunningJob

START_ANEW: Final = "Start the training anew; every label is still in the workspace."


def run_finetune(job: RunningJob, *, base: ModelFiles, active: ModelFiles) -> None:
    """Fine-tune the base to the cells of a job; write candidate, paired predictions and result.

    Args:
        job: of kind "finetune".
        base: the model to start from.
        active: the model in use.

    Raises:
        JobError: the cells or settings cannot be used, or a checkpoint is damaged.
        JobCancelledError: a person ended the job.
        ModelFileError: a model is damaged, or cannot be fine-tuned.
    """
    job.report("reading", 0, 2)
    cells, crops = read_cells(job)
    config = read_config(job, cells)
    torch.set_num_threads(config.threads)
    head = Head.load(base.verified(HEAD_FILE))
    check_cells(cells, width=head.weight.shape[1])
    if head.classes != LEAVES:
        detail = f"{base.folder} knows other classes than this version"
        raise JobError("The model cannot be fine-tuned", detail, "Adapt it instead.")
    memory = load_replay(base.folder, base.card)
    job.report("reading", 1, 2)
    data = FineTuneData(
        backbone=load_backbone(base.verified(WEIGHTS_OF["torch"])),
        head=head,
        replay=memory.rows(~evaluation_part(memory)),
        crops=crops,
        cells=local_cells(cells),
        site=cells.site,
        trains=~cells.holdout,
        rendered=rendered_pool(config, first_domain=0),
        config=config,
    )
    fitting = CrossFitting(
        data=data,
        fold=grouped_folds(cells.group, folds=config.folds),
        job=job,
        run_digest=digest_of(job, cells, config),
    )
    model = fit_all(fitting, config)
    total = fitting.steps
    job.report("judging", total, total)
    model, probs = scale_temperature(model, fitting)
    paired = pair_with_active(model, probs, fitting, cells, memory=memory, active=active)
    job.report("exporting", total, total)
    write_candidate(job, cells, paired, model, fitting, memory=memory, base=base)
    job.publish(paired)
    # A job with a result does not go on.
    shutil.rmtree(fitting.checkpoint.parent, ignore_errors=True)


def read_cells(job: RunningJob) -> tuple[JobCells, NDArray[np.uint8]]:
    """Read the cells of a job with their crops.

    Raises:
        JobError: they are damaged or bring no crops.
    """
    cells = job.cells()
    if cells.crops is None:
        detail = f"{job.path} holds no crops, and fine-tuning needs them"
        raise JobError("The cells of the job are those of another job", detail, "Start a new job.")
    return cells, cells.crops


def read_config(job: RunningJob, cells: JobCells) -> FineTuneConfig:
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
    return config.for_labels(int((~cells.holdout).sum()))


def fit_all(fitting: CrossFitting, config: FineTuneConfig) -> FineTunedModel:
    """Run all rounds on a GPU where there is one; where its memory is too small, on the CPU.

    Raises:
        JobError: there is a checkpoint that cannot be used.
        JobCancelledError: a person ended the job.
    """
    try:
        try:
            return fitting.fit(choose_compute(config))
        except torch.OutOfMemoryError as error:
            sys.stderr.write(f"The memory of the GPU is too small; going on without it: {error}\n")
        return fitting.fit(ComputeConfig())
    except CheckpointError as error:
        raise JobError("The training cannot go on", error.detail, START_ANEW) from error


def choose_compute(config: FineTuneConfig) -> ComputeConfig:
    """Choose where to compute: a CUDA GPU, in mixed precision where it knows that; else the CPU."""
    if config.accelerator == "cpu" or not torch.cuda.is_available():
        return ComputeConfig()
    precision = "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    return ComputeConfig(accelerator="cuda", precision=precision)


def digest_of(job: RunningJob, cells: JobCells, config: FineTuneConfig) -> str:
    """Return a digest (hex) of what a job is, so that no other one goes on from its checkpoints.

    How many threads compute belongs to the machine and not to the job.
    """
    what = {
        "base": job.spec.base.model_sha256,
        "cells": cells.sha256,
        "config": replace(config, threads=0, accelerator="auto").to_json(),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
