"""The job that adapts the head to a site: fit it, and predict what it is to be evaluated by.

Nobody is evaluated on what he has learned. The local cells are spread over folds, groups whole; for
each fold a head is refitted without it and predicts its cells. The candidate itself is fitted on
all cells that train, and a cell whose group never trained is predicted by it directly. Where the
active model is itself adapted, its part is played in the same way by heads refitted on the cells it
has learned from. The memory is fitted without its evaluation part, on which the candidate is
compared with the shipped model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.layered_model import write_layer_card
from model.artifacts.replay_memory import evaluation_part, load_replay
from model.inference.predictor import HEAD_FILE
from model.jobs.candidate_card import candidate_facts, local_macro_f1
from model.jobs.head_refit import FOLDS, HeadRefit, LocalCells, adapt_head, grouped_folds
from model.jobs.job_folder import JobError, JobProgress
from model.jobs.paired_predictions import EvaluationMethod, PairedPredictions
from model.network.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.artifacts.replay_memory import Replay
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import RunningJob

HOLDOUT_FROM: Final = 60  # labels in all, from which on the held-out cells evaluate
LEAST_HOLDOUT: Final = 20  # held-out cells, fewer say too little
LEAST_CLASSES: Final = 2


def run_adapt(job: RunningJob, *, base: ModelFiles, active: ModelFiles) -> None:
    """Adapt the base's head to the cells of a job; write candidate, paired predictions and result.

    Args:
        job: of kind "adapt".
        base: the model to start from.
        active: the model in use.

    Raises:
        JobError: the cells are too few, of one class, or of another model.
        JobCancelledError: a person ended the job.
        ModelFileError: a model is damaged, or cannot be adapted.
    """
    folder, progress = job.new_draft(), JobProgress(job, expected=FOLDS + 3)
    progress.step("reading")
    cells = job.cells()
    head = Head.load(base.verified(HEAD_FILE))
    memory = load_replay(base.folder, base.card)
    check_cells(cells, width=head.weight.shape[1])
    evaluates = evaluation_part(memory)
    refit = HeadRefit(head, memory.rows(~evaluates))
    fold = grouped_folds(cells.group, folds=FOLDS)
    learned = learned_by_active(active, cells)
    progress.set_steps(2 + count_fits(~cells.holdout, fold) + count_fits(learned, fold))
    new = adapt_head(
        refit,
        local_cells(cells),
        trains=~cells.holdout,
        fold=fold,
        before_fit=lambda: progress.step("fitting"),
    )
    old = predict_as_active(
        active,
        Head.load(active.verified(HEAD_FILE)),
        refit,
        cells,
        fold=fold,
        before_fit=lambda: progress.step("judging"),
    )
    paired = pair_predictions(
        cells, memory.rows(evaluates), old=old, new=(new.head, new.probs), shipped=head
    )
    new.head.save(folder / HEAD_FILE)
    facts = candidate_facts(job, cells, paired, base=base)
    facts |= {"temperature": new.head.temperature}
    write_layer_card(folder, [HEAD_FILE], base_card=base.card, facts=facts)
    progress.finish("judging", macro_f1=local_macro_f1(facts["metrics"]["test"]))
    job.publish(paired)


def local_cells(cells: JobCells) -> LocalCells:
    """Take from the cells of a job what a head is fitted on."""
    return LocalCells(cells.embedding, cells.label_names, cells.weight, cells.group)


def count_fits(trains: NDArray[np.bool_], fold: NDArray[np.int64]) -> int:
    """How many heads `adapt_head` fits: one on all, one without each fold; none without cells."""
    return 1 + len(np.unique(fold[trains])) if trains.any() else 0


def learned_by_active(active: ModelFiles, cells: JobCells) -> NDArray[np.bool_]:
    """Say which cells a head has to be refitted without, to play the active model: bool (n,)."""
    if active.own_backbone:
        return np.zeros(len(cells), np.bool_)
    return cells.seen & ~cells.holdout


def check_cells(cells: JobCells, *, width: int) -> None:
    """Check that there is something to learn and to evaluate by.

    Raises:
        JobError: there is not.
    """
    trains = ~cells.holdout
    names = {cells.labels[row] for row in cells.label[trains]}
    if len(names) < LEAST_CLASSES:
        found = "no labelled cells" if not names else f"only cells of one class, {names.pop()},"
        detail = f"{found} are there to train on"
        raise JobError("There is too little to learn from", detail, "Label cells of more classes.")
    if len(np.unique(cells.group)) < LEAST_CLASSES:
        detail = "all labelled cells are of one group, so that nothing is left to judge by"
        raise JobError("There is too little to learn from", detail, "Label more cells.")
    if cells.embedding.shape[1] != width:
        detail = f"their embeddings have {cells.embedding.shape[1]} numbers, not {width}"
        raise JobError("The cells are of another model", detail, "Start the job again.")


def predict_as_active(
    active: ModelFiles,
    head: Head,
    refit: HeadRefit,
    cells: JobCells,
    *,
    fold: NDArray[np.int64],
    before_fit: Callable[[], None],
) -> NDArray[np.float32]:
    """Predict the cells of a job as the active model would have without them: float32 (n, k).

    A model that was fine-tuned cannot be had without some of its cells in seconds. It is asked as
    it is, which favours it.

    Raises:
        JobError: it has embeddings of its own, and the job does not bring them.
    """
    embedding = cells.embedding
    if active.own_backbone and active.base_card is not None:
        if cells.active_embedding is None:
            detail = "the job brings no embeddings of the model in use, which was fine-tuned"
            raise JobError("Old and new model cannot be compared", detail, "Start the job again.")
        embedding = cells.active_embedding
    probs = head.probabilities(head.logits(embedding))
    learned = learned_by_active(active, cells)
    if not learned.any():
        return probs
    mixed = np.isin(cells.group, cells.group[learned])
    played = adapt_head(refit, local_cells(cells), trains=learned, fold=fold, before_fit=before_fit)
    probs[mixed] = played.probs[mixed]
    return probs


def pair_predictions(
    cells: JobCells,
    memory: Replay,
    *,
    old: NDArray[np.float32],
    new: tuple[Head, NDArray[np.float32]],
    shipped: Head,
) -> PairedPredictions:
    """Put together what old and new model say of the cells that neither has learned from.

    Args:
        cells: of the job.
        memory: the part of the memory that no candidate trains on.
        old: float32 (n, k), of all cells by the active model.
        new: head of the candidate, and the same by it.
        shipped: head of the base.
    """
    method = evaluation_method(cells)
    chosen = cells.holdout if method == "holdout" else ~cells.holdout
    labels = tuple(dict.fromkeys((*cells.labels, *memory.labels)))
    number = np.array([labels.index(name) for name in memory.labels], np.int64)
    replayed = memory.embedding.astype(np.float32)
    return PairedPredictions(
        local_id=cells.cell_id[chosen],
        local_label=cells.label[chosen],
        local_site=cells.site[chosen],
        local_group=cells.group[chosen],
        local_old=old[chosen],
        local_new=new[1][chosen],
        base_label=number[memory.label],
        base_domain=memory.domain.astype(np.int64),
        base_shipped=shipped.probabilities(shipped.logits(replayed)),
        base_new=new[0].probabilities(new[0].logits(replayed)),
        labels=labels,
        sites=cells.sites,
        domains=memory.domains,
        classes=new[0].classes,
        method=method,
    )


def evaluation_method(cells: JobCells) -> EvaluationMethod:
    """Say which cells evaluate: those held out where they are enough, else all that train."""
    enough = len(cells) >= HOLDOUT_FROM and int(cells.holdout.sum()) >= LEAST_HOLDOUT
    return "holdout" if enough else "cross_validation"
