"""The reference: what a model remembers of held-out source cells, so as to know its limits.

One small file beside the weights, `reference.safetensors`, numpy only: thresholds of the prediction
sets, the OOD scorer, what the training sites look like, and the correction and class shares that
estimating a slide's shares starts from. Fitted once, at the end of training:

    estimator = fit_uncertainty(CalibrationSet(...), temperature=head.temperature)
    estimator.save(folder / REFERENCE_FILE)

To add a part: a field of `UncertaintyEstimator`, fitted in `fit_uncertainty`, written and read
below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.artifacts.array_files import read_arrays, write_arrays
from model.data.appearance import STATISTICS, appearance
from model.data.domains import RENDERED
from model.hierarchy import LEAVES, leaf_mask
from model.network.head import softmax
from model.uncertainty.calibration import BiasCorrection, fit_bias
from model.uncertainty.conformal import Thresholds, fit_thresholds
from model.uncertainty.ood import (
    Mahalanobis,
    OodReference,
    cross_fitted_distances,
    fit_mahalanobis,
    rank_among,
)
from model.uncertainty.slide_shift import COLUMNS, ShiftReference, fit_shift, join_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

REFERENCE_FILE: Final = "reference.safetensors"
CHUNK: Final = 64  # crops measured at a time
FORMAT: Final = 1


@dataclass(frozen=True)
class CalibrationSet:
    """Source cells that the network was not trained on.

    Attributes:
        embedding: float32 (n, d).
        logits: float32 (n, k), before temperature.
        labels: n leaf or parent names.
        sites: n names of where each comes from. A second view of the same cells (their known
            scale instead of the estimated one) is a site of its own.
        crops: uint8 (n, s, s, 3), as the network saw them.
        weights: float64 (n,), >= 0: each cell's say in calibration; 0 for a second view.
        classes: k leaf names.
    """

    embedding: NDArray[np.float32]
    logits: NDArray[np.float32]
    labels: tuple[str, ...]
    sites: tuple[str, ...]
    crops: NDArray[np.uint8]
    weights: NDArray[np.float64]
    classes: tuple[str, ...] = LEAVES

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which are photographs: bool (n,); all of them where none is."""
        photographed = np.array([site != RENDERED for site in self.sites], dtype=np.bool_)
        return photographed if photographed.any() else np.ones_like(photographed)

    def probabilities(self, temperature: float) -> NDArray[np.float32]:
        """Probabilities of the leaves at a temperature > 0: float32 (n, k)."""
        return softmax(self.logits / np.float32(temperature))

    def rows(self, chosen: NDArray[np.bool_]) -> CalibrationSet:
        """Return the cells chosen by bool (n,)."""
        index = np.flatnonzero(chosen).tolist()
        return CalibrationSet(
            embedding=self.embedding[index],
            logits=self.logits[index],
            labels=tuple(self.labels[row] for row in index),
            sites=tuple(self.sites[row] for row in index),
            crops=self.crops[index],
            weights=self.weights[index],
            classes=self.classes,
        )


