"""Run the rows of the benchmark that are not there yet; each is appended as it is ready."""

from __future__ import annotations

import json
import os
import platform
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.benchmark.crops import benchmark_records, load_crops, subset
from model.benchmark.extras import (
    draw_ood_cells,
    embedded_cells,
    sources_all_classes,
    uncertainty_of,
)
from model.benchmark.methods import METHODS, settings
from model.benchmark.predict import aligned_cells, head_logits, predict
from model.benchmark.protocols import PROTOCOLS
from model.benchmark.rendered_sites import site_records, split_rendered
from model.benchmark.scores import score
from model.hierarchy import leaves_of
from model.network.head import softmax
from model.network.head_fit import embed_windows
from model.training.compute import ComputeConfig
from model.training.config import CHOICES, TrainConfig
from model.training.loop import initial_state, train_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.benchmark.protocols import Fold
    from model.data.crop_set import Record
    from model.training.loop import TrainState
    from model.uncertainty.estimator import CalibrationSet

VALIDATION_SHARE: Final = 0.1  # of the sources' crops, held out of training


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


def run_row(
    protocol: str, fold: int, name: str, *, seed: int, place: BenchmarkPaths, schedule: Schedule
) -> dict[str, Any]:
    """Train one method on a fold's sources, score it on the targets, and append the row.

    Returns the row, from the file where it is there already.
    """
    key = {"protocol": protocol, "fold": fold, "method": name, "seed": seed}
    key |= {"steps": schedule.steps, "size": schedule.size}
    for row in read_rows(place.rows):
        if key.items() <= row.items() and is_of(row, METHODS[name]):
            return row
    began = time.monotonic()
    row = key | evaluate_method(
        METHODS[name], PROTOCOLS[protocol][fold], seed=seed, place=place, schedule=schedule
    )
    row["seconds"] = round(time.monotonic() - began, 1)
    row["hardware"] = f"{os.cpu_count()} CPU cores, {platform.machine()}"
    place.rows.parent.mkdir(parents=True, exist_ok=True)
    cut_short = place.rows.exists() and not place.rows.read_bytes().endswith(b"\n")
    with place.rows.open("a", encoding="utf-8") as file:
        # A line that a kill cut short is ended first, or this row would be lost with it.
        file.write(("\n" if cut_short else "") + json.dumps(row) + "\n")
    return row


def is_of(row: Mapping[str, Any], method: Method) -> bool:
    """Say whether a row was made by the method as it is defined now."""
    steps = row["site_alignment"], row["case_mix"], tuple(row.get("without", ()))
    if steps != (method.site_alignment, method.case_mix, method.without):
        return False
    usual = TrainConfig().to_json()
    wanted = {name: usual[name] for name in CHOICES} | dict(method.changes)
    return all(row["config"].get(name) == value for name, value in wanted.items())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the rows written so far; a line cut short by a kill is left out."""
    rows = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return rows


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
    method: Method, fold: Fold, *, seed: int, place: BenchmarkPaths, schedule: Schedule
) -> Trained:
    """Train a method on a fold's sources; its targets take no part."""
    fold = without(fold, method.without)
    records = records_of(fold, place, schedule)
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
        place.data,
        place.cache,
        window=config.window,
        stain=config.stain,
        pool=fold.pool,
    )
    train = subset(crops, records, training, absent_weight=config.absent_weight)
    state = initial_state(train, config)
    losses = tuple(train_steps(state, config, training=train, fabric=ComputeConfig().launch()))
    return Trained(state, config, losses, records, crops, domain, validation, training)


def evaluate_method(
    method: Method, fold: Fold, *, seed: int, place: BenchmarkPaths, schedule: Schedule
) -> dict[str, Any]:
    """Train and score; see `run_row`."""
    trained = train_fold(method, fold, seed=seed, place=place, schedule=schedule)
    state, config = trained.state, trained.config
    held_cells = trained.cells(trained.validation)
    held_records = [trained.records[row] for row in trained.validation]
    counted = trained_counts([trained.records[row] for row in trained.training])
    ood_cells = draw_ood_cells(state, place.cache, size=config.size, views=config.views)
    scores, honesty = {}, {}
    for target, classes in fold.targets:
        rows = thinned(np.flatnonzero(trained.domain == target), schedule.most_target_crops)
        cells = trained.cells(rows)
        aligned = aligned_cells(state, method, cells, source=held_cells)
        probs = predict(method, aligned)
        scores[target] = score(probs, cells.labels, classes, trained=counted, seed=seed)
        parts = {"held_out": held_cells, "target": cells, "aligned": aligned}
        honesty[target] = uncertainty_of(method, **parts, ood_cells=ood_cells, seed=seed)
    return {
        "sources": list(without(fold, method.without).sources),
        "config": config.to_json(),
        "site_alignment": method.site_alignment,
        "case_mix": method.case_mix,
        "without": list(method.without),
        "train_crops": len(trained.training),
        "loss": round(float(np.mean(trained.losses[-20:])), 4),
        "source_macro_f1": source_score(state, held_cells.embedding, held_records),
        "targets": scores,
        "honesty": honesty,
        "sources_all_classes": sources_all_classes(
            held_cells, held_records, case_mix=method.case_mix
        ),
    }


def without(fold: Fold, names: Sequence[str]) -> Fold:
    """Leave sources out of a fold."""
    return replace(fold, sources=tuple(name for name in fold.sources if name not in names))


def records_of(fold: Fold, place: BenchmarkPaths, schedule: Schedule) -> list[Record]:
    """Name every crop of the fold's pool, whichever domains the fold takes from it."""
    if fold.pool == "data":
        return benchmark_records(place.data, rendered_per_class=schedule.rendered_per_class)
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


def thinned(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most so many rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.intp)]


def trained_counts(records: Sequence[Record]) -> Counter[str]:
    """Count the crops of each leaf; a parent's are spread evenly over its leaves, rounded down."""
    counts: Counter[str] = Counter()
    for label, n in Counter(record.label for record in records).items():
        for leaf in leaves_of(label):
            counts[leaf] += n // len(leaves_of(label))
    return counts


def source_score(
    state: TrainState, embedding: NDArray[np.float32], records: Sequence[Record]
) -> dict[str, float | None]:
    """Macro-F1 on the held-out crops of each source, at the depth of its labels."""
    from model.training.evaluate import evaluate

    metrics = evaluate(records, softmax(head_logits(state, embedding)))
    return {name: values["macro_f1"] for name, values in metrics.items()}
