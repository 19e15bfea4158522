"""Learning curves as a picture and as Markdown: ``adapt_plot docs/benchmarks/adapt.jsonl FOLDER``.

Reads the rows that ``tests.benchmarks adapt --rows`` wrote and writes ``adapt.svg`` into the
folder: one panel for each domain, the newest row of it, macro-F1 by number of labels, mean and
standard deviation over the repeats. Prints the same as a table.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from model.benchmark.plots import COLOURS, FAINT, INK, label, legend, line, mark, svg

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


def draw_panel(row: Mapping[str, Any], left: float) -> list[str]:
    """Draw the curves of one domain."""
    parts = [label(left, TOP - 12, row["domain"], size=12)]
    most = max(n for way in NAMES for n, _, _ in points(row, way))

    def place(n: int, f1: float) -> tuple[float, float]:
        up = (min(max(f1, LOW), HIGH) - LOW) / (HIGH - LOW)
        return left + PANEL * (n / most) ** 0.5, TOP + HEIGHT * (1 - up)

    for tick in np.arange(LOW, HIGH + 0.01, 0.1):
        _, y = place(0, float(tick))
        parts.append(line(left, y, left + PANEL, y, FAINT))
        parts.append(label(left - 6, y + 4, f"{tick:.1f}", anchor="end"))
    for n, _, _ in points(row, "queue"):
        x, _ = place(n, 0.0)
        parts.append(label(x, TOP + HEIGHT + 16, str(n), anchor="middle"))
    for lane, way in enumerate(NAMES):
        parts += draw_curve([(*place(n, f1), sd) for n, f1, sd in points(row, way)], lane)
    return parts


def draw_curve(curve: Sequence[tuple[float, float, float]], lane: int) -> list[str]:
    """Draw marks, the line through them, and a bar of one standard deviation each way."""
    colour, parts = COLOURS[lane], []
    for (x1, y1, _), (x2, y2, _) in pairwise(curve):
        parts.append(line(x1, y1, x2, y2, colour, width=2))
    for x, y, sd in curve:
        reach = sd * HEIGHT / (HIGH - LOW)
        parts.append(line(x, y - reach, x, y + reach, colour))
        parts.append(mark(x, y, lane))
    return parts


def learning_curves(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the picture."""
    title = "Adapting to an unseen site: macro-F1 by number of labelled cells (root scale)"
    names = list(NAMES.values())
    parts = [label(LEFT, 18, title, size=13, colour=INK)]
    parts += legend(names)
    for number, row in enumerate(rows.values()):
        parts += draw_panel(row, LEFT + number * (PANEL + GAP))
    return svg(LEFT + len(rows) * (PANEL + GAP), TOP + HEIGHT + 34, parts)


def main(arguments: Sequence[str]) -> None:
    """Draw the picture and print the table."""
    rows = read_newest(Path(arguments[0]))
    (Path(arguments[1]) / "adapt.svg").write_text(learning_curves(rows), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
