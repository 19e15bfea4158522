"""Cross-fitting: the network is fine-tuned once without each fold of the labels, and once on all.

Each round begins at the base and takes the same steps, so that what is evaluated was made as what
is kept. Between steps the job says how far it is and looks whether it is to wait or to end; every
so many steps it writes a checkpoint, from which a killed job goes on to the same weights.
"""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.finetune.batches import ReplayPool, local_pool, make_batches, network_crops
from model.finetune.drift import fit_drift
from model.finetune.loop import initial_state, take_step
from model.jobs.head_refit import HeadRefit, LocalCells
from model.jobs.job_files import CHECKPOINT_FOLDER
from model.network.network import Network, embed_crops
from model.training.checkpoint import load_checkpoint, save_checkpoint
from model.training.compute import deterministic_mode
from model.training.evaluate import at_label_depth, f1_per_class

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from model.artifacts.replay_memory import Replay
    from model.finetune.batches import CropPool
    from model.finetune.config import FineTuneConfig
    from model.finetune.drift import Drift
    from model.finetune.loop import FineTuneState
    from model.jobs.job_folder import RunningJob
    from model.network.backbone import Backbone
    from model.network.head import Head
    from model.training.compute import ComputeConfig

CHECKPOINT_FILE: Final = "state.pt"
LARGEST: Final = 65504.0  # in float16
MOST_SCORED: Final = 200  # cells, on the way
RECENT: Final = 10  # steps whose loss is told as one


@dataclass(frozen=True)
class FineTuneData:
    """What all rounds share.

    Attributes:
        backbone: of the base.
        head: of the base.
        replay: what of its memory may be learnt from.
        crops: uint8 (n, 128, 128, 3), the site's labelled cells.
        cells: the same cells: embeddings by the base, labels, weights, groups.
        site: int64 (n,), 0..sites - 1.
        trains: bool (n,), which of them may be learnt from.
        rendered: rendered cells of several sites.
        config: with steps and threads filled in.
    """

    backbone: Backbone
    head: Head
    replay: Replay
    crops: NDArray[np.uint8]
    cells: LocalCells
    site: NDArray[np.int64]
    trains: NDArray[np.bool_]
    rendered: CropPool
    config: FineTuneConfig

    @property
    def network(self) -> Network:
        """The base as one module, without dropout."""
        network = Network(deepcopy(self.backbone), dropout=0.0)
        network.set_head(self.head.weight, self.head.bias)
        return network.eval()


