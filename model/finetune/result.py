"""What a fine-tuning job leaves behind: what it is judged by, and the candidate's files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.card import sha256_of
from model.artifacts.layered_model import open_backbone, write_layer_card
from model.finetune.backbone_export import write_backbone
from model.finetune.rounds import moved_memory
from model.finetune.tuning_cells import plain, rendered_pool
from model.hierarchy import LEAVES
from model.inference.engines import WEIGHTS_OF
from model.inference.predictor import HEAD_FILE
from model.jobs.adapt import HeadFit, site_temperature
from model.jobs.adapt_job import judge_on, of_champion
from model.jobs.candidate_card import card_facts
from model.jobs.replay_memory import BACKBONE_FILE, REPLAY_FILE, held_back
from model.network.head import Head
from model.network.network import embed_crops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.finetune.rounds import Rounds, Tuned
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import JobFolder
    from model.jobs.paired_predictions import Judged
    from model.jobs.replay_memory import Replay

RENDERED_NOW: Final = "rendered now"  # the domain of the rendered cells that show forgetting
CHUNK: Final = 64
LIMIT: Final = (
    "The whole network was fine-tuned to {cells} cells labelled by people at the sites named here; "
    "judge it on these sites only. Its replay memory is the base's, moved by an estimate of "
    "how embeddings changed; OOD score, prediction sets and slide shift rest on the base's cells."
)


@dataclass(frozen=True)
class Tempered:
    """A fine-tuned model, and what it says of the local cells without their own help.

    Attributes:
        tuned: of all cells that train; its head has the site's temperature.
        probs: float32 (n, k), of every cell of the job, by rounds that did not see its group.
    """

    tuned: Tuned
    probs: NDArray[np.float32]


def temper(tuned: Tuned, rounds: Rounds) -> Tempered:
    """Find the site's temperature from what the rounds said of cells they had not seen."""
    material, logits = rounds.material, rounds.held_logits
    trains, fold = material.trains, rounds.fold

    def temperature(rows: NDArray[np.bool_]) -> float:
        if not rows.any():
            return material.head.temperature
        return site_temperature(material.head, material.cells.rows(rows), logits=logits[rows])

    probs = np.empty_like(logits)
    for number in np.unique(fold):  # no cell has a say in its own temperature
        held = fold == number
        warm = replace(tuned.head, temperature=temperature(trains & ~held))
        probs[held] = warm.probabilities(logits[held])
    head = replace(tuned.head, temperature=temperature(trains))
    return Tempered(replace(tuned, head=head), probs)


def judge(
    new: Tempered, rounds: Rounds, cells: JobCells, *, memory: Replay, champion: ModelFiles
) -> Judged:
    """Put together what the verdict rests on.

    Forgetting against the base shows on the held-back part of the memory, where the new model is
    asked of embeddings moved by the estimate, and on rendered cells that go through both networks.

    Raises:
        ModelFileError: the champion cannot be used.
    """
    material, tuned = rounds.material, new.tuned
    if champion.own_backbone and champion.base_card is not None:
        engine = open_backbone(champion, "auto", device=None, threads=material.config.threads)
        chunks = [material.crops[at : at + CHUNK] for at in range(0, len(cells), CHUNK)]
        own = np.concatenate([engine.embed(chunk) for chunk in chunks])
        cells = replace(cells, champion_embedding=own)
    old = of_champion(
        champion,
        Head.load(champion.verified(HEAD_FILE)),
        HeadFit(material.head, material.replay),
        cells,
        fold=rounds.fold,
        tell=rounds.watcher.breathe,
    )
    kept, config, shipped = memory.rows(held_back(memory)), material.config, material.head
    judged = judge_on(cells, kept, old=old, new=(tuned.head, new.probs), shipped=shipped)
    drawn = rendered_pool(
        replace(config, rendered_per_class=config.judged_per_class), first_domain=0, part=1
    )
    shown = plain(drawn)
    known = kept.embedding.astype(np.float32), embed_crops(material.backbone, shown)
    now = tuned.drift.moved(kept.embedding), embed_crops(tuned.backbone, shown)
    return with_rendered(
        judged,
        drawn.target.argmax(axis=1).astype(np.int64),
        shipped=shipped.probabilities(shipped.logits(np.concatenate(known))),
        new=tuned.head.probabilities(tuned.head.logits(np.concatenate(now))),
    )


def with_rendered(
    judged: Judged,
    leaf: NDArray[np.int64],
    *,
    shipped: NDArray[np.float32],
    new: NDArray[np.float32],
) -> Judged:
    """Append rendered cells to the base cells, as one more domain.

    Args:
        judged: with the cells of the memory only.
        leaf: int64 (m,), of each rendered cell.
        shipped: float32 (r + m, k), of the base: cells of the memory, then rendered ones.
        new: the same of the candidate.
    """
    labels = tuple(dict.fromkeys((*judged.labels, *LEAVES)))
    number = np.array([labels.index(name) for name in LEAVES], np.int64)
    domain = np.full(len(leaf), len(judged.domains), np.int64)
    return replace(
        judged,
        base_label=np.concatenate([judged.base_label, number[leaf]]),
        base_domain=np.concatenate([judged.base_domain, domain]),
        base_shipped=shipped,
        base_new=new,
        labels=labels,
        domains=(*judged.domains, RENDERED_NOW),
    )


def write_candidate(
    job: JobFolder,
    cells: JobCells,
    judged: Judged,
    new: Tempered,
    rounds: Rounds,
    *,
    memory: Replay,
    base: ModelFiles,
) -> None:
    """Write the candidate's folder, its card last.

    Raises:
        ModelFileError: a file of the base is damaged.
    """
    folder, tuned, material = job.draft(), new.tuned, rounds.material
    names = write_backbone(
        folder,
        tuned.backbone,
        base=material.backbone.to("cpu"),
        graph=base.verified(WEIGHTS_OF["onnx"]),
    )
    tuned.head.save(folder / HEAD_FILE)
    moved_memory(memory, tuned.drift).save(
        folder / REPLAY_FILE, backbone_sha256=sha256_of(folder / BACKBONE_FILE)
    )
    facts = card_facts(job, cells, judged, base=base)
    facts |= {
        "temperature": tuned.head.temperature,
        "finetune": material.config.to_json(),
        "limits": [LIMIT.format(cells=facts["trained_on"]["cells"]), *base.card["limits"]],
    }
    write_layer_card(folder, [*names, HEAD_FILE, REPLAY_FILE], base_card=base.card, facts=facts)
