"""The figures of honesty of a finished model, as two Markdown tables: `python -m model honesty`.

Scored on its test split with the reference that is shipped beside it; then each site in turn is
left out of a reference fitted anew on the validation split. The network saw every site all the
same: what its scores do at a site that no training has seen, `python -m model benchmark` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.data.crop_set import load_evaluation_set
from model.data.sampling_weights import sampling_weights_of
from model.data.split import recorded_split
from model.inference.predictor import HEAD_FILE, Predictor
from model.network.head import Head
from model.rendering.ood_negatives import ood_negatives
from model.training.config import TrainConfig
from model.training.evaluate import rounded
from model.uncertainty.calibration_set import SECOND_VIEW, collect_calibration_set
from model.uncertainty.estimator import (
    REFERENCE_FILE,
    CalibrationSet,
    UncertaintyEstimator,
    fit_uncertainty,
)
from model.uncertainty.ood import fit_mahalanobis, fit_neighbours
from model.uncertainty.slide_figures import alarm_figures, share_errors
from model.uncertainty.uncertainty_figures import (
    OodCells,
    calibration_error,
    ood_aurocs,
    set_figures,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.data.crop_set import Record

SLIDES: Final = 500
NON_CELLS_PER_KIND: Final = 30


def uncertainty_report(folder: Path, data: Path) -> str:
    """Score a model and write the tables.

    Args:
        folder: of the model.
        data: folder with the images it was trained on, and their manifest.

    Raises:
        OSError, ValueError: the model or the data cannot be read, or do not belong together.
    """
    predictor = Predictor.open(folder)
    config = TrainConfig.from_json(predictor.card["config"])
    head, reference = (
        Head.load(folder / HEAD_FILE),
        UncertaintyEstimator.load(folder / REFERENCE_FILE),
    )

    def embed(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predictor.predict_prepared(crops, np.zeros(len(crops), np.uint8)).embedding

    parts = recorded_split(folder, data, config)
    validation = load_evaluation_set(parts["val"], data)
    weights = sampling_weights_of(validation, config)
    calibration = collect_calibration_set(validation, data, embed=embed, head=head, weights=weights)
    test = cells_of(parts["test"], data, predictor)
    drawn, _ = ood_negatives(NON_CELLS_PER_KIND)
    outside = predictor.predict_prepared(drawn, np.zeros(len(drawn), np.uint8))
    return "\n".join(
        [
            *own_sites(test, reference, head.temperature),
            "",
            *left_out(calibration, test, OodCells(outside.embedding, outside.logits), head),
        ]
    )


def cells_of(records: Sequence[Record], data: Path, predictor: Predictor) -> CalibrationSet:
    """Predict the real crops of a part of the split, at the estimated scale."""
    crops = load_evaluation_set(records, data)
    batch = predictor.predict_prepared(crops.crops, np.zeros(len(crops.crops), np.uint8))
    cells = CalibrationSet(
        embedding=batch.embedding,
        logits=batch.logits,
        labels=tuple(record.label for record in crops.records),
        sites=tuple(record.domain for record in crops.records),
        crops=crops.crops,
        weights=np.ones(len(crops.crops)),
        classes=predictor.classes,
    )
    return cells.rows(cells.real)


def at_site(cells: CalibrationSet, site: str) -> NDArray[np.bool_]:
    """Say which cells are of a site, in whichever view: bool (n,)."""
    return np.array([name in (site, site + SECOND_VIEW) for name in cells.sites])


def own_sites(
    test: CalibrationSet, reference: UncertaintyEstimator, temperature: float
) -> list[str]:
    """Lines of the table of sites that the reference knows."""
    lines = [
        (
            "| source | cells | coverage of the sets (95 % interval) | mean size | false alarms, of"
            f" {SLIDES} slides | error of counted shares | of expected shares |"
        ),
        "|---|---:|---|---:|---:|---:|---:|",
    ]
    alarms = alarm_figures(test, reference, slides=SLIDES)
    shares = share_errors(test, reference, temperature, slides=SLIDES)
    for site in sorted(alarms):
        own = test.rows(at_site(test, site))
        errors = shares[site]
        lines.append(
            f"| {site} | {sets_of(own, reference, temperature)} | {percent(alarms[site]['alarms'])}"
            f" | {errors['counted']:.3f} | {errors['expected']:.3f} |"
        )
    false = float(np.mean([one["alarms"] for one in alarms.values()]))
    lines += [
        f"| all | {sets_of(test, reference, temperature)} | {percent(false)} | | |",
        "",
        (
            f"Calibration error over the {len(test.labels)}: {calibration_error(test, 1.0):.3f}"
            f" before the temperature, {calibration_error(test, temperature):.3f} after."
        ),
    ]
    return lines


def sets_of(cells: CalibrationSet, reference: UncertaintyEstimator, temperature: float) -> str:
    """Number of cells, coverage of their sets and mean size, as cells of a table."""
    figures = set_figures(cells, reference.thresholds, temperature)
    return (
        f"{figures['n']} | {figures['coverage']:.3f} ({figures['low']:.3f} to"
        f" {figures['high']:.3f}) | {figures['mean_size']:.2f}"
    )


def left_out(
    calibration: CalibrationSet, test: CalibrationSet, outside: OodCells, head: Head
) -> list[str]:
    """Lines of the table of sites that the reference does not know, and of crops without a cell."""
    lines = [
        (
            "| left out | AUROC of its cells: Mahalanobis | 10th neighbour | energy |"
            " its slides that alarm | median score |"
        ),
        "|---|---:|---:|---:|---:|---:|",
    ]
    for site in sorted(set(test.sites)):
        known = calibration.rows(~at_site(calibration, site))
        unknown = test.rows(at_site(test, site))
        reference = fit_uncertainty(known, temperature=head.temperature)
        one = alarm_figures(unknown, reference, slides=SLIDES)[site]
        inside = test.rows(~at_site(test, site))
        aurocs = aurocs_of(known, inside, OodCells(unknown.embedding, unknown.logits), head)
        lines.append(f"| {site} | {aurocs} | {percent(one['alarms'])} | {one['score']:.2f} |")
    count = len(outside.embedding)
    aurocs = aurocs_of(calibration, test, outside, head)
    return [*lines, f"| no cell (`model/rendering/ood_negatives.py`, {count}) | {aurocs} | | |"]


def aurocs_of(known: CalibrationSet, inside: CalibrationSet, outside: OodCells, head: Head) -> str:
    """AUROC of the three scorers as cells of a table; fitted on the real cells that are known."""
    real = known.rows(known.real)
    scorers = (fit_neighbours(real.embedding), fit_mahalanobis(real.embedding, real.labels))
    figures = ood_aurocs(scorers, inside, outside, temperature=head.temperature)
    return " | ".join(f"{figures[name]:.3f}" for name in ("mahalanobis", "knn", "energy"))


def percent(share: float | None) -> str:
    """Write a share, 0..1, as a percentage."""
    return "" if share is None else f"{100 * float(rounded(share) or 0.0):.1f} %"