@dataclass(frozen=True)
class FineTunedModel:
    """What a round made.

    Attributes:
        backbone: on the CPU.
        head: at the base's temperature.
        drift: how embeddings moved.
    """

    backbone: Backbone
    head: Head
    drift: Drift

    def logits(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return what it says of uint8 (n, 128, 128, 3) crops: float32 (n, k)."""
        return self.head.logits(embed_crops(self.backbone, crops))


@dataclass
class CrossFitting:
    """Runs all rounds, from the newest checkpoint where there is one.

    Attributes:
        data: what they share.
        fold: int64 (n,), the fold of each cell; 0..folds - 1.
        job: is told of progress, and may wait or be cancelled.
        run_digest: of what the job is.
        logits: float32 (n, k), of each cell by the round that did not see its fold; NaN where
            that round has not ended.
    """

    data: FineTuneData
    fold: NDArray[np.int64]
    job: RunningJob
    run_digest: str
    logits: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is known of any cell yet."""
        shape = (len(self.fold), len(self.data.head.classes))
        self.logits = np.full(shape, np.nan, np.float32)

    @property
    def checkpoint(self) -> Path:
        """Where the newest checkpoint lies."""
        return self.job.path / CHECKPOINT_FOLDER / CHECKPOINT_FILE

    def fit(self, compute: ComputeConfig) -> FineTunedModel:
        """Take the rounds that are left, and return what the last one made.

        Raises:
            CheckpointError: there is a checkpoint that cannot be used.
            ValueError: there is nothing to learn from.
        """
        stored = load_checkpoint(self.checkpoint, run=self.run_digest)
        first = int(stored["round"]) if stored else 0
        if stored:
            self.logits = stored["held_logits"].numpy().copy()
        for number in range(first, self.folds):
            out = self.fold == number
            if (~out & self.data.trains).any():
                made = self.round(number, ~out, compute, stored if number == first else None)
                self.logits[out] = made.logits(self.data.crops[out])
            else:  # all that trains is left out: nothing is learnt, and the base answers
                embedding = self.data.cells.embedding[out]
                self.logits[out] = self.data.head.logits(embedding)
            self.save(number + 1, None)
        everything = np.ones(len(self.fold), np.bool_)
        return self.round(self.folds, everything, compute, stored if self.folds == first else None)

    @property
    def folds(self) -> int:
        """How many folds are left out in turn; with one there is nothing to leave out."""
        count = int(self.fold.max(initial=-1)) + 1
        return count if count > 1 else 0

    @property
    def steps(self) -> int:
        """Steps of all rounds together."""
        return (self.folds + 1) * self.data.config.steps

    def round(
        self,
        number: int,
        seen: NDArray[np.bool_],
        compute: ComputeConfig,
        stored: Mapping[str, Any] | None,
    ) -> FineTunedModel:
        """Learn from the cells marked in bool (n,) that may be learnt from."""
        data, config = self.data, self.data.config
        rows = np.flatnonzero(seen & data.trains)
        cells = data.cells.rows(seen & data.trains)
        site = np.unique(data.site[rows], return_inverse=True)[1].astype(np.int64)
        pool = local_pool(data.crops[rows], cells.labels, site=site, weight=cells.weight)
        rendered = replace(data.rendered, domain=data.rendered.domain + site.max() + 1)
        memory = ReplayPool.of(data.replay)
        state = initial_state(
            data.network,
            variance=float(memory.embedding.var(axis=0).mean()),
            pools=(pool, rendered),
            config=config,
        )
        if stored is not None and stored["run"] is not None:
            state.restore(stored["run"])
        make_batch = make_batches(pool, rendered, memory, config, run=number)
        fabric = compute.launch()
        parts = (fabric, *fabric.setup(state.tuner, state.optimiser))
        state.optimiser.load_state_dict(state.optimiser.state_dict())
        state.average.to(fabric.device)
        throughput = Throughput()
        while state.step < config.steps:
            self.job.wait_while_paused()
            with deterministic_mode(enabled=fabric.device.type == "cpu"):
                throughput.add_step(take_step(state, parts, make_batch))
            macro_f1 = None
            if state.step % config.checkpoint_every == 0 or state.step == config.steps:
                self.save(number, state)
                macro_f1 = self.score(state, data.trains & ~seen)
            self.report(number, state.step, throughput, macro_f1)
        return self.fine_tuned(state, rows)

    def fine_tuned(self, state: FineTuneState, rows: NDArray[np.intp]) -> FineTunedModel:
        """Take the average network of a run, see how embeddings moved, and refit the head to it.

        The head is that of Adapt, from the base's, on the cells and the memory as they lie now: the
        one that learned with the network knows the other sites by rendered cells more than by the
        memory.

        Args:
            state: after its last step.
            rows: int (m,), the site's cells that it has seen.
        """
        data = self.data
        backbone = state.average.to("cpu").eval().backbone
        rendered, local = network_crops(data.rendered), embed_crops(backbone, data.crops[rows])
        drift = fit_drift(
            np.concatenate([embed_crops(data.backbone, rendered), data.cells.embedding[rows]]),
            np.concatenate([embed_crops(backbone, rendered), local]),
        )
        seen = np.zeros(len(self.fold), np.bool_)
        seen[rows] = True
        cells = replace(data.cells.rows(seen), embedding=local)
        head = HeadRefit(data.head, moved_memory(data.replay, drift)).fit(cells)
        return FineTunedModel(backbone, head, drift)

    def score(self, state: FineTuneState, rows: NDArray[np.bool_]) -> float | None:
        """Macro-F1 of the average network on bool (n,) cells, some of many; None without any."""
        if not rows.any():
            return None
        chosen = np.flatnonzero(rows)
        chosen = chosen[:: -(-len(chosen) // MOST_SCORED)]
        logits = state.average.to_head().logits(
            embed_crops(state.average.backbone, self.data.crops[chosen])
        )
        labels = [self.data.cells.labels[row] for row in chosen]
        classes = self.data.head.classes
        guess = [
            at_label_depth(classes[best], label, labels)
            for best, label in zip(logits.argmax(axis=1), labels, strict=True)
        ]
        return float(np.mean([*f1_per_class(labels, guess).values()]))

    def save(self, number: int, state: FineTuneState | None) -> None:
        """Write a checkpoint: which round, and how far it is; None where it has not begun."""
        stored = {
            "round": number,
            "held_logits": torch.from_numpy(self.logits),
            "run": None if state is None else state.to_checkpoint(),
        }
        save_checkpoint(self.checkpoint, stored, run=self.run_digest)

    def report(
        self, number: int, step: int, throughput: Throughput, macro_f1: float | None
    ) -> None:
        """Write how far the job is; wait while it is paused."""
        done, loss = number * self.data.config.steps + step, throughput.loss
        self.job.report(
            "training",
            done,
            self.steps,
            loss=None if loss is None else round(loss, 4),
            macro_f1=None if macro_f1 is None else round(macro_f1, 4),
            eta_s=round(throughput.seconds_per_step * (self.steps - done), 1),
        )


def moved_memory(memory: Replay, drift: Drift) -> Replay:
    """Return a memory as it lies after the backbone was fine-tuned, by the estimate."""
    moved = np.clip(drift.moved(memory.embedding), -LARGEST, LARGEST)
    return replace(memory, embedding=moved.astype(np.float16))


class Throughput:
    """How fast steps are taken and what they cost, over the last few."""

    def __init__(self) -> None:
        self._at = [time.monotonic()]
        self._losses: list[float] = []

    def add_step(self, loss: float) -> None:
        """Take note of a step."""
        self._at = [*self._at[-RECENT:], time.monotonic()]
        self._losses = [*self._losses[-RECENT + 1 :], loss]

    @property
    def loss(self) -> float | None:
        """Mean of the last few, None where it is no number."""
        mean = float(np.mean(self._losses))
        return mean if np.isfinite(mean) else None

    @property
    def seconds_per_step(self) -> float:
        """Mean of the last few."""
        return (self._at[-1] - self._at[0]) / max(1, len(self._at) - 1)
