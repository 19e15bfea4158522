"""The benchmark's rows as pictures: SVG by matplotlib, the same bytes for the same rows.

`write_plots` writes two files for each protocol and schedule: `ood-A1-160-steps-96-px.svg`, a dot
for each method and unseen domain with its 95 % interval, and `…-classes.svg`, the F1 of each class.
Colours are those of Okabe and Ito, told apart by people who are colour-blind; shapes differ too.
matplotlib is of the development group and is loaded when something is drawn.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.benchmark.protocols import PROTOCOLS
from model.benchmark.tables import by_method, by_target, schedules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
MARKERS: Final = ("o", "s", "D", "^", "v")
FAINT: Final = "#d0d0d0"
INCH: Final = 72.0  # px of an SVG by matplotlib
LEFT, TOP, CHAR = 190, 58, 6.2  # px: room for names, for the title, width of a letter
PLOT, LANE, CELL = 460, 11, 42  # px: width of the axis, height of a dot's lane, width of a cell
ROW: Final = 22  # px: height of a row of cells
STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",  # letters stay text
    "svg.hashsalt": "wbc-desktop",  # the same names of parts in every run
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so that sizes never differ
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.edgecolor": FAINT,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "legend.frameon": False,
}


def write_plots(rows: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw every protocol and schedule that has rows.

    Args:
        rows: of `model.benchmark.run.read_rows`.
        folder: for the files; made if missing.

    Returns:
        The files written.

    Raises:
        ValueError: matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for protocol in PROTOCOLS:
        groups = schedules([row for row in rows if row["protocol"] == protocol])
        for (steps, size), own in groups.items():
            stem = folder / f"ood-{protocol}-{steps}-steps-{size}-px"
            title = f"{protocol}: {steps} steps at {size} px"
            for tail, draw in (("", dot_plot), ("-classes", class_heat_map)):
                written.append(stem.with_name(f"{stem.name}{tail}.svg"))
                written[-1].write_text(svg_text(draw(own, title)), encoding="utf-8")
    return written


def new_figure(width: float, height: float) -> Figure:
    """Begin a picture of so many px, outside of pyplot and its global state.

    Raises:
        ValueError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise ValueError(
            "drawing needs the package matplotlib, which is not installed: run `uv sync`, which "
            "installs the development packages, or `pip install matplotlib`"
        ) from None
    mpl.rcParams.update(STYLE)
    return Figure(figsize=(width / INCH, height / INCH))


def svg_text(figure: Figure) -> str:
    """Return a picture as SVG, without date, so that the same picture gives the same text."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", file.getvalue())  # says nothing
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


def dot_plot(rows: Sequence[dict[str, Any]], title: str) -> Figure:
    """Macro-F1 of each method and unseen domain: mean over seeds, least to highest bound."""
    methods, targets = list(by_method(rows)), targets_of(rows)
    lanes = len(targets) + 1  # of a method: one for each domain and one between two methods
    top, height = TOP + 8, LANE * lanes * len(methods)
    figure = new_figure(LEFT + PLOT + 24, top + height + 26)
    axes = figure.add_axes(place_of(figure, LEFT, top, PLOT, height))
    for lane, target in enumerate(targets):
        y, means, lows, highs = [], [], [], []
        for number, (_, own) in enumerate(methods):
            if values := list(by_target(own).get(target, {}).values()):
                y.append(lanes * number + lane + 1)
                means.append(float(np.mean([one["macro_f1"] for one in values])))
                lows.append(min(one["interval"][0] for one in values))
                highs.append(max(one["interval"][1] for one in values))
        colour, marker = COLOURS[lane % len(COLOURS)], MARKERS[lane % len(MARKERS)]
        axes.hlines(y, lows, highs, color=colour, linewidth=1.5)
        axes.plot(means, y, marker, color=colour, markersize=6, label=target)
    axes.set_xlim(0, 1)
    axes.set_ylim(lanes * len(methods), 0)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    middles = [lanes * (number + 0.5) for number in range(len(methods))]
    axes.set_yticks(middles, [name for name, _ in methods])
    figure.text(*at(figure, LEFT, 18), f"{title}, macro-F1 on unseen domains", size=11)
    figure.legend(
        loc="center left",
        bbox_to_anchor=at(figure, LEFT - 12, 42),
        ncols=len(targets),
        handletextpad=0.1,
    )
    return figure


def class_heat_map(rows: Sequence[dict[str, Any]], title: str) -> Figure:
    """F1 of each class in each unseen domain, mean over the seeds; empty where not run."""
    methods = list(by_method(rows))
    found = {
        (target, name)
        for row in rows
        for target, values in row["targets"].items()
        for name in values["f1"]
    }
    order = {target: number for number, target in enumerate(targets_of(rows))}
    columns = sorted(found, key=lambda pair: (order[pair[0]], pair[1]))
    f1 = np.full((len(methods), len(columns)), np.nan)
    for row, (_, own) in enumerate(methods):
        results = by_target(own)
        for column, (target, name) in enumerate(columns):
            seeds = results.get(target, {}).values()
            values = [one["f1"][name] for one in seeds if name in one["f1"]]
            if values:
                f1[row, column] = np.mean(values)
    names = [f"{target}: {name}" for target, name in columns]
    top = 38 + round(CHAR * max(map(len, names)))
    width, height = CELL * len(columns), ROW * len(methods)
    figure = new_figure(LEFT + width + 16, top + height + 12)
    axes = figure.add_axes(place_of(figure, LEFT, top, width, height))
    axes.imshow(f1, cmap="Blues", vmin=0, vmax=1.1, aspect="auto")
    axes.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(methods)) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    for row, column in np.argwhere(np.isfinite(f1)).tolist():
        value = f1[row, column]
        axes.text(
            column,
            row,
            f"{value:.2f}",
            color="white" if value > 0.75 else "black",
            ha="center",
            va="center_baseline",
        )
    axes.spines[:].set_visible(False)
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(columns)), names, rotation=90)
    axes.set_yticks(np.arange(len(methods)), [name for name, _ in methods])
    figure.text(*at(figure, 8, 18), f"{title}, F1 of each class", size=11)
    return figure


def targets_of(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Name the unseen domains that have figures, in the order of the protocol."""
    seen = {target for row in rows for target in row["targets"]}
    names = [name for fold in PROTOCOLS[rows[0]["protocol"]] for name, _ in fold.targets]
    return [name for name in names if name in seen]


def at(figure: Figure, x: float, y: float) -> tuple[float, float]:
    """Return a point, px from the left and the upper edge, in shares of the picture."""
    width, height = figure.get_size_inches() * INCH
    return float(x / width), float(1 - y / height)


def place_of(
    figure: Figure, left: float, top: float, width: float, height: float
) -> tuple[float, float, float, float]:
    """Return a box in px as matplotlib wants it: left, bottom, width, height in shares."""
    x, y = at(figure, left, top + height)
    wide, high = at(figure, width, height)
    return x, y, wide, 1 - high
