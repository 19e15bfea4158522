"""The job that adapts the head to a site: fit it, and predict what it is to be judged by.

Nobody is judged on what he has learned. The local cells are spread over folds, groups whole; for
each fold a head is refitted without it and predicts its cells. The candidate itself is fitted on
all cells that train, and a cell whose group never trained is predicted by it directly. Where the
model in use is itself adapted, its part is played in the same way by heads refitted on the cells it
has learned from. The memory is fitted without its held-back quarter, on which the candidate is
compared with the shipped model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.layered_model import write_layer_card
from model.inference.predictor import HEAD_FILE
from model.jobs.adapt import FOLDS, HeadFit, LocalCells, grouped_folds, site_temperature
from model.jobs.candidate_card import card_facts, local_macro_f1
from model.jobs.job_spec import JobError
from model.jobs.paired_predictions import Judged, Way
from model.jobs.progress import Steps
from model.jobs.replay_memory import held_back, load_replay
from model.network.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import JobFolder
    from model.jobs.replay_memory import Replay

HOLDOUT_FROM: Final = 60  # labels in all, from which on the held-out cells judge
LEAST_HOLDOUT: Final = 20  # held-out cells, fewer say too little
LEAST_CLASSES: Final = 2


@dataclass(frozen=True)
class Adapted:
    """A head fitted on some cells, and what it says of cells without their own help.

    Attributes:
        head: fitted on all cells that train.
        probs: float32 (n, k), of every cell of the job, by heads that did not see its group.
    """

    head: Head
    probs: NDArray[np.float32]


def run(job: JobFolder, *, base: ModelFiles, champion: ModelFiles) -> None:
    """Adapt the base's head to the cells of a job; write candidate, judged cells and result.

    Args:
        job: of kind "adapt".
        base: the model to start from.
        champion: the model in use.

    Raises:
        JobError: the cells are too few, of one class, or of another model.
        JobCancelledError: a person ended the job.
        ModelFileError: a model is damaged, or cannot be adapted.
    """
    folder, steps = job.draft(), Steps(job, expected=FOLDS + 3)
    steps.tell("reading")
    cells = job.cells()
    head = Head.load(base.verified(HEAD_FILE))
    memory = load_replay(base.folder, base.card)
    check(cells, width=head.weight.shape[1])
    kept = held_back(memory)
    fit = HeadFit(head, memory.rows(~kept))
    fold = grouped_folds(cells.group, folds=FOLDS)
    learned = champion_learned(champion, cells)
    steps.expect(2 + fits(~cells.holdout, fold) + fits(learned, fold))
    new = adapt(fit, cells, trained=~cells.holdout, fold=fold, tell=lambda: steps.tell("fitting"))
    in_use = Head.load(champion.verified(HEAD_FILE))
    old = of_champion(champion, in_use, fit, cells, fold=fold, tell=lambda: steps.tell("judging"))
    judged = judge_on(cells, memory.rows(kept), old=old, new=(new.head, new.probs), shipped=head)
    new.head.save(folder / HEAD_FILE)
    facts = card_facts(job, cells, judged, base=base) | {"temperature": new.head.temperature}
    write_layer_card(folder, [HEAD_FILE], base_card=base.card, facts=facts)
    steps.end("judging", macro_f1=local_macro_f1(facts["metrics"]["test"]))
    job.publish(judged)


def fits(trained: NDArray[np.bool_], fold: NDArray[np.int64]) -> int:
    """How many heads `adapt` fits: one on all, one without each fold; none without cells."""
    return 1 + len(np.unique(fold[trained])) if trained.any() else 0


def champion_learned(champion: ModelFiles, cells: JobCells) -> NDArray[np.bool_]:
    """Say which cells a head has to be refitted without, to play the model in use: bool (n,)."""
    if champion.own_backbone:
        return np.zeros(len(cells), np.bool_)
    return cells.seen & ~cells.holdout


def check(cells: JobCells, *, width: int) -> None:
    """Check that there is something to learn and to judge by.

    Raises:
        JobError: there is not.
    """
    trained = ~cells.holdout
    names = {cells.labels[row] for row in cells.label[trained]}
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


def adapt(
    fit: HeadFit,
    cells: JobCells,
    *,
    trained: NDArray[np.bool_],
    fold: NDArray[np.int64],
    tell: Callable[[], None],
) -> Adapted:
    """Fit a head, and for every fold one that did not see it.

    Args:
        fit: of the base head.
        cells: of the job.
        trained: bool (n,), what trains; at least one cell.
        fold: int64 (n,), groups whole.
        tell: called before each fit.
    """
    local = LocalCells(cells.embedding, cells.label_names, cells.weight, cells.group)
    whole, logits = fitted_apart(fit, local, trained=trained, fold=fold, tell=tell)
    folds = np.unique(fold[trained])

    def warmth(rows: NDArray[np.bool_]) -> float:
        if not rows.any():
            return fit.base.temperature
        return site_temperature(fit.base, local.rows(rows), logits=logits[rows])

    head = replace(whole, temperature=warmth(trained))
    probs = head.probabilities(logits)
    for number in folds:  # no cell has a say in the temperature at which it is judged
        own = replace(whole, temperature=warmth(trained & (fold != number)))
        probs[fold == number] = own.probabilities(logits[fold == number])
    return Adapted(head, probs)


def fitted_apart(
    fit: HeadFit,
    local: LocalCells,
    *,
    trained: NDArray[np.bool_],
    fold: NDArray[np.int64],
    tell: Callable[[], None],
) -> tuple[Head, NDArray[np.float32]]:
    """Fit a head on some cells, and ask for each cell one that learned from none of its group.

    Returns:
        The head, at the base's temperature, and float32 (n, k) logits.
    """
    tell()
    whole = fit.refit(local.rows(trained))
    logits = whole.logits(local.embedding)
    apart = ~np.isin(local.group, local.group[trained])  # whose group did not train at all
    for number in np.unique(fold[trained]):
        tell()
        held, rest = (fold == number) & ~apart, trained & (fold != number)
        head = fit.refit(local.rows(rest)) if rest.any() else fit.base
        logits[held] = head.logits(local.embedding[held])
    return whole, logits


def of_champion(
    champion: ModelFiles,
    head: Head,
    fit: HeadFit,
    cells: JobCells,
    *,
    fold: NDArray[np.int64],
    tell: Callable[[], None],
) -> NDArray[np.float32]:
    """Predict the cells of a job as the model in use would have without them: float32 (n, k).

    A model that was fine-tuned cannot be had without some of its cells in seconds. It is asked as
    it is, which favours it.

    Raises:
        JobError: it has embeddings of its own, and the job does not bring them.
    """
    embedding = cells.embedding
    if champion.own_backbone and champion.base_card is not None:
        if cells.champion_embedding is None:
            detail = "the job brings no embeddings of the model in use, which was fine-tuned"
            raise JobError("Old and new model cannot be compared", detail, "Start the job again.")
        embedding = cells.champion_embedding
    probs = head.probabilities(head.logits(embedding))
    learned = champion_learned(champion, cells)
    if not learned.any():
        return probs
    mixed = np.isin(cells.group, cells.group[learned])
    probs[mixed] = adapt(fit, cells, trained=learned, fold=fold, tell=tell).probs[mixed]
    return probs


def judge_on(
    cells: JobCells,
    kept: Replay,
    *,
    old: NDArray[np.float32],
    new: tuple[Head, NDArray[np.float32]],
    shipped: Head,
) -> Judged:
    """Put together what the verdict rests on.

    Args:
        cells: of the job.
        kept: the part of the memory that no candidate trains on.
        old: float32 (n, k), of all cells by the model in use.
        new: head of the candidate, and the same by it.
        shipped: head of the base.
    """
    way = way_of(cells)
    asked = cells.holdout if way == "holdout" else ~cells.holdout
    labels = tuple(dict.fromkeys((*cells.labels, *kept.labels)))
    number = np.array([labels.index(name) for name in kept.labels], np.int64)
    remembered = kept.embedding.astype(np.float32)
    return Judged(
        local_id=cells.cell_id[asked],
        local_label=cells.label[asked],
        local_site=cells.site[asked],
        local_group=cells.group[asked],
        local_old=old[asked],
        local_new=new[1][asked],
        base_label=number[kept.label],
        base_domain=kept.domain.astype(np.int64),
        base_shipped=shipped.probabilities(shipped.logits(remembered)),
        base_new=new[0].probabilities(new[0].logits(remembered)),
        labels=labels,
        sites=cells.sites,
        domains=kept.domains,
        classes=new[0].classes,
        way=way,
    )


def way_of(cells: JobCells) -> Way:
    """Say which cells judge: those held out where they are enough, else all that train."""
    enough = len(cells) >= HOLDOUT_FROM and int(cells.holdout.sum()) >= LEAST_HOLDOUT
    return "holdout" if enough else "cross_validation"
