"""Learning curves as a picture and as Markdown: ``adapt_plot docs/benchmarks/adapt.jsonl FOLDER``.

Reads the rows that ``tests.benchmarks adapt --rows`` wrote and writes ``adapt.svg`` into the
folder: one panel for each domain, the newest row of it, macro-F1 by number of labels, mean and
standard deviation over the repeats. Prints the same as a table.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.benchmark.plots import COLOURS, FAINT, MARKERS, at, new_figure, place_of, svg_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, HEIGHT, GAP = 300, 240, 70  # px: of one panel, and between two
TOP, LEFT = 76, 52  # px: room for title and legend, and for the numbers of the axis
LOW, HIGH = 0.3, 1.0  # of the axis

REFERENCE: dict[str, dict[int, float]] = {
    "bccd": {10: 0.40, 25: 0.53, 50: 0.61, 100: 0.68},
    "jiangxi_tecom": {10: 0.37, 25: 0.53, 50: 0.67, 100: 0.81},
}
"""EfficientNet-Lite0 with ImageNet weights and logistic regression on random labels of the domain
alone: macro-F1, measured once before the adaptation was written."""

NAMES = {
    "queue": "review queue",
    "random": "at random",
    "reference": "ImageNet features, at random",
}


def read_newest(path: Path) -> dict[str, dict[str, Any]]:
    """Return the last row of each domain."""
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    return {row["domain"]: row for row in rows}


def points(row: Mapping[str, Any], way: str, what: str = "f1") -> list[tuple[int, float, float]]:
    """Return number of labels, mean and standard deviation over the repeats."""
    if way == "reference":
        return [(n, f1, 0.0) for n, f1 in REFERENCE.get(row["domain"], {}).items()]
    curve = row["curves"][way][what]
    return [(int(n), float(np.mean(v)), float(np.std(v))) for n, v in curve.items()]


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the rows as Markdown, one line for each domain and way."""
    counts = sorted({int(n) for row in rows.values() for n in row["curves"]["queue"]["f1"]})
    lines = [
        f"| macro-F1 after … labels | chosen | {' | '.join(map(str, counts))} |",
        f"|---|---|{'---|' * len(counts)}",
    ]
    for domain, row in rows.items():
        for way, name in NAMES.items():
            found = {n: (mean, sd) for n, mean, sd in points(row, way)}
            if found:
                cells = " | ".join(cell(found.get(n), way) for n in counts)
                lines.append(f"| {domain} | {name} | {cells} |")
        for way in ("queue", "random"):
            home = {n: mean - row["other_domains"] for n, mean, _ in points(row, way, "home")}
            cells = " | ".join(f"{home[n]:+.3f}" if n in home else "" for n in counts)
            lines.append(f"| the others, against 0 labels | {NAMES[way]} | {cells} |")
    return "\n".join(lines)


def cell(found: tuple[float, float] | None, way: str) -> str:
    """Return one cell of the table."""
    if found is None:
        return ""
    mean, sd = found
    return f"{mean:.2f}" if way == "reference" else f"{mean:.3f} ± {sd:.3f}"


def draw_panel(axes: Axes, row: Mapping[str, Any]) -> None:
    """Draw the curves of one domain: the root of the number of labels across, macro-F1 up."""
    for number, (way, name) in enumerate(NAMES.items()):
        counts, means, deviations = zip(*points(row, way), strict=True)
        axes.errorbar(
            np.sqrt(counts),
            means,
            yerr=deviations,
            color=COLOURS[number],
            marker=MARKERS[number],
            label=name,
        )
    labelled = [n for n, _, _ in points(row, "queue")]
    axes.set_xticks(np.sqrt(labelled), [str(n) for n in labelled])
    axes.set_yticks(np.arange(LOW, HIGH + 0.01, 0.1))
    axes.set_ylim(LOW, HIGH)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_title(row["domain"], loc="left")


def learning_curves(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Return the picture: a panel for each domain."""
    figure = new_figure(LEFT + len(rows) * (PANEL + GAP), TOP + HEIGHT + 34)
    for number, row in enumerate(rows.values()):
        left = LEFT + number * (PANEL + GAP)
        draw_panel(figure.add_axes(place_of(figure, left, TOP, PANEL, HEIGHT)), row)
    title = "Adapting to an unseen site: macro-F1 by number of labelled cells (root scale)"
    figure.text(*at(figure, LEFT, 18), title, size=11)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="center left",
        bbox_to_anchor=at(figure, LEFT - 10, 38),
        ncols=len(NAMES),
    )
    return figure


def main(arguments: Sequence[str]) -> None:
    """Draw the picture and print the table."""
    rows = read_newest(Path(arguments[0]))
    (Path(arguments[1]) / "adapt.svg").write_text(svg_text(learning_curves(rows)), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
