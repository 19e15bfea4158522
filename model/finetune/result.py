"""What a fine-tuning job leaves behind: paired predictions, and the candidate's files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.card import sha256_of
from model.artifacts.layered_model import open_backbone, write_layer_card
from model.artifacts.replay_memory import BACKBONE_FILE, REPLAY_FILE, evaluation_part
from model.finetune.backbone_export import write_backbone
from model.finetune.batches import network_crops, rendered_pool
from model.finetune.cross_fitting import moved_memory
from model.hierarchy import LEAVES
from model.inference.engines import WEIGHTS_OF
from model.inference.predictor import HEAD_FILE
from model.jobs.adapt_job import pair_predictions, predict_as_active
from model.jobs.candidate_card import candidate_facts
from model.jobs.head_refit import HeadRefit, cross_fit_temperature
from model.network.head import Head
from model.network.network import embed_crops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.artifacts.replay_memory import Replay
    from model.finetune.cross_fitting import CrossFitting, FineTunedModel
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import RunningJob
    from model.jobs.paired_predictions import PairedPredictions

RENDERED_NOW: Final = "rendered now"  # the domain of the rendered cells that show forgetting
CHUNK: Final = 64
LIMIT: Final = (
    "The whole network was fine-tuned to {cells} cells labelled by people at the sites named here; "
    "judge it on these sites only. Its replay memory is the base's, moved by an estimate of "
    "how embeddings changed; OOD score, prediction sets and slide shift rest on the base's cells."
)


def scale_temperature(
    model: FineTunedModel, fitting: CrossFitting
) -> tuple[FineTunedModel, NDArray[np.float32]]:
    """Find the site's temperature from what the rounds said of cells they had not seen.

    Returns:
        The model at that temperature, and probabilities float32 (n, k) of every cell of the job by
        rounds that did not see its group.
    """
    data = fitting.data
    temperature, probs = cross_fit_temperature(
        model.head,
        data.cells,
        base=data.head,
        trains=data.trains,
        fold=fitting.fold,
        logits=fitting.logits,
    )
    return replace(model, head=replace(model.head, temperature=temperature)), probs


def pair_with_active(
    model: FineTunedModel,
    probs: NDArray[np.float32],
    fitting: CrossFitting,
    cells: JobCells,
    *,
    memory: Replay,
    active: ModelFiles,
) -> PairedPredictions:
    """Put together what the new model and the one in use say of the same cells.

    Forgetting against the base shows on the evaluation part of the memory, where the new model is
    asked of embeddings moved by the estimate, and on rendered cells that go through both networks.

    Args:
        model: at the site's temperature.
        probs: float32 (n, k), of every cell of the job by rounds that did not see its group.
        fitting: after its last round.
        cells: of the job.
        memory: of the base, all of it.
        active: the model in use.

    Raises:
        ModelFileError: the active model cannot be used.
    """
    data = fitting.data
    if active.own_backbone and active.base_card is not None:
        engine = open_backbone(active, "auto", device=None, threads=data.config.threads)
        chunks = [data.crops[at : at + CHUNK] for at in range(0, len(cells), CHUNK)]
        own = np.concatenate([engine.embed(chunk) for chunk in chunks])
        cells = replace(cells, active_embedding=own)
    old = predict_as_active(
        active,
        Head.load(active.verified(HEAD_FILE)),
        HeadRefit(data.head, data.replay),
        cells,
        fold=fitting.fold,
        before_fit=fitting.job.wait_while_paused,
    )
    kept, config, shipped = memory.rows(evaluation_part(memory)), data.config, data.head
    paired = pair_predictions(cells, kept, old=old, new=(model.head, probs), shipped=shipped)
    drawn = rendered_pool(
        replace(config, rendered_per_class=config.judged_per_class), first_domain=0, part=1
    )
    crops = network_crops(drawn)
    before = kept.embedding.astype(np.float32), embed_crops(data.backbone, crops)
    after = model.drift.moved(kept.embedding), embed_crops(model.backbone, crops)
    return add_rendered_cells(
        paired,
        drawn.target.argmax(axis=1).astype(np.int64),
        shipped=shipped.probabilities(shipped.logits(np.concatenate(before))),
        new=model.head.probabilities(model.head.logits(np.concatenate(after))),
    )


def add_rendered_cells(
    paired: PairedPredictions,
    leaf: NDArray[np.int64],
    *,
    shipped: NDArray[np.float32],
    new: NDArray[np.float32],
) -> PairedPredictions:
    """Append rendered cells to the base cells, as one more domain.

    Args:
        paired: with the cells of the memory only.
        leaf: int64 (m,), of each rendered cell.
        shipped: float32 (r + m, k), of the base: cells of the memory, then rendered ones.
        new: the same of the candidate.
    """
    labels = tuple(dict.fromkeys((*paired.labels, *LEAVES)))
    number = np.array([labels.index(name) for name in LEAVES], np.int64)
    domain = np.full(len(leaf), len(paired.domains), np.int64)
    return replace(
        paired,
        base_label=np.concatenate([paired.base_label, number[leaf]]),
        base_domain=np.concatenate([paired.base_domain, domain]),
        base_shipped=shipped,
        base_new=new,
        labels=labels,
        domains=(*paired.domains, RENDERED_NOW),
    )


def write_candidate(
    job: RunningJob,
    cells: JobCells,
    paired: PairedPredictions,
    model: FineTunedModel,
    fitting: CrossFitting,
    *,
    memory: Replay,
    base: ModelFiles,
) -> None:
    """Write the candidate's folder, its card last.

    Raises:
        ModelFileError: a file of the base is damaged.
    """
    folder, data = job.new_draft(), fitting.data
    names = write_backbone(
        folder,
        model.backbone,
        base=data.backbone.to("cpu"),
        graph=base.verified(WEIGHTS_OF["onnx"]),
    )
    model.head.save(folder / HEAD_FILE)
    moved_memory(memory, model.drift).save(
        folder / REPLAY_FILE, backbone_sha256=sha256_of(folder / BACKBONE_FILE)
    )
    facts = candidate_facts(job, cells, paired, base=base)
    facts |= {
        "temperature": model.head.temperature,
        "finetune": data.config.to_json(),
        "limits": [LIMIT.format(cells=facts["trained_on"]["cells"]), *base.card["limits"]],
    }
    write_layer_card(folder, [*names, HEAD_FILE, REPLAY_FILE], base_card=base.card, facts=facts)
