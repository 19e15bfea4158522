"""What `python -m model benchmark` does with its arguments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from model.artifacts.card import CARD_NAME, read_card, write_json
from model.benchmark.methods import METHODS
from model.benchmark.plots import write_plots
from model.benchmark.protocols import PROTOCOLS
from model.benchmark.run import BenchmarkPaths, Schedule, read_rows, run_row
from model.benchmark.tables import render_scores, render_tables

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path


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
    place = BenchmarkPaths(arguments.data, arguments.cache, arguments.out)
    schedule = Schedule(steps=arguments.steps, threads=arguments.threads)
    for seed in range(arguments.seeds):
        for protocol in protocols:
            for fold in range(len(PROTOCOLS[protocol])):
                for method in methods if fold in (arguments.fold or [fold]) else ():
                    row = run_row(protocol, fold, method, seed=seed, place=place, schedule=schedule)
                    figures = {name: v["macro_f1"] for name, v in row["targets"].items()}
                    yield f"{protocol} {method} seed {seed}: {json.dumps(figures)}"
