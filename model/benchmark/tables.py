"""The benchmark's rows as Markdown: for each protocol and schedule a table of scores and of detail.

Rows written by an older version lack some figures; a place without a figure is left empty. To add
a column: an entry in `DETAIL` or `HONESTY`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.benchmark.methods import METHODS
from model.benchmark.protocols import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Row = dict[str, Any]
# Title, and where in the figures of one unseen domain it stands.
DETAIL: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("balanced accuracy", ("balanced_accuracy",)),
    ("many", ("by_count", "many")),
    ("median", ("by_count", "median")),
    ("few", ("by_count", "few")),
    ("ECE", ("ece",)),
)
# The same within the row's `honesty`.
HONESTY: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("ECE in domain", ("ece", "source", "before")),
    ("with temperature", ("ece", "source", "after")),
    ("ECE unseen", ("ece", "target", "before")),
    ("with temperature", ("ece", "target", "after")),
    ("sets in domain", ("sets", "source", "coverage")),
    ("sets unseen", ("sets", "target", "coverage")),
    ("AUROC Mahalanobis", ("ood", "unseen_site", "mahalanobis")),
    ("10th neighbour", ("ood", "unseen_site", "knn")),
    ("energy", ("ood", "unseen_site", "energy")),
    ("no cell, Mahalanobis", ("ood", "non_cells", "mahalanobis")),
)


def render_tables(rows: Sequence[Row]) -> str:
    """Return the tables of each protocol; methods without any row are listed as not run."""
    parts = []
    for protocol in PROTOCOLS:
        groups = schedules([row for row in rows if row["protocol"] == protocol])
        if not groups:
            parts.append(f"### {protocol}\n\nNot run.\n")
        for (steps, size), own in groups.items():
            tables = [score_table(own, protocol), detail_table(own)]
            tables += [uncertainty_table(own), class_prior_table(own)]
            parts.append(f"### {protocol}: {steps} steps at {size} px")
            parts += [table for table in tables if table]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def render_scores(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the tables of scores alone, for a model's card."""
    parts = [
        f"### {protocol}: {steps} steps at {size} px\n\n{score_table(own, protocol)}"
        for protocol in PROTOCOLS
        for (steps, size), own in schedules([r for r in rows if r["protocol"] == protocol]).items()
    ]
    return "\n\n".join(parts).splitlines()


def schedules(rows: Sequence[Row]) -> dict[tuple[int, int], list[Row]]:
    """Part rows by (steps, size), in order."""
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["steps"], row["size"])):
        found[row["steps"], row["size"]].append(row)
    return dict(found)


def score_table(rows: Sequence[Row], protocol: str) -> str:
    """Macro-F1: a row per method, a column per unseen domain; mean and deviation over the seeds.

    In brackets the 95 % interval; of several seeds, from the lowest to the highest bound of any.
    """
    targets = [name for fold in PROTOCOLS[protocol] for name, _ in fold.targets]
    head = ["macro-F1", *targets, "mean", "worst domain", "seeds", "seconds a row"]
    lines = [[name, *scores(own, targets)] for name, own in by_method(rows)]
    missing = [name for name in METHODS if name not in {line[0] for line in lines}]
    text = markdown(head, lines)
    return text + (f"\n\nNot run: {', '.join(missing)}." if missing else "")


def scores(rows: Sequence[Row], targets: Sequence[str]) -> list[str]:
    """Return a method's cells of `score_table`."""
    results = by_target(rows)
    texts, means = [], {}
    for target in targets:
        if target not in results:
            texts.append("not run")
            continue
        values = results[target]
        means[target] = float(np.mean([one["macro_f1"] for one in values.values()]))
        low = min(one["interval"][0] for one in values.values())
        high = max(one["interval"][1] for one in values.values())
        seeds = [one["macro_f1"] for one in values.values()]
        texts.append(f"{with_deviation(seeds)} ({low:.2f} to {high:.2f})")
    complete = len(means) == len(targets)
    texts.append(mean_over(results, targets) if complete else "")
    worst = min(means, key=lambda name: means[name])
    texts.append(f"{worst} {means[worst]:.3f}" if complete else "")
    seconds = float(np.median([row["seconds"] for row in rows]))
    return [*texts, str(len({row["seed"] for row in rows})), f"{seconds:.0f}"]


