"""Predictions of two models on the same cells: how often each is right, class by class.

A label may stand at any depth of the class tree, so a predicted leaf counts as right where it is
one of the leaves of the label. All scores are paired: both models are asked about the same cells,
and chance is estimated by drawing whole groups (patients) again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

NO_CLASS = -1
MAX_BINS = 10
CELLS_PER_BIN = 15


@dataclass(frozen=True, kw_only=True, eq=False)
class PairedCells:
    """What two models said of cells that neither has learnt from.

    Attributes:
        labels: Names of the labels: leaves or parents of the class tree.
        classes: Names of the k leaves.
        sites: Names of the sites that the cells come from.
        label: int64 (n,), the human label of each cell, a row of ``labels``.
        site: int64 (n,), a row of ``sites``.
        group: int64 (n,), cells of one group (patient) stand and fall together.
        old: float32 (n, k), probabilities of the model in use.
        new: float32 (n, k), those of the candidate.
    """

    labels: tuple[str, ...]
    classes: tuple[str, ...]
    sites: tuple[str, ...]
    label: NDArray[np.int64]
    site: NDArray[np.int64]
    group: NDArray[np.int64]
    old: NDArray[np.float32]
    new: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together, or that are no probabilities."""
        n, k = len(self.label), len(self.classes)
        if any(column.shape != (n,) for column in (self.label, self.site, self.group)):
            raise ValueError("labels, sites and groups of the judged cells differ in number")
        for probs in (self.old, self.new):
            if probs.shape != (n, k) or not np.isfinite(probs).all():
                raise ValueError(f"{n} judged cells, probabilities {probs.shape}")
            if n and (probs.min() < 0 or np.abs(probs.sum(axis=1) - 1).max() > 0.01):
                raise ValueError("the probabilities of a judged cell do not sum to 1")
        for rows, names in ((self.label, self.labels), (self.site, self.sites)):
            if n and not (rows.min() >= 0 and rows.max() < len(names)):
                raise ValueError("a judged cell has a label or a site that is not listed")
        if not self.leaves[np.unique(self.label)].any(axis=1).all():
            raise ValueError("a label of the judged cells has no leaves")

    @property
    def n(self) -> int:
        """How many cells there are."""
        return len(self.label)

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.group))

    def at(self, site: int) -> "PairedCells":
        """Return the cells of one site."""
        return self.rows(self.site == site)

    def rows(self, chosen: NDArray[np.bool_]) -> "PairedCells":
        """Return the cells chosen by bool (n,)."""
        return PairedCells(
            labels=self.labels,
            classes=self.classes,
            sites=self.sites,
            label=self.label[chosen],
            site=self.site[chosen],
            group=self.group[chosen],
            old=self.old[chosen],
            new=self.new[chosen],
        )

    def predicted_labels(self, probs: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return each prediction in the words of the labels, int64 (n,); −1 where none fits.

        The label itself where it is right; else the first other label of these cells that has the
        predicted leaf.

        Args:
            probs: float32 (n, k), ``old`` or ``new``.
        """
        leaf = probs.argmax(axis=1)
        used = np.unique(self.label)
        inside = self.leaves[:, leaf].T.copy()  # (n, labels)
        inside[:, np.setdiff1d(np.arange(len(self.labels)), used)] = False
        other = np.where(inside.any(axis=1), inside.argmax(axis=1), NO_CLASS)
        right = inside[np.arange(self.n), self.label] if self.n else np.empty(0, np.bool_)
        return np.where(right, self.label, other).astype(np.int64)

    def counts(self) -> NDArray[np.int64]:
        """Return how many cells carry each label, int64 (labels,)."""
        return np.bincount(self.label, minlength=len(self.labels)).astype(np.int64)

    @cached_property
    def leaves(self) -> NDArray[np.bool_]:
        """Which leaves each label stands for, bool (labels, k)."""
        taxonomy = taxonomy_v1()
        known = [name if name in taxonomy.by_id else None for name in self.labels]
        leaves = [taxonomy.leaves_of(name) if name else () for name in known]
        table = [[leaf in below for leaf in self.classes] for below in leaves]
        return np.array(table, np.bool_).reshape(len(self.labels), len(self.classes))


def f1_of_classes(
    label: NDArray[np.int64], predicted: NDArray[np.int64], n_labels: int
) -> NDArray[np.float64]:
    """Return the F1 of each label, float64 (labels,); NaN for one that no cell carries.

    Args:
        label: int64 (n,).
        predicted: int64 (n,), −1 where no label fits.
        n_labels: How many labels there are.
    """
    tables = _tables(label, predicted, np.zeros(len(label), np.int64), n_labels)
    return _f1(*(table.sum(axis=0) for table in tables))


def macro_f1(pairs: PairedCells, probs: NDArray[np.float32], scored: Sequence[int]) -> float:
    """Return the mean F1 of some labels; NaN for none.

    Args:
        pairs: The cells.
        probs: float32 (n, k), ``pairs.old`` or ``pairs.new``.
        scored: The labels that count, as rows of ``pairs.labels``.
    """
    if not len(scored):
        return float("nan")
    f1 = f1_of_classes(pairs.label, pairs.predicted_labels(probs), len(pairs.labels))
    return float(f1[[*scored]].mean())


def bootstrap_differences(
    pairs: PairedCells, scored: Sequence[int], *, draws: int = 2000, seed: int = 0
) -> NDArray[np.float64]:
    """Return macro-F1 of the candidate less that of the other, drawing groups again and again.

    Args:
        pairs: The cells, at least one.
        scored: The labels that count, at least one. Those that a draw misses are left out of it.
        draws: How often.
        seed: Of the draws.

    Returns:
        float64 (draws,), without draws that hold none of the labels.
    """
    _, group = np.unique(pairs.group, return_inverse=True)
    n_labels, n_groups = len(pairs.labels), int(group.max()) + 1
    tables = [
        _tables(pairs.label, pairs.predicted_labels(probs), group, n_labels)
        for probs in (pairs.old, pairs.new)
    ]
    rng = np.random.default_rng(seed)
    found: list[NDArray[np.float64]] = []
    for start in range(0, draws, 100):  # a hundred at a time: bounds the memory
        times = rng.multinomial(
            n_groups, np.full(n_groups, 1 / n_groups), size=min(100, draws - start)
        )
        old, new = (_f1(*(times @ t for t in table))[:, [*scored]] for table in tables)
        held = ~np.isnan(old).all(axis=1)
        found.append(np.nanmean((new - old)[held], axis=1))
    return np.concatenate(found)


def calibration_error(pairs: PairedCells, probs: NDArray[np.float32]) -> float:
    """Return how far confidence and share of right cells are apart, in [0, 1]; NaN for no cells.

    Bins hold about equal numbers of cells, so that a few cells make no error of their own.

    Args:
        pairs: The cells.
        probs: float32 (n, k), ``pairs.old`` or ``pairs.new``.
    """
    if not pairs.n:
        return float("nan")
    predicted = pairs.predicted_labels(probs)
    single = np.eye(len(pairs.classes), dtype=np.bool_)[probs.argmax(axis=1)]
    table = np.concatenate([pairs.leaves, np.zeros_like(single[:1])])  # the last row is −1's
    said = np.where((predicted >= 0)[:, None], table[predicted], single)
    confidence = np.minimum((probs * said).sum(axis=1), 1.0)
    right = (predicted == pairs.label).astype(np.float64)
    bins = int(np.clip(pairs.n // CELLS_PER_BIN, 1, MAX_BINS))
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    bin_of = np.searchsorted(edges, confidence, side="right")  # equals share a bin
    gaps = np.bincount(bin_of, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / pairs.n)


def _tables(
    label: NDArray[np.int64],
    predicted: NDArray[np.int64],
    group: NDArray[np.int64],
    n_labels: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count right, missed and wrongly predicted cells, each int64 (groups, labels)."""
    n_groups = int(group.max()) + 1 if len(group) else 1

    def count(rows: NDArray[np.bool_], names: NDArray[np.int64]) -> NDArray[np.int64]:
        site = group[rows] * n_labels + names[rows]
        flat = np.bincount(site, minlength=n_groups * n_labels)
        return flat.reshape(n_groups, n_labels).astype(np.int64)

    right = predicted == label
    return count(right, label), count(~right, label), count(~right & (predicted >= 0), predicted)


def _f1(
    right: NDArray[np.int64], missed: NDArray[np.int64], wrong: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return F1, NaN where no cell carries the label."""
    total = (2 * right + missed + wrong).astype(np.float64)
    f1 = np.divide(2.0 * right, total, out=np.zeros(total.shape), where=total > 0)
    return np.where(right + missed > 0, f1, np.nan)
