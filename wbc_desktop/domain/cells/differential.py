"""The differential: cells per class as a share of the leukocytes, each with its exact interval.

The 100 % are the cells whose label is a counted class. Everything else (erythroblasts, smudge
cells, platelets, artefacts, unidentified cells) is reported per 100 of them. The interval covers
sampling only: an unreviewed label can be wrong, and no interval here knows of that.

To report another figure per class, add it to ``DifferentialRow`` and fill it in ``differential``.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class DifferentialRow:
    """One class of a differential.

    Attributes:
        class_id: The class; a parent's row sums those below and the labels at its own depth.
        n: Cells of the class.
        n_own: Cells that carry exactly this label; differs from ``n`` for parents.
        denominator: Cells that make up the 100 %.
        percent: Cells per 100 of the denominator; above 100 only outside the 100 %. None where
            the denominator is 0.
        ci_low: Lower end of the exact 95 % interval of ``percent``, or None.
        ci_high: Upper end, or None.
        counted: True if the class belongs to the 100 %.
    """

    class_id: str
    n: int
    n_own: int
    denominator: int
    percent: float | None
    ci_low: float | None
    ci_high: float | None
    counted: bool


def differential(counts: Mapping[str, int], taxonomy: Taxonomy) -> tuple[DifferentialRow, ...]:
    """Return the differential of a set of cells.

    Args:
        counts: Cells per final label, each cell counted once under the label it carries; classes
            that are missing count 0.
        taxonomy: The classes.

    Returns:
        One row per class in the taxonomy's order, classes without cells included; those that were
        merged are left out, because their cells count as another class.

    Raises:
        ValueError: If a label is unknown or a count is negative.
    """
    if not taxonomy.known(counts) or min(counts.values(), default=0) < 0:
        raise ValueError(f"counts do not fit the taxonomy {taxonomy.version}: {dict(counts)}")
    counts = _merged(counts, taxonomy)
    classes = [c for c in taxonomy.classes if c.merged_into is None]
    total = sum(n for label, n in counts.items() if taxonomy.by_id[label].counted)
    numbers = np.array([_cells_of(c, counts, taxonomy) for c in classes], np.int64)
    counted = np.array([c.counted for c in classes])
    low, high = intervals(numbers, total, counted=counted)
    return tuple(
        DifferentialRow(
            class_id=cell_class.id,
            n=int(numbers[i]),
            n_own=counts.get(cell_class.id, 0),
            denominator=total,
            percent=100.0 * int(numbers[i]) / total if total else None,
            ci_low=float(low[i]) if total else None,
            ci_high=float(high[i]) if total else None,
            counted=cell_class.counted,
        )
        for i, cell_class in enumerate(classes)
    )


def is_ready() -> bool:
    """Tell whether intervals cost nothing but their arithmetic; see ``prepare``."""
    return "scipy.special" in sys.modules


def prepare() -> None:
    """Load what intervals are computed with, a quarter of a second; in a worker, at leisure."""
    import scipy.special

    del scipy


def clopper_pearson(
    n: NDArray[np.int64], total: NDArray[np.int64], *, confidence: float = CONFIDENCE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the exact two-sided interval of binomial shares.

    Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26 (1934) 404–413, by quantiles of the beta distribution.

    Args:
        n: Successes, int64 (k,), 0 ≤ n ≤ total.
        total: Trials, int64 (k,); the interval of 0 trials is (0, 1).
        confidence: Coverage, at least.

    Returns:
        Lower and upper ends, float64 (k,), 0–1.
    """
    from scipy.special import betaincinv

    tail = (1.0 - confidence) / 2.0
    # The beta quantile is undefined at the edges, where the ends are 0 and 1 by definition.
    low = betaincinv(np.maximum(n, 1), total - n + 1, tail)
    high = betaincinv(n + 1, np.maximum(total - n, 1), 1.0 - tail)
    return np.where(n == 0, 0.0, low), np.where(n == total, 1.0, high)


def intervals(
    numbers: NDArray[np.int64], total: int, *, counted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the exact 95 % interval of the share of each of some classes.

    Args:
        numbers: Cells of each class, int64 (k,).
        total: Cells that make up the 100 %.
        counted: bool (k,), the class is part of them.

    Returns:
        Lower and upper ends, float64 (k,), in percent; outside the 100 % those of the ratio of
        the class to the counted cells. All 0 where ``total`` is 0.
    """
    if total == 0:
        nothing = np.zeros(len(numbers))
        return nothing, nothing
    # n cells beside a total of others: n is binomial in n + total with share p, and the ratio
    # n / total estimates p / (1 - p), which rises with p. So the ends carry over exactly.
    trials = np.where(counted, total, numbers + total)
    low, high = clopper_pearson(numbers, trials)
    # A counted share may reach 1; the ratio is not taken there.
    low_rest = np.where(counted, 1.0, 1.0 - low)
    high_rest = np.where(counted, 1.0, 1.0 - high)
    return 100.0 * low / low_rest, 100.0 * high / high_rest


def _merged(counts: Mapping[str, int], taxonomy: Taxonomy) -> Mapping[str, int]:
    """Count the cells of a merged class as those of the class it was merged into."""
    found: dict[str, int] = {}
    for label, n in counts.items():
        end = taxonomy.counted_as[label]
        found[end] = found.get(end, 0) + n
    return found


def _cells_of(cell_class: CellClass, counts: Mapping[str, int], taxonomy: Taxonomy) -> int:
    """Return the cells of a class, with those of the classes below it."""
    below = taxonomy.below(cell_class.id)
    return counts.get(cell_class.id, 0) + sum(counts.get(label, 0) for label in below)
