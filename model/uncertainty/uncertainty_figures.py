"""Figures of honesty: how far confidence, sets, OOD score, alarm and shares can be believed.

Pure functions from arrays to JSON values. Everything is fitted on one set of held-out source cells
and scored on others, and on target cells of a site that nothing was fitted on:

    row = uncertainty_row(calibration=..., source=..., target=..., temperature=1.1, non_cells=...)

`halves` makes calibration and source cells of one held-out set. Rendered source cells take no part
in the scores: they are no evidence about a laboratory. What is said of whole slides is scored in
`model.uncertainty.slide_figures`; `cell_figures` is the rest alone. To add a figure: a function
here or there, and its key in `cell_figures` or `uncertainty_row`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from model.hierarchy import leaf_mask
from model.training.evaluate import at_label_depth, confidence, rounded
from model.uncertainty.calibration import expected_calibration_error
from model.uncertainty.conformal import covered, prediction_sets, wilson_interval
from model.uncertainty.estimator import fit_uncertainty
from model.uncertainty.ood import energy, fit_mahalanobis, fit_neighbours
from model.uncertainty.slide_figures import alarm_figures, share_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.uncertainty.conformal import Thresholds
    from model.uncertainty.estimator import CalibrationSet
    from model.uncertainty.ood import Mahalanobis, Neighbours


@dataclass(frozen=True)
class OodCells:
    """What the network made of crops that the OOD score should tell from source cells.

    Attributes:
        embedding: float32 (n, d).
        logits: float32 (n, k), before temperature.
    """

    embedding: NDArray[np.float32]
    logits: NDArray[np.float32]


def uncertainty_row(
    *,
    calibration: CalibrationSet,
    source: CalibrationSet,
    target: CalibrationSet,
    temperature: float,
    non_cells: OodCells,
    seed: int = 0,
) -> dict[str, Any]:
    """Score the honesty of one model on one held-out site.

    Args:
        calibration: held-out source cells that the temperature was fitted on.
        source: further source cells.
        target: cells of a site outside training and calibration.
        temperature: of the head.
        non_cells: see `model.rendering.ood_negatives`.
        seed: of folds and drawn slides.

    Returns:
        JSON values under ece, sets, ood, alarm and shares, with n beside each.
    """
    reference = fit_uncertainty(calibration, temperature=temperature, seed=seed)
    figures = cell_figures(
        calibration=calibration,
        source=source,
        target=target,
        temperature=temperature,
        thresholds=reference.thresholds,
        ood_cells={
            "unseen_site": OodCells(target.embedding, target.logits),
            "non_cells": non_cells,
        },
    )
    parts = {"source": source.rows(source.real), "target": target}
    return figures | {
        "alarm": {
            name: alarm_figures(cells, reference, seed=seed) for name, cells in parts.items()
        },
        "shares": {
            name: share_errors(cells, reference, temperature, seed=seed)
            for name, cells in parts.items()
        },
    }


def cell_figures(
    *,
    calibration: CalibrationSet,
    source: CalibrationSet,
    target: CalibrationSet,
    temperature: float,
    thresholds: Thresholds,
    ood_cells: Mapping[str, OodCells],
    log_prior: NDArray[np.float32] | None = None,
) -> dict[str, Any]:
    """Score what is said of single cells: confidence, sets and OOD score.

    Args:
        calibration: held-out source cells that temperature and thresholds were fitted on.
        source: further source cells.
        target: cells of a site outside training and calibration.
        temperature: of the head.
        thresholds: of the prediction sets.
        ood_cells: what the OOD scores should tell from source cells, by name.
        log_prior: float32 (k,), what prediction adds to the target's logits after the
            temperature, see `model.uncertainty.class_prior`; None for nothing.

    Returns:
        JSON values under ece, sets and ood, with n beside each.
    """
    fitted, source = calibration.rows(calibration.real), source.rows(source.real)
    parts = {"source": (source, None), "target": (target, log_prior)}
    calibrated = {
        name: with_prior(cells, prior, temperature) for name, (cells, prior) in parts.items()
    }
    scorers = (fit_neighbours(fitted.embedding), fit_mahalanobis(fitted.embedding, fitted.labels))
    return {
        "ece": {
            name: {
                "n": len(cells.labels),
                "before": rounded(calibration_error(with_prior(cells, prior, 1.0), 1.0)),
                "after": rounded(calibration_error(calibrated[name], temperature)),
            }
            for name, (cells, prior) in parts.items()
        },
        "sets": {
            name: set_figures(cells, thresholds, temperature) for name, cells in calibrated.items()
        },
        "ood": {"n_source": len(source.labels)}
        | {
            name: ood_aurocs(scorers, source, cells, temperature=temperature)
            for name, cells in ood_cells.items()
        },
    }


def with_prior(
    cells: CalibrationSet, log_prior: NDArray[np.float32] | None, temperature: float
) -> CalibrationSet:
    """Add log shares to the logits so that they are whole again after the temperature."""
    if log_prior is None:
        return cells
    return replace(cells, logits=cells.logits + np.float32(temperature) * log_prior)


def halves(cells: CalibrationSet, *, seed: int = 0) -> tuple[CalibrationSet, CalibrationSet]:
    """Split cells in two, each site and label as evenly as can be; a lone cell goes first."""
    rng = np.random.default_rng(seed)
    first = np.zeros(len(cells.labels), dtype=np.bool_)
    strata = np.array([f"{s}\n{c}" for s, c in zip(cells.sites, cells.labels, strict=True)])
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        first[members[: (len(members) + 1) // 2]] = True
    return cells.rows(first), cells.rows(~first)


def calibration_error(cells: CalibrationSet, temperature: float) -> float:
    """ECE at the depth of each site's labels, in 0..1; NaN for no cells."""
    probs = cells.probabilities(temperature)
    words: dict[str, list[str]] = {
        site: sorted({c for s, c in zip(cells.sites, cells.labels, strict=True) if s == site})
        for site in set(cells.sites)
    }
    predicted = [
        at_label_depth(cells.classes[column], label, words[site])
        for column, label, site in zip(probs.argmax(axis=1), cells.labels, cells.sites, strict=True)
    ]
    correct = np.array(
        [guess == label for guess, label in zip(predicted, cells.labels, strict=True)],
        dtype=np.bool_,
    )
    return expected_calibration_error(confidence(probs, predicted), correct)


