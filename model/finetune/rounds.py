"""The rounds of a fine-tuning job: one for each held-out part of the labels, and the last on all.

Each round begins at the base and takes the same steps, so that what is judged was made as what is
kept. Between steps the job says how far it is and looks whether it is to wait or to end; every so
many steps it writes a checkpoint, from which a killed job goes on to the same weights.
"""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import torch

from model.finetune.checkpoint import load_state, save_state
from model.finetune.drift import fit_drift
from model.finetune.loop import start_run, take_step
from model.finetune.tuning_cells import Memory, batch_maker, local_pool, plain
from model.jobs.adapt import HeadFit, LocalCells
from model.network.network import Network, embed_crops
from model.training.determinism import deterministic_mode
from model.training.evaluate import at_label_depth, f1_per_class
from model.training.validation import head_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from model.finetune.config import FineTuneConfig
    from model.finetune.drift import Drift
    from model.finetune.loop import TuneState
    from model.finetune.tuning_cells import Pool
    from model.jobs.replay_memory import Replay
    from model.network.backbone import Backbone
    from model.network.head import Head
    from model.training.compute import Where

LARGEST: Final = 65504.0  # in float16
MOST_SCORED: Final = 200  # cells, on the way
RECENT: Final = 10  # steps whose loss is told as one


class Watcher(Protocol):
    """Who is told how far a job is, and may halt it."""

    def told(
        self, step: int, steps: int, *, loss: float | None, macro_f1: float | None, eta_s: float
    ) -> None:
        """Take note of progress."""
        ...

    def breathe(self) -> None:
        """Wait while the job is to pause; raise where it is to end."""
        ...


