"""Figures of honesty for whole slides: the alarm, and the estimated class shares.

Slides are drawn from the cells of one site, with sizes and case mixes as in
`model.uncertainty.slide_shift.draw_slide`. The sources name no patients, so a drawn slide mixes
many: real slides of one patient differ more from each other than these do.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.hierarchy import leaves_of
from model.training.evaluate import rounded
from model.uncertainty.conformal import wilson_interval
from model.uncertainty.estimator import UncertaintyEstimator, measure
from model.uncertainty.label_shift import counted_shares, expected_shares
from model.uncertainty.slide_shift import MIN_CELLS, SlideShiftScore, assess, draw_slide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.uncertainty.estimator import CalibrationSet

SLIDES: Final = 200  # drawn from each site


def alarm_figures(
    cells: CalibrationSet, reference: UncertaintyEstimator, *, slides: int = SLIDES, seed: int = 0
) -> dict[str, Any]:
    """Share of slides drawn from each site that raise the alarm; a false one at a source site.

    Args:
        cells: of one or more sites; a site of fewer than `MIN_CELLS` cells is left out.
        reference: fitted on other cells.
        slides: drawn from each site.
        seed: of the drawing.

    Returns:
        Per site: cells, slides, alarms (share), low and high (Wilson's 95 %, over the slides drawn
        and not over patients), score (median), and the statistic that differed most often.
    """
    rows, ood_score = measure(cells.crops), reference.ood.score(cells.embedding)
    figures: dict[str, Any] = {}
    for site, own, labels in by_site(cells):
        rng = np.random.default_rng(seed)
        drawn = [own[draw_slide(labels, rng)] for _ in range(slides)]
        judged = [assess(rows[slide], ood_score[slide], reference.shift) for slide in drawn]
        figures[site] = alarm_summary([one for one in judged if one is not None], len(own))
    return figures


def alarm_summary(judged: Sequence[SlideShiftScore], cells: int) -> dict[str, Any]:
    """Sum up the slides of one site; see `alarm_figures`."""
    alarms = sum(one.alarm for one in judged)
    low, high = wilson_interval(alarms, len(judged))
    often = Counter(one.statistic for one in judged).most_common(1)
    return {
        "cells": cells,
        "slides": len(judged),
        "alarms": rounded(alarms / len(judged)) if judged else None,
        "low": rounded(low),
        "high": rounded(high),
        "score": rounded(float(np.median([one.score for one in judged]))) if judged else None,
        "statistic": often[0][0] if often else None,
    }


def by_site(cells: CalibrationSet) -> list[tuple[str, NDArray[np.intp], NDArray[np.str_]]]:
    """Rows and labels of each site that has cells enough for a slide, in the order of names."""
    sites, labels = np.asarray(cells.sites, dtype=str), np.asarray(cells.labels, dtype=str)
    found = [(str(name), np.flatnonzero(sites == name)) for name in np.unique(sites)]
    return [(name, own, labels[own]) for name, own in found if len(own) >= MIN_CELLS]


def share_errors(
    cells: CalibrationSet,
    reference: UncertaintyEstimator,
    temperature: float,
    *,
    slides: int = SLIDES,
    seed: int = 0,
) -> dict[str, Any]:
    """Error of counted and of estimated class shares on slides of simulated case mixes.

    Cells whose parent label a finer label of their site also covers are left out, so that each
    leaf falls under one label at most.

    Returns:
        Per site: cells, slides, and the mean absolute error over slides and labels of the counted
        (best leaves) and the expected shares (EM), both in 0..1.
    """
    figures: dict[str, Any] = {}
    probs = cells.probabilities(temperature)
    corrected = reference.correction.apply(probs)
    for site, rows, labels in by_site(cells):
        groups = disjoint_groups(sorted(set(labels.tolist())), cells.classes)
        usable = np.isin(labels, list(groups))
        own, label = rows[usable], labels[usable]
        rng = np.random.default_rng(seed)
        errors = np.zeros(2)
        for _ in range(slides):
            drawn = draw_slide(label, rng)
            counted = counted_shares(probs[own[drawn]])
            expected = expected_shares(corrected[own[drawn]], reference.source_prior)
            for place, shares in enumerate((counted, expected)):
                misses = [
                    abs(shares[columns].sum() - np.mean(label[drawn] == name))
                    for name, columns in groups.items()
                ]
                errors[place] += float(np.mean(misses)) / slides
        figures[site] = {
            "cells": len(own),
            "slides": slides,
            "counted": rounded(errors[0]),
            "expected": rounded(errors[1]),
        }
    return figures


def disjoint_groups(labels: Sequence[str], classes: Sequence[str]) -> Mapping[str, list[int]]:
    """Columns of each label that shares no leaf with a finer one among the labels."""
    finer = [set(leaves_of(label)) for label in labels]
    return {
        label: [list(classes).index(leaf) for leaf in leaves_of(label)]
        for label in labels
        if not any(other < set(leaves_of(label)) for other in finer)
    }
