"""The benchmark's rows as Markdown: one table for each protocol and schedule."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from model.benchmark.methods import METHODS
from model.benchmark.protocols import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Sequence


def render_tables(rows: Sequence[dict[str, Any]]) -> str:
    """Return a table for each protocol; methods without any row are listed as not run."""
    parts = []
    for protocol in PROTOCOLS:
        schedules = sorted({(r["steps"], r["size"]) for r in rows if r["protocol"] == protocol})
        if not schedules:
            parts.append(f"### {protocol}\n\nNot run.\n")
        for steps, size in schedules:
            chosen = [
                r for r in rows if (r["protocol"], r["steps"], r["size"]) == (protocol, steps, size)
            ]
            parts.append(f"### {protocol}: {steps} steps at {size} px\n\n{table(chosen, protocol)}")
    return "\n".join(parts)


def table(rows: Sequence[dict[str, Any]], protocol: str) -> str:
    """Return one table: a row per method, a column per unseen domain."""
    targets = [name for fold in PROTOCOLS[protocol] for name, _ in fold.targets]
    head = ["method", *targets, "mean", "worst", "mean ECE", "seeds"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    missing = []
    for method in METHODS:
        own = [row for row in rows if row["method"] == method]
        if not own:
            missing.append(method)
            continue
        lines.append("| " + " | ".join([method, *cells(own, targets)]) + " |")
    if missing:
        lines += ["", f"Not run: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def cells(rows: Sequence[dict[str, Any]], targets: Sequence[str]) -> list[str]:
    """Return a method's figures: macro-F1 per target (mean over seeds, and its interval)."""
    results: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        for target, values in row["targets"].items():
            results[target].append(values)
    texts, means = [], []
    for target in targets:
        if target not in results:
            texts.append("not run")
            continue
        means.append(float(np.mean([values["macro_f1"] for values in results[target]])))
        low = min(values["interval"][0] for values in results[target])
        high = max(values["interval"][1] for values in results[target])
        texts.append(f"{means[-1]:.3f} ({low:.2f} to {high:.2f})")
    ece = np.mean([v["ece"] for values in results.values() for v in values])
    complete = len(means) == len(targets)
    texts.append(f"{np.mean(means):.3f}" if complete else "")
    texts.append(f"{min(means):.3f}" if complete else "")
    return [*texts, f"{ece:.2f}", str(len({row["seed"] for row in rows}))]
