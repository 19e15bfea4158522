"""Slide shift: does this slide look like any site the model was trained on?

A slide's medians of the statistics in `model.data.appearance`, and of the OOD score, are compared
with
each training site's median, in units of that site's robust spread. The slide's distance to a site
is its largest such difference, its score the distance to the nearest site over a threshold. The
threshold is fitted so that at most 5 % of slides drawn from held-out cells of any training site
raise the alarm, whatever their size and case mix. Only numpy.

The idea of testing a batch for shift before its predictions are trusted: Rabanser et al.,
"Failing loudly", NeurIPS 2019. We test medians one by one, so that a person can be told which
differs; nothing here says that an unalarming slide is classified well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.data.appearance import STATISTICS, Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MIN_CELLS: Final = 20  # of a slide, and of a training site that is to count
LARGEST_SLIDE: Final = 200  # cells of the slides that the threshold is fitted on
FALSE_ALARMS: Final = 0.05  # share of a training site's own slides that may alarm
LEAST_THRESHOLD: Final = 1.0  # spreads: medians this near are alike, however calm the sites are
SLIDES_PER_SITE: Final = 400  # drawn to fit the threshold
HALVINGS: Final = 40  # times a site's cells are halved: one half describes it, one gives slides
OOD_STATISTIC: Final = Statistic(
    "ood_score",
    "cells",
    "",
    "farther from the cells of training",
    "nearer to the cells of training",
    "Look through the gallery first: cells or artefacts of an unknown kind may be among them.",
    0.10,
)
COLUMNS: Final = (*STATISTICS, OOD_STATISTIC)


@dataclass(frozen=True)
class ShiftReference:
    """What the training sites look like; m + 1 columns, those of `COLUMNS`.

    Attributes:
        sites: names.
        centre: float64 (sites, m + 1), median over each site's cells.
        spread: float64 (sites, m + 1), > 0: 1.4826 times the median absolute deviation, at least
            the statistic's floor.
        threshold: > 0, the distance from the nearest site at which the alarm is raised.
    """

    sites: tuple[str, ...]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    threshold: float


@dataclass(frozen=True)
class SlideShiftScore:
    """How far a slide is from the training sites.

    Attributes:
        n: cells it was judged by.
        score: distance to the nearest site; 1.0 is the threshold of the alarm.
        alarm: the score is above 1.
        statistic: name of the statistic that differs most from the nearest site.
        text: a sentence for people: what differs, the slide's value, the sites' range.
        advice: what a person can do.
        site: the nearest training site.
    """

    n: int
    score: float
    alarm: bool
    statistic: str
    text: str
    advice: str
    site: str


def assess(
    appearance: NDArray[np.float32], ood_score: NDArray[np.float32], reference: ShiftReference
) -> SlideShiftScore | None:
    """Judge one slide.

    Args:
        appearance: float32 (n, m) of `model.data.appearance`.
        ood_score: float32 (n,), in 0..1.
        reference: of the model.

    Returns:
        The judgement, or None for fewer than `MIN_CELLS` cells or a reference without sites.
    """
    if len(appearance) < MIN_CELLS or not reference.sites:
        return None
    medians = slide_medians(join_columns(appearance, ood_score))
    difference = site_differences(medians, reference.centre, reference.spread)
    nearest = int(difference.max(axis=1).argmin())
    column = int(difference[nearest].argmax())
    score = float(difference[nearest, column] / reference.threshold)
    return SlideShiftScore(
        n=len(appearance),
        score=score,
        alarm=score > 1.0,
        statistic=COLUMNS[column].name,
        text=describe(column, float(medians[column]), nearest, reference),
        advice=COLUMNS[column].advice,
        site=reference.sites[nearest],
    )


def describe(column: int, value: float, nearest: int, reference: ShiftReference) -> str:
    """Say in one sentence how a slide differs in one statistic.

    Args:
        column: of `COLUMNS`.
        value: the slide's median.
        nearest: row of the nearest site.
        reference: of the model.
    """
    statistic, centres = COLUMNS[column], reference.centre[:, column]
    low, high, near = float(centres.min()), float(centres.max()), float(centres[nearest])
    word = statistic.more if value > near else statistic.less
    unit = f" {statistic.unit}" if statistic.unit else ""
    if low <= value <= high:
        return (
            f"{statistic.text} {word} than at the nearest training site, "
            f"{reference.sites[nearest]} ({figure(value)}{unit}, there {figure(near)})"
        )
    return (
        f"{statistic.text} {word} than at any training site "
        f"({figure(value)}{unit}, sites {figure(low)} to {figure(high)})"
    )


def figure(value: float) -> str:
    """Write a number for people: two places, a true minus, no minus before zero."""
    return f"{value:z.2f}".replace("-", "\N{MINUS SIGN}")


def join_columns(
    appearance: NDArray[np.float32], ood_score: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Put the OOD score beside the appearance: float64 (n, m + 1)."""
    return np.concatenate([appearance, ood_score[:, None]], axis=1).astype(np.float64)


