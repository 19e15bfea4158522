"""Training of one method on a fold's sources, and the model that adapting starts from.

`train_fold` holds a tenth of the sources out. `train_base` trains WBC-robust on all domains but one
by the same schedule; alignment and case mix stay out, as in the application (ADR 7).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from model.artifacts.replay_memory import Replay, make_replay
from model.benchmark.crops import (
    benchmark_records,
    load_crops,
    site_records,
    split_rendered,
    subset,
)
from model.benchmark.methods import METHODS, settings
from model.benchmark.predictions import embedded_cells
from model.benchmark.protocols import PROTOCOLS
from model.hierarchy import LEAVES, leaf_mask
from model.network.head import Head
from model.network.head_fit import embed_windows
from model.training.compute import ComputeConfig
from model.training.loop import initial_state, train_steps
from model.training.replay_crops import REPLAY_CELLS, choose_crops
from model.uncertainty.calibration import fit_temperature
from model.uncertainty.conformal import Thresholds, fit_thresholds
from model.uncertainty.estimator import site_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.benchmark.protocols import Fold
    from model.data.crop_set import Record
    from model.training.config import TrainConfig
    from model.training.loop import TrainState
    from model.uncertainty.estimator import CalibrationSet

VALIDATION_SHARE: Final = 0.1  # of the sources' crops, held out of training
FOLD_OF: Final = {fold.targets[0][0]: fold for fold in PROTOCOLS["A1"]}


@dataclass(frozen=True)
class Schedule:
    """What all rows of one table share.

    Attributes:
        steps: optimiser steps.
        size: px, side of the input.
        threads: of torch.
        most_target_crops: a larger target is thinned evenly to so many crops.
        rendered_per_class: rendered cells of each leaf.
        site_shrink: divides the crops of the rendered sites; 1 outside of tests.
    """

    steps: int = 160
    size: int = 96
    threads: int = 2
    most_target_crops: int = 1500
    rendered_per_class: int = 60
    site_shrink: int = 1


@dataclass(frozen=True)
class BenchmarkPaths:
    """Where the data, the prepared crops and the rows lie."""

    data: Path
    cache: Path
    rows: Path


@dataclass(frozen=True)
class Trained:
    """A method trained on a fold's sources.

    Attributes:
        state: after the last step.
        config: of the run.
        losses: of each step.
        records: every crop of the fold's pool.
        crops: uint8 (n, s, s, 3), of the same rows.
        domain: str (n,), of the same rows.
        validation: rows of the sources held out.
        training: rows trained on.
    """

    state: TrainState
    config: TrainConfig
    losses: tuple[float, ...]
    records: Sequence[Record]
    crops: NDArray[np.uint8]
    domain: NDArray[np.str_]
    validation: NDArray[np.intp]
    training: NDArray[np.intp]

    def cells(self, rows: NDArray[np.intp]) -> CalibrationSet:
        """Embed some rows, with what the head makes of them and with their labels."""
        size, views = self.config.size, self.config.views
        embedding = embed_windows(
            self.state.average.backbone, self.crops[rows], size=size, views=views
        )
        return embedded_cells(self.state, embedding, [self.records[row] for row in rows])


def train_fold(
    method: Method, fold: Fold, *, seed: int, paths: BenchmarkPaths, schedule: Schedule
) -> Trained:
    """Train a method on a fold's sources; its targets take no part."""
    fold = without(fold, method.without)
    records = records_of(fold, paths, schedule)
    domain = np.array([record.domain for record in records])
    validation, training = split_fold(records, fold, seed=seed)
    config = settings(
        method,
        counts=Counter(domain[training].tolist()),
        seed=seed,
        steps=schedule.steps,
        size=schedule.size,
        threads=schedule.threads,
    )
    torch.set_num_threads(schedule.threads)
    crops = load_crops(
        records,
        paths.data,
        paths.cache,
        window=config.window,
        stain=config.stain,
        pool=fold.pool,
    )
    train = subset(crops, records, training, absent_weight=config.absent_weight)
    state = initial_state(train, config)
    losses = tuple(train_steps(state, config, training=train, fabric=ComputeConfig().launch()))
    return Trained(state, config, losses, records, crops, domain, validation, training)


def without(fold: Fold, names: Sequence[str]) -> Fold:
    """Leave sources out of a fold."""
    return replace(fold, sources=tuple(name for name in fold.sources if name not in names))


def records_of(fold: Fold, paths: BenchmarkPaths, schedule: Schedule) -> list[Record]:
    """Name every crop of the fold's pool, whichever domains the fold takes from it."""
    if fold.pool == "data":
        return benchmark_records(paths.data, rendered_per_class=schedule.rendered_per_class)
    return site_records(shrink=schedule.site_shrink)


def split_fold(
    records: Sequence[Record], fold: Fold, *, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Part the rows of the fold's sources: (validation, training)."""
    source = np.flatnonzero([record.domain in fold.sources for record in records])
    if fold.pool == "data":
        return split_sources(source, seed=seed)
    return split_rendered(records, source)


def split_sources(
    source: NDArray[np.intp], *, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Hold a tenth of the sources' crops out: (validation, training) rows."""
    order = np.random.default_rng((seed, 1)).permutation(len(source))
    count = int(len(source) * VALIDATION_SHARE)
    return np.sort(source[order[:count]]), np.sort(source[order[count:]])


@dataclass(frozen=True)
class AdaptBase:
    """A model that has not seen a site.

    Attributes:
        head: calibrated on held-out crops of the sources.
        thresholds: of its prediction sets.
        replay: embeddings of training crops.
        home: crops of the sources that were held out.
        site: every crop of the unseen domain.
        classes: what the domain's labels are scored by.
    """

    head: Head
    thresholds: Thresholds
    replay: Replay
    home: CalibrationSet
    site: CalibrationSet
    classes: tuple[str, ...]


def train_base(domain: str, *, seed: int, paths: BenchmarkPaths, schedule: Schedule) -> AdaptBase:
    """Train on every other domain and embed what adapting needs.

    Args:
        domain: a target of protocol A1.
        seed: of the run.
        paths: where the data and the prepared crops lie.
        schedule: steps, size and threads.

    Raises:
        KeyError: no fold leaves the domain out.
    """
    fold = FOLD_OF[domain]
    trained = train_fold(METHODS["robust"], fold, seed=seed, paths=paths, schedule=schedule)
    home = trained.cells(trained.validation)
    row_of = {trained.records[row]: row for row in trained.training}
    chosen = choose_crops(list(row_of), cells=REPLAY_CELLS, seed=seed)
    kept = trained.cells(np.array([row_of[record] for record in chosen]))
    layer = trained.state.average.head
    fitted = home.rows(home.real)
    mask, weights = leaf_mask(fitted.labels), site_weights(fitted.sites)
    temperature = fit_temperature(fitted.logits, mask, weights)
    return AdaptBase(
        head=Head(
            layer.weight.detach().numpy().copy(),
            layer.bias.detach().numpy().copy(),
            temperature,
            LEAVES,
        ),
        thresholds=fit_thresholds(fitted.probabilities(temperature), mask, weights=weights),
        replay=make_replay(kept.embedding, kept.labels, kept.sites),
        home=home,
        site=trained.cells(np.flatnonzero(trained.domain == domain)),
        classes=fold.targets[0][1],
    )
