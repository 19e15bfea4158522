"""Run the rows of the benchmark that are not there yet; each is appended as it is ready.

`wanted_rows`, `tables` and `write_from_rows` are what `python -m model benchmark` does.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from model.artifacts.card import CARD_NAME, read_card, write_json
from model.benchmark.methods import METHODS
from model.benchmark.plots import write_plots
from model.benchmark.predictions import (
    aligned_cells,
    draw_ood_cells,
    head_logits,
    predict,
    sources_all_classes,
    uncertainty_of,
)
from model.benchmark.protocols import PROTOCOLS
from model.benchmark.scores import score
from model.benchmark.tables import render_scores, render_tables
from model.benchmark.training import BenchmarkPaths, Schedule, train_fold, without
from model.hierarchy import leaves_of
from model.network.head import softmax
from model.training.config import CHOICES, TrainConfig

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.benchmark.protocols import Fold
    from model.data.crop_set import Record
    from model.training.loop import TrainState


def write_from_rows(arguments: argparse.Namespace) -> list[Path]:
    """Draw the rows there are, and put their scores into a card; returns what was written."""
    rows, written = read_rows(arguments.out), []
    if arguments.plots:
        written += write_plots(rows, arguments.plots)
    if arguments.card:
        card = read_card(arguments.card) | {"unseen_domains": render_scores(rows)}
        write_json(arguments.card / CARD_NAME, card)
        written.append(arguments.card / CARD_NAME)
    return written


def tables(arguments: argparse.Namespace) -> str:
    """Print the rows there are as Markdown."""
    return render_tables(read_rows(arguments.out))


def wanted_rows(arguments: argparse.Namespace) -> Iterator[str]:
    """Run the rows that are missing; yields a line for each.

    Raises:
        ValueError: a folder is missing, or a protocol or method unknown.
    """
    if arguments.data is None or arguments.cache is None:
        raise ValueError("running the benchmark needs --data and --cache")
    protocols = arguments.protocol or list(PROTOCOLS)
    methods = arguments.method or list(METHODS)
    for name, known in [*((p, PROTOCOLS) for p in protocols), *((m, METHODS) for m in methods)]:
        if name not in known:
            raise ValueError(f"{name} is none of {', '.join(known)}")
    paths = BenchmarkPaths(arguments.data, arguments.cache, arguments.out)
    schedule = Schedule(steps=arguments.steps, threads=arguments.threads)
    for seed in range(arguments.seeds):
        for protocol in protocols:
            for fold in range(len(PROTOCOLS[protocol])):
                for method in methods if fold in (arguments.fold or [fold]) else ():
                    row = run_row(protocol, fold, method, seed=seed, paths=paths, schedule=schedule)
                    figures = {name: v["macro_f1"] for name, v in row["targets"].items()}
                    yield f"{protocol} {method} seed {seed}: {json.dumps(figures)}"


def run_row(
    protocol: str, fold: int, name: str, *, seed: int, paths: BenchmarkPaths, schedule: Schedule
) -> dict[str, Any]:
    """Train one method on a fold's sources, score it on the targets, and append the row.

    Returns the row, from the file where it is there already.
    """
    key = {"protocol": protocol, "fold": fold, "method": name, "seed": seed}
    key |= {"steps": schedule.steps, "size": schedule.size}
    for row in read_rows(paths.rows):
        if key.items() <= row.items() and is_of(row, METHODS[name]):
            return row
    began = time.monotonic()
    row = key | evaluate_method(
        METHODS[name], PROTOCOLS[protocol][fold], seed=seed, paths=paths, schedule=schedule
    )
    row["seconds"] = round(time.monotonic() - began, 1)
    row["hardware"] = f"{os.cpu_count()} CPU cores, {platform.machine()}"
    paths.rows.parent.mkdir(parents=True, exist_ok=True)
    cut_short = paths.rows.exists() and not paths.rows.read_bytes().endswith(b"\n")
    with paths.rows.open("a", encoding="utf-8") as file:
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


def evaluate_method(
    method: Method, fold: Fold, *, seed: int, paths: BenchmarkPaths, schedule: Schedule
) -> dict[str, Any]:
    """Train and score; see `run_row`."""
    trained = train_fold(method, fold, seed=seed, paths=paths, schedule=schedule)
    state, config = trained.state, trained.config
    held_cells = trained.cells(trained.validation)
    held_records = [trained.records[row] for row in trained.validation]
    counted = trained_counts([trained.records[row] for row in trained.training])
    ood_cells = draw_ood_cells(state, paths.cache, size=config.size, views=config.views)
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