@dataclass(frozen=True)
class Material:
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
        config: settled.
    """

    backbone: Backbone
    head: Head
    replay: Replay
    crops: NDArray[np.uint8]
    cells: LocalCells
    site: NDArray[np.int64]
    trains: NDArray[np.bool_]
    rendered: Pool
    config: FineTuneConfig

    @property
    def network(self) -> Network:
        """The base as one module, without dropout."""
        network = Network(deepcopy(self.backbone), dropout=0.0)
        network.set_head(self.head.weight, self.head.bias)
        return network.eval()


@dataclass(frozen=True)
class Tuned:
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
class Rounds:
    """Runs all rounds, from the newest checkpoint where there is one.

    Attributes:
        material: what they share.
        fold: int64 (n,), the part of the labels that each cell belongs to; 0..parts - 1.
        folder: of checkpoints.
        job: digest of what the job is.
        watcher: is told, and may halt.
        held_logits: float32 (n, k), of each cell by the round that did not see its part; NaN where
            that round has not ended.
    """

    material: Material
    fold: NDArray[np.int64]
    folder: Path
    job: str
    watcher: Watcher
    held_logits: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is known of any cell yet."""
        shape = (len(self.fold), len(self.material.head.classes))
        self.held_logits = np.full(shape, np.nan, np.float32)

    def run(self, where: Where) -> Tuned:
        """Take the rounds that are left, and return what the last one made.

        Raises:
            CheckpointError: there is a checkpoint that cannot be used.
            ValueError: there is nothing to learn from.
        """
        stored = load_state(self.folder, job=self.job)
        first = int(stored["round"]) if stored else 0
        if stored:
            self.held_logits = stored["held_logits"].numpy().copy()
        for number in range(first, self.parts):
            held = self.fold == number
            if (~held & self.material.trains).any():
                made = self.round(number, ~held, where, stored if number == first else None)
                self.held_logits[held] = made.logits(self.material.crops[held])
            else:  # all that trains is held out: nothing is learnt, and the base answers
                embedding = self.material.cells.embedding[held]
                self.held_logits[held] = self.material.head.logits(embedding)
            self.save(number + 1, None)
        everything = np.ones(len(self.fold), np.bool_)
        return self.round(self.parts, everything, where, stored if self.parts == first else None)

    @property
    def parts(self) -> int:
        """How many parts are held out in turn; with one there is nothing to hold out."""
        count = int(self.fold.max(initial=-1)) + 1
        return count if count > 1 else 0

    @property
    def steps(self) -> int:
        """Steps of all rounds together."""
        return (self.parts + 1) * self.material.config.steps

    def round(
        self,
        number: int,
        seen: NDArray[np.bool_],
        where: Where,
        stored: Mapping[str, Any] | None,
    ) -> Tuned:
        """Learn from the cells marked in bool (n,) that may be learnt from."""
        material, config = self.material, self.material.config
        rows = np.flatnonzero(seen & material.trains)
        cells = material.cells.rows(seen & material.trains)
        site = np.unique(material.site[rows], return_inverse=True)[1].astype(np.int64)
        pool = local_pool(material.crops[rows], cells.labels, site=site, weight=cells.weight)
        rendered = replace(material.rendered, domain=material.rendered.domain + site.max() + 1)
        memory = Memory.of(material.replay)
        state = start_run(
            material.network,
            variance=float(memory.embedding.var(axis=0).mean()),
            pools=(pool, rendered),
            config=config,
        )
        if stored is not None and stored["run"] is not None:
            state.restore(stored["run"])
        make = batch_maker(pool, rendered, memory, config, run=number)
        fabric = where.launch()
        parts = (fabric, *fabric.setup(state.tuner, state.optimiser))
        state.optimiser.load_state_dict(state.optimiser.state_dict())
        state.average.to(fabric.device)
        pace = Pace()
        while state.step < config.steps:
            self.watcher.breathe()
            with deterministic_mode(enabled=fabric.device.type == "cpu"):
                pace.took(take_step(state, parts, make))
            macro_f1 = None
            if state.step % config.checkpoint_every == 0 or state.step == config.steps:
                self.save(number, state)
                macro_f1 = self.score(state, material.trains & ~seen)
            self.tell(number, state.step, pace, macro_f1)
        return self.finished(state, rows)

    def finished(self, state: TuneState, rows: NDArray[np.intp]) -> Tuned:
        """Take the average network of a run, see how embeddings moved, and refit the head to it.

        The head is that of Adapt, from the base's, on the cells and the memory as they lie now: the
        one that learned with the network knows the other sites by rendered cells more than by the
        memory.

        Args:
            state: after its last step.
            rows: int (m,), the site's cells that it has seen.
        """
        material = self.material
        backbone = state.average.to("cpu").eval().backbone
        rendered, local = plain(material.rendered), embed_crops(backbone, material.crops[rows])
        drift = fit_drift(
            np.concatenate(
                [embed_crops(material.backbone, rendered), material.cells.embedding[rows]]
            ),
            np.concatenate([embed_crops(backbone, rendered), local]),
        )
        seen = np.zeros(len(self.fold), np.bool_)
        seen[rows] = True
        cells = replace(material.cells.rows(seen), embedding=local)
        head = HeadFit(material.head, moved_memory(material.replay, drift)).refit(cells)
        return Tuned(backbone, head, drift)

    def score(self, state: TuneState, rows: NDArray[np.bool_]) -> float | None:
        """Macro-F1 of the average network on bool (n,) cells, some of many; None without any."""
        if not rows.any():
            return None
        chosen = np.flatnonzero(rows)
        chosen = chosen[:: -(-len(chosen) // MOST_SCORED)]
        logits = head_of(state.average).logits(
            embed_crops(state.average.backbone, self.material.crops[chosen])
        )
        labels = [self.material.cells.labels[row] for row in chosen]
        classes = self.material.head.classes
        guess = [
            at_label_depth(classes[best], label, labels)
            for best, label in zip(logits.argmax(axis=1), labels, strict=True)
        ]
        return float(np.mean([*f1_per_class(labels, guess).values()]))

    def save(self, number: int, state: TuneState | None) -> None:
        """Write a checkpoint: which round, and how far it is; None where it has not begun."""
        stored = {
            "round": number,
            "held_logits": torch.from_numpy(self.held_logits),
            "run": None if state is None else state.to_checkpoint(),
        }
        save_state(self.folder, stored, job=self.job)

    def tell(self, number: int, step: int, pace: Pace, macro_f1: float | None) -> None:
        """Tell the watcher how far the job is."""
        steps = self.material.config.steps
        done, total = number * steps + step, self.steps
        eta = pace.seconds_a_step * (total - done)
        self.watcher.told(done, total, loss=pace.loss, macro_f1=macro_f1, eta_s=eta)


def moved_memory(memory: Replay, drift: Drift) -> Replay:
    """Return a memory as it lies after the backbone was fine-tuned, by the estimate."""
    moved = np.clip(drift.moved(memory.embedding), -LARGEST, LARGEST)
    return replace(memory, embedding=moved.astype(np.float16))


class Pace:
    """How fast steps are taken and what they cost, over the last few."""

    def __init__(self) -> None:
        self._at = [time.monotonic()]
        self._losses: list[float] = []

    def took(self, loss: float) -> None:
        """Take note of a step."""
        self._at = [*self._at[-RECENT:], time.monotonic()]
        self._losses = [*self._losses[-RECENT + 1 :], loss]

    @property
    def loss(self) -> float | None:
        """Mean of the last few, None where it is no number."""
        mean = float(np.mean(self._losses))
        return mean if np.isfinite(mean) else None

    @property
    def seconds_a_step(self) -> float:
        """Mean of the last few."""
        return (self._at[-1] - self._at[0]) / max(1, len(self._at) - 1)
