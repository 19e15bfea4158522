"""The benchmark's rows as pictures: SVG written by hand, so that the same rows give the same bytes.

`write_plots` writes two files for each protocol and schedule: `ood-A1-160-steps-96-px.svg`, a dot
for each method and unseen domain with its 95 % interval, and `…-classes.svg`, the F1 of each class.
Colours are those of Okabe and Ito, told apart by people who are colour-blind; shapes differ too.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.benchmark.protocols import PROTOCOLS
from model.benchmark.tables import by_method, by_target, schedules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
INK, FAINT, PAPER = "#222222", "#d0d0d0", "#ffffff"
DARK: Final = (0, 63, 114)  # colour of an F1 of 1; 0 is paper
LEFT, TOP, CHAR = 190, 58, 6.7  # px: room for names, for the title, width of a letter
PLOT, LANE, CELL = 460, 11, 46  # px: width of the axis, height of a dot's lane, width of a cell
ROW: Final = 24  # px: height of a row of cells


def write_plots(rows: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw every protocol and schedule that has rows.

    Args:
        rows: of `model.benchmark.run.read_rows`.
        folder: for the files; made if missing.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for protocol in PROTOCOLS:
        groups = schedules([row for row in rows if row["protocol"] == protocol])
        for (steps, size), own in groups.items():
            stem = folder / f"ood-{protocol}-{steps}-steps-{size}-px"
            title = f"{protocol}: {steps} steps at {size} px"
            for tail, text in (("", dot_plot(own, title)), ("-classes", class_strip(own, title))):
                written.append(stem.with_name(f"{stem.name}{tail}.svg"))
                written[-1].write_text(text, encoding="utf-8")
    return written


def dot_plot(rows: Sequence[dict[str, Any]], title: str) -> str:
    """Macro-F1 of each method and unseen domain: mean over seeds, least to highest bound."""
    methods = list(by_method(rows))
    targets = targets_of(rows)
    height = LANE * len(targets) + 8
    bottom = TOP + height * len(methods)
    parts = [label(LEFT, 18, f"{title}, macro-F1 on unseen domains", size=13)]
    parts += legend(targets)
    for tick in range(0, 11, 2):
        x = LEFT + PLOT * tick / 10
        parts.append(line(x, TOP, x, bottom, FAINT))
        parts.append(label(x, bottom + 15, f"{tick / 10:.1f}", anchor="middle"))
    for place, (name, own) in enumerate(methods):
        y = TOP + height * place
        parts.append(label(LEFT - 8, y + height / 2 + 4, name, anchor="end"))
        results = by_target(own)
        for lane, target in enumerate(targets):
            values = list(results.get(target, {}).values())
            if values:
                middle = y + 4 + LANE * (lane + 0.5)
                parts += one_dot(values, middle, lane)
    return svg(LEFT + PLOT + 24, bottom + 26, parts)


def one_dot(values: Sequence[dict[str, Any]], y: float, lane: int) -> list[str]:
    """Draw the interval and the mean of one method on one domain."""
    low = min(one["interval"][0] for one in values)
    high = max(one["interval"][1] for one in values)
    mean = float(np.mean([one["macro_f1"] for one in values]))
    colour = COLOURS[lane % len(COLOURS)]
    whisker = line(LEFT + PLOT * low, y, LEFT + PLOT * high, y, colour, width=2)
    return [whisker, mark(LEFT + PLOT * mean, y, lane)]


def class_strip(rows: Sequence[dict[str, Any]], title: str) -> str:
    """F1 of each class in each unseen domain, mean over the seeds; empty where not run."""
    methods = list(by_method(rows))
    found = {
        (target, name)
        for row in rows
        for target, values in row["targets"].items()
        for name in values["f1"]
    }
    order = {target: place for place, target in enumerate(targets_of(rows))}
    columns = sorted(found, key=lambda pair: (order[pair[0]], pair[1]))
    names = [f"{target}: {name}" for target, name in columns]
    top = 34 + round(CHAR * max(len(name) for name in names))
    parts = [label(8, 18, f"{title}, F1 of each class", size=13)]
    for place, name in enumerate(names):
        x = LEFT + CELL * (place + 0.5) + 4
        parts.append(label(x, top - 8, name, turn=f"rotate(-90 {x:.1f} {top - 8:.1f})"))
    for lane, (method, own) in enumerate(methods):
        y = top + ROW * lane
        parts.append(label(LEFT - 8, y + 16, method, anchor="end"))
        results = by_target(own)
        for place, (target, name) in enumerate(columns):
            seeds = results.get(target, {}).values()
            f1 = [one["f1"][name] for one in seeds if name in one["f1"]]
            if f1:
                parts += cell(LEFT + CELL * place, y, float(np.mean(f1)))
    return svg(LEFT + CELL * len(columns) + 16, top + ROW * len(methods) + 12, parts)


def cell(x: float, y: float, f1: float) -> list[str]:
    """Draw one figure on a ground that is the darker the higher it is."""
    tint = [round(255 + (dark - 255) * f1) for dark in DARK]
    ground = "#" + "".join(f"{value:02x}" for value in tint)
    box = f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{CELL - 2}" height="{ROW - 2}"'
    ink = PAPER if f1 > 0.5 else INK
    text = label(x + CELL / 2, y + 16, f"{f1:.2f}", anchor="middle", colour=ink)
    return [f'{box} fill="{ground}"/>', text]


def targets_of(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Name the unseen domains that have figures, in the order of the protocol."""
    seen = {target for row in rows for target in row["targets"]}
    names = [name for fold in PROTOCOLS[rows[0]["protocol"]] for name, _ in fold.targets]
    return [name for name in names if name in seen]


def legend(names: Sequence[str]) -> list[str]:
    """Draw the mark and name of each domain on one line below the title."""
    parts, x = [], float(LEFT)
    for lane, name in enumerate(names):
        parts += [mark(x + 5, 36, lane), label(x + 14, 40, name)]
        x += 32 + CHAR * len(name)
    return parts


def mark(x: float, y: float, lane: int) -> str:
    """Draw a disc, square, diamond or triangle of the lane's colour, 9 px across."""
    colour = COLOURS[lane % len(COLOURS)]
    if lane % 4 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'
    corners = {
        1: ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        2: ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)),
        3: ((0, -5), (5, 4), (-5, 4)),
    }[lane % 4]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: int = 1) -> str:
    """Draw a straight line."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def label(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 11,
    colour: str = INK,
    turn: str = "",
) -> str:
    """Write text; `anchor` is start, middle or end, `turn` an SVG transform."""
    turned = f' transform="{turn}"' if turn else ""
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"{turned}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def svg(width: float, height: float, parts: Sequence[str]) -> str:
    """Put the parts on white paper of so many px."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    return "\n".join([head, paper, *parts, "</svg>"]) + "\n"