def set_figures(
    cells: CalibrationSet, thresholds: Thresholds, temperature: float
) -> dict[str, Any]:
    """Coverage of the prediction sets with Wilson's 95 % interval, and their mean size."""
    sets = prediction_sets(cells.probabilities(temperature), thresholds)
    inside = covered(sets, leaf_mask(cells.labels, classes=cells.classes))
    n, hits = len(inside), int(np.count_nonzero(inside))
    low, high = wilson_interval(hits, n)
    return {
        "n": n,
        "coverage": rounded(hits / n) if n else None,
        "low": rounded(low),
        "high": rounded(high),
        "mean_size": rounded(float(sets.sum(axis=1).mean())) if n else None,
    }


def auroc(inside: NDArray[np.floating], outside: NDArray[np.floating]) -> float:
    """Chance that an outsider scores above an insider, ties counted half; NaN where one is empty.

    Args:
        inside: float (n,).
        outside: float (m,).
    """
    if not len(inside) or not len(outside):
        return float("nan")
    ranked = np.sort(inside)
    below = np.searchsorted(ranked, outside, side="left")
    upto = np.searchsorted(ranked, outside, side="right")
    return float((below + upto).mean() / (2.0 * len(inside)))


def ood_aurocs(
    scorers: tuple[Neighbours, Mahalanobis],
    inside: CalibrationSet,
    outside: OodCells,
    *,
    temperature: float,
) -> dict[str, Any]:
    """AUROC of the three scorers of `model.uncertainty.ood` between source cells and ood_cells.

    Args:
        scorers: fitted on other source cells; the third needs no fit.
        inside: source cells.
        outside: what should score higher.
        temperature: of the head.
    """
    neighbours, mahalanobis = (
        (scorer.distance(inside.embedding), scorer.distance(outside.embedding))
        for scorer in scorers
    )
    energies = (
        energy(inside.logits, temperature=temperature),
        energy(outside.logits, temperature=temperature),
    )
    pairs = {"knn": neighbours, "mahalanobis": mahalanobis, "energy": energies}
    figures: dict[str, Any] = {"n": len(outside.embedding)}
    figures.update({name: rounded(auroc(*pair)) for name, pair in pairs.items()})
    return figures