def slide_medians(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each column of (n, c); NaN where fewer than `MIN_CELLS` cells have a value."""
    medians = np.full(rows.shape[1], np.nan)
    for column in range(rows.shape[1]):
        values = rows[np.isfinite(rows[:, column]), column]
        if len(values) >= MIN_CELLS:
            medians[column] = np.median(values)
    return medians


def site_differences(
    medians: NDArray[np.float64], centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Difference of one slide to each site, in the site's spreads.

    Args:
        medians: float64 (c,), NaN where not measured, which counts as no difference.
        centre: float64 (sites, c).
        spread: float64 (sites, c).

    Returns:
        float64 (sites, c), >= 0; a slide nearer to the training cells than a site's own cells
        are is no difference in the OOD score.
    """
    signed = np.nan_to_num((medians - centre) / spread, nan=0.0)
    difference = np.abs(signed)
    difference[:, -1] = np.maximum(signed[:, -1], 0.0)
    return difference


def fit_shift(
    rows: NDArray[np.float64], sites: Sequence[str], labels: Sequence[str], *, seed: int = 0
) -> ShiftReference:
    """Describe the training sites and fit the alarm's threshold.

    Args:
        rows: float64 (n, m + 1) of `join_columns`, for held-out cells.
        sites: n names; sites of fewer than twice `MIN_CELLS` cells are left out.
        labels: n names, for the case mixes of the slides drawn.
        seed: of the drawing.
    """
    site_of, label_of = np.asarray(sites, dtype=str), np.asarray(labels, dtype=str)
    names = [str(name) for name in np.unique(site_of) if np.sum(site_of == name) >= 2 * MIN_CELLS]
    described = [describe_site(rows[site_of == name]) for name in names]
    if not described:
        none = np.empty((0, rows.shape[1]))
        return ShiftReference((), none, none, 1.0)
    centre = np.stack([one[0] for one in described])
    spread = np.stack([one[1] for one in described])
    rng = np.random.default_rng(seed)
    distances: list[float] = []
    for place, name in enumerate(names):
        own, own_labels = rows[site_of == name], label_of[site_of == name]
        for _ in range(HALVINGS):
            half = rng.permutation(len(own)) < len(own) // 2
            centre_, spread_ = centre.copy(), spread.copy()
            centre_[place], spread_[place] = describe_site(own[half])
            for _ in range(SLIDES_PER_SITE // HALVINGS):
                medians = slide_medians(own[~half][draw_slide(own_labels[~half], rng)])
                difference = site_differences(medians, centre_, spread_)
                distances.append(float(difference.max(axis=1).min()))
    threshold = float(np.quantile(distances, 1.0 - FALSE_ALARMS))
    return ShiftReference(tuple(names), centre, spread, max(threshold, LEAST_THRESHOLD))


def describe_site(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median and robust spread of each column of (n, c): float64 (c,) each."""
    centre = np.nan_to_num(np.nanmedian(rows, axis=0))
    spread = 1.4826 * np.nan_to_num(np.nanmedian(np.abs(rows - centre), axis=0))
    return centre, np.maximum(spread, [statistic.floor for statistic in COLUMNS])


def draw_slide(labels: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw the cells of one slide: 20 to 200 of them, of a case mix drawn from a flat Dirichlet.

    Args:
        labels: (n,) of the cells to draw from, with replacement.
        rng: random numbers.

    Returns:
        Their rows.
    """
    names, label = np.unique(labels, return_inverse=True)
    share = rng.dirichlet(np.ones(len(names)))
    weights = share[label] / np.bincount(label)[label]
    size = int(rng.integers(MIN_CELLS, LARGEST_SLIDE + 1))
    return rng.choice(len(labels), size=size, p=weights / weights.sum())