@dataclass(frozen=True)
class UncertaintyEstimator:
    """What `Predictor` needs beyond the head.

    Attributes:
        thresholds: of the prediction sets.
        ood: the shipped scorer.
        shift: what the training sites look like.
        source_prior: float64 (k,), class shares under which the corrected probabilities are
            calibrated; sums to 1.
        correction: BCTS, applied before shares are estimated.
    """

    thresholds: Thresholds
    ood: OodReference
    shift: ShiftReference
    source_prior: NDArray[np.float64]
    correction: BiasCorrection

    def save(self, path: Path) -> None:
        """Write the reference, whole or not at all."""
        facts = {
            "format": FORMAT,
            "sites": self.shift.sites,
            "columns": [statistic.name for statistic in COLUMNS],
            "coverage": self.thresholds.coverage,
            "calibrated_on": self.thresholds.n,
            "alarm": self.shift.threshold,
            "temperature": self.correction.temperature,
        }
        arrays = {
            "set.score": self.thresholds.score,
            "set.own": self.thresholds.own,
            "ood.projection": self.ood.scorer.projection,
            "ood.means": self.ood.scorer.means,
            "ood.ranked": self.ood.ranked,
            "shift.centre": self.shift.centre,
            "shift.spread": self.shift.spread,
            "shares.prior": self.source_prior,
            "shares.bias": self.correction.bias,
        }
        write_arrays(path, arrays, notes={"facts": facts})

    @classmethod
    def load(cls, path: Path) -> UncertaintyEstimator:
        """Read a reference written by `save`.

        Raises:
            OSError: the file cannot be read.
            KeyError, ValueError: it is not a reference, or one of another version.
        """
        array, notes = read_arrays(path)
        facts: Mapping[str, Any] = notes["facts"]
        if facts["format"] != FORMAT:
            raise ValueError(f"{path.name} is a reference of format {facts['format']}")
        if facts["columns"] != [statistic.name for statistic in COLUMNS]:
            raise ValueError(f"{path.name} holds other statistics of appearance")
        return cls(
            thresholds=Thresholds(
                array["set.score"], array["set.own"], facts["coverage"], facts["calibrated_on"]
            ),
            ood=OodReference(
                Mahalanobis(array["ood.projection"], array["ood.means"]), array["ood.ranked"]
            ),
            shift=ShiftReference(
                tuple(facts["sites"]), array["shift.centre"], array["shift.spread"], facts["alarm"]
            ),
            source_prior=array["shares.prior"],
            correction=BiasCorrection(facts["temperature"], array["shares.bias"]),
        )


def fit_uncertainty(
    cells: CalibrationSet, *, temperature: float, seed: int = 0
) -> UncertaintyEstimator:
    """Fit everything that a model remembers of held-out source cells.

    Rendered cells are at a site of their own each, and prove nothing about a laboratory. They
    count in the correction and the class shares, where some leaves have no other cells; sets, OOD
    score and alarm rest on photographs wherever there are any.

    Args:
        cells: not trained on; at least one with a weight.
        temperature: of the head.
        seed: of folds and drawn slides.

    Raises:
        ValueError: there are no cells to calibrate on.
    """
    probs = cells.probabilities(temperature)
    target = leaf_mask(cells.labels, classes=cells.classes)
    weighed = cells.weights > 0
    if not weighed.any():
        raise ValueError("no held-out cells to calibrate on")
    calibration = weighed & cells.real if np.any(weighed & cells.real) else weighed
    shares = cells.weights / cells.weights.sum()
    correction = fit_bias(probs, target, shares)
    real = cells.rows(cells.real)
    distances = cross_fitted_distances(real.embedding, real.labels, seed=seed)
    ood = OodReference(fit_mahalanobis(real.embedding, real.labels), np.sort(distances))
    rows = join_columns(measure(real.crops), rank_among(distances, ood.ranked))
    return UncertaintyEstimator(
        thresholds=fit_thresholds(
            probs[calibration],
            target[calibration],
            weights=site_weights([cells.sites[row] for row in np.flatnonzero(calibration)]),
        ),
        ood=ood,
        shift=fit_shift(rows, real.sites, real.labels, seed=seed),
        source_prior=shares @ correction.apply(probs),
        correction=correction,
    )


def site_weights(sites: Sequence[str]) -> NDArray[np.float64]:
    """Give every site the same say: float64 (n,), sums to 1."""
    _, site, count = np.unique(
        np.asarray(sites, dtype=str), return_inverse=True, return_counts=True
    )
    weights: NDArray[np.float64] = 1.0 / (count[site] * len(count))
    return weights


def measure(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure the appearance of many crops, uint8 (n, s, s, 3), in portions: float32 (n, m)."""
    starts = range(0, len(crops), CHUNK)
    portions = [appearance(crops[start : start + CHUNK]) for start in starts]
    return np.concatenate([np.empty((0, len(STATISTICS)), np.float32), *portions])