def mean_over(results: Mapping[str, Mapping[int, Row]], targets: Sequence[str]) -> str:
    """Mean over the domains; its deviation over seeds that have run on all of them."""
    seeds = set.intersection(*(set(results[target]) for target in targets))
    means = [np.mean([results[target][seed]["macro_f1"] for target in targets]) for seed in seeds]
    if len(means) > 1:
        return with_deviation([float(value) for value in means])
    every = [np.mean([one["macro_f1"] for one in results[target].values()]) for target in targets]
    return f"{np.mean(every):.3f}"


def with_deviation(values: Sequence[float]) -> str:
    """Mean, and with several values their standard deviation (n − 1)."""
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


def detail_table(rows: Sequence[Row]) -> str:
    """Further figures, each the mean over seeds and the unseen domains that have been run."""
    head = ["mean over domains", "domains", *(title for title, _ in DETAIL), "worst class"]
    lines = []
    for name, own in by_method(rows):
        figures = [values for row in own for values in row["targets"].values()]
        worst = worst_class(own)
        means = [mean_at(figures, path) for _, path in DETAIL]
        lines.append([name, str(len(by_target(own))), *means, worst])
    return markdown(head, lines)


def worst_class(rows: Sequence[Row]) -> str:
    """Name the class of least F1, averaged over seeds, with its domain."""
    f1: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for target, values in row["targets"].items():
            for name, value in values["f1"].items():
                f1[f"{name} in {target}"].append(value)
    least = min(f1, key=lambda name: float(np.mean(f1[name])))
    return f"{least} {np.mean(f1[least]):.2f}"


def uncertainty_table(rows: Sequence[Row]) -> str:
    """Confidence, sets and OOD scores, each the mean over unseen domains and seeds."""

    def figures(own: Sequence[Row]) -> list[Row]:
        return [values for row in own for values in row.get("honesty", {}).values()]

    return optional_table(rows, "honesty", figures, HONESTY)


def class_prior_table(rows: Sequence[Row]) -> str:
    """What the case mix costs: macro-F1 over all classes of the sources' held-out crops."""
    key = "sources_all_classes"
    mixed = [row for row in rows if "with" in row.get(key, {})]
    sources = sorted({name for row in mixed for name in row[key]["with"]})
    columns = [
        (f"{source} {how} case mix", (how, source, "macro_f1"))
        for source in sources
        for how in ("without", "with")
    ]
    return optional_table(mixed, "all classes", lambda own: [row[key] for row in own], columns)


def optional_table(
    rows: Sequence[Row],
    title: str,
    figures: Callable[[Sequence[Row]], list[Row]],
    columns: Sequence[tuple[str, tuple[str, ...]]],
) -> str:
    """Return a table of means of the methods that have such figures; empty where none has."""
    lines = []
    for name, own in by_method(rows):
        if found := figures(own):
            lines.append([name, *(mean_at(found, path) for _, path in columns)])
    return markdown([title, *(head for head, _ in columns)], lines) if lines else ""


def by_method(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the methods that have rows, in the order of `METHODS`, those gone from it last."""
    names = [*METHODS, *sorted({row["method"] for row in rows} - set(METHODS))]
    for name in names:
        if own := [row for row in rows if row["method"] == name]:
            yield name, own


def by_target(rows: Sequence[Row]) -> dict[str, dict[int, Row]]:
    """Figures by unseen domain and seed."""
    results: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        for target, values in row["targets"].items():
            results[target][row["seed"]] = values
    return results


def mean_at(figures: Sequence[Row], path: Sequence[str]) -> str:
    """Mean of the figure at a path of keys over those that have it; empty where none has."""
    found = []
    for values in figures:
        value: Any = values
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found.append(float(value))
    return f"{np.mean(found):.3f}" if found else ""


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    rule = "|" + "---|" * len(head)
    return "\n".join(
        ["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(c) + " |" for c in lines)]
    )
