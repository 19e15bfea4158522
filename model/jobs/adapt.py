"""Adapt: refit the head to a site's own labels in seconds, with numpy and scipy alone.

The backbone stays as it is. The new head minimises

    s · mean over local cells of w · ce  +  (1 - s) · mean over replayed cells of v · ce
        + λ / 2 · ‖W - W₀‖²

over standardised embeddings, from the head W₀ that was shipped: the pull towards it is what makes
ten labels safe, the replayed cells (`model.jobs.replay_memory`) are what keeps the other sites. ce
is the
marginal cross-entropy of `model.losses`, so a label may stand at any depth of the class tree.

The temperature follows the local labels only as far as they are many. It is taken from predictions
of local cells by heads that did not see them: what a head says of its own cells is too sure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.hierarchy import leaf_mask
from model.network.head import Head
from model.uncertainty.calibration import row_softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.jobs.replay_memory import Replay

LOCAL_SHARE: Final = 0.3  # s; with 0.5 other sites lost more than a point in every fifth trial
PULL: Final = 0.1 / 1280  # λ for each feature: the more there are, the further a step reaches
ITERATIONS: Final = 60
CLASS_POWER: Final = 0.5  # a class of n local cells has a say of n ** this in all
FOLDS: Final = 5
TEMPERATURE_CELLS: Final = 30  # as many say as much about the temperature as the shipped model
RANGE: Final = (0.5, 5.0)  # of the new temperature over the shipped one
LEAST: Final = 1e-12


@dataclass(frozen=True)
class LocalCells:
    """A site's labelled cells.

    Attributes:
        embedding: float32 (n, d), of the backbone that the head belongs to.
        labels: n leaf or parent names.
        weight: float64 (n,), > 0, how much each label is believed: 1 for a cell looked at alone.
        group: int64 (n,), cells of one group never stand on both sides of a split.
    """

    embedding: NDArray[np.float32]
    labels: tuple[str, ...]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            ValueError: they do not, or a weight is not positive.
        """
        n = len(self.labels)
        if self.embedding.shape[:1] != (n,) or self.weight.shape != (n,):
            raise ValueError("embeddings, labels and weights of the local cells differ in number")
        if self.group.shape != (n,) or not (self.weight > 0).all():
            raise ValueError("each local cell needs a group and a weight above 0")

    def rows(self, chosen: NDArray[np.bool_]) -> LocalCells:
        """Return the cells chosen by bool (n,)."""
        index = np.flatnonzero(chosen)
        return LocalCells(
            self.embedding[index],
            tuple(self.labels[row] for row in index),
            self.weight[index],
            self.group[index],
        )


class HeadFit:
    """Refits one head beside one replay memory, as often as wanted.

    Args:
        base: the head to start from and to stay near.
        replay: of the same backbone.

    Raises:
        ValueError: head and memory come from different backbones.
    """

    def __init__(self, base: Head, replay: Replay) -> None:
        remembered = replay.embedding.astype(np.float32)
        if remembered.shape[1] != base.weight.shape[1]:
            raise ValueError("head and replay memory come from different backbones")
        self.base = base
        self._mean = remembered.mean(axis=0)
        self._spread = remembered.std(axis=0) + np.float32(1e-3)
        self._start = np.column_stack(
            [base.weight * self._spread, base.bias + base.weight @ self._mean]
        ).astype(np.float64)  # (k, d + 1)
        self._cells = self._standard(remembered)
        self._target = leaf_mask(replay.label_names, classes=base.classes)
        kinds = list(zip(replay.domain.tolist(), replay.label.tolist(), strict=True))
        self._say = (1.0 - LOCAL_SHARE) * _even_say(kinds)

    def refit(self, local: LocalCells) -> Head:
        """Return the head for a site, at the base's temperature.

        Args:
            local: at least one labelled cell; labels must be leaves or parents of the base.

        Raises:
            ValueError: there is no local cell, or the embeddings have another width.
            KeyError: a label is none of the class tree.
        """
        from scipy.optimize import minimize

        if not len(local.labels):
            raise ValueError("there is no labelled cell to adapt to")
        if local.embedding.shape[1] != len(self._mean):
            raise ValueError("head and local cells come from different backbones")
        cells = np.concatenate([self._standard(local.embedding), self._cells])  # (n, d + 1)
        target = np.concatenate(
            [leaf_mask(local.labels, classes=self.base.classes), self._target]
        )  # (n, k)
        pull = PULL * len(self._mean)
        say = np.concatenate([LOCAL_SHARE * _local_say(local), self._say])

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            head = flat.reshape(self._start.shape)
            value, slope = _cross_entropy(cells, target, say, head)
            apart = head - self._start
            value += 0.5 * pull * float((apart**2).sum())
            return value, (slope + pull * apart).ravel()

        start = self._start.ravel()
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
        head = found.x.reshape(self._start.shape)
        weight = head[:, :-1] / self._spread
        bias = head[:, -1] - weight @ self._mean
        return Head(
            weight.astype(np.float32),
            bias.astype(np.float32),
            self.base.temperature,
            self.base.classes,
        )

    def out_of_fold_logits(self, local: LocalCells) -> NDArray[np.float32]:
        """Logits of each local cell by a head refitted without its fold: float32 (n, k).

        Groups stay together. With a single group there is nothing to hold out: the logits are
        the base head's own.
        """
        logits = self.base.logits(local.embedding)
        fold = grouped_folds(local.group, folds=FOLDS)
        if fold.max(initial=0) == 0:
            return logits
        for number in range(int(fold.max()) + 1):
            held = fold == number
            logits[held] = self.refit(local.rows(~held)).logits(local.embedding[held])
        return logits

    def _standard(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standardise float32 (n, d) and append a column of ones: float32 (n, d + 1)."""
        ones = np.ones((len(embedding), 1), np.float32)
        return np.concatenate([(embedding - self._mean) / self._spread, ones], axis=1)


def adapt_head(fit: HeadFit, local: LocalCells) -> Head:
    """Refit a head to a site, with a temperature of its own.

    Args:
        fit: of the head that was shipped and its memory.
        local: at least one labelled cell.

    Raises:
        ValueError, KeyError: as `HeadFit.refit`.
    """
    out_of_fold = fit.out_of_fold_logits(local)
    return replace(
        fit.refit(local), temperature=site_temperature(fit.base, local, logits=out_of_fold)
    )


def site_temperature(base: Head, local: LocalCells, *, logits: NDArray[np.float32]) -> float:
    """Return the temperature that suits a site, near the base's while labels are few.

    Args:
        base: gives the temperature to start from.
        local: the labelled cells.
        logits: float32 (n, k), of heads that did not see the cell.
    """
    from scipy.optimize import minimize_scalar

    scores = logits.astype(np.float64) / base.temperature
    target = leaf_mask(local.labels, classes=base.classes)
    weight = local.weight / local.weight.mean()

    def loss(log_factor: float) -> float:
        right = (row_softmax(scores / np.exp(log_factor)) * target).sum(axis=1)
        fit = -float(weight @ np.log(np.maximum(right, LEAST)))
        return fit + TEMPERATURE_CELLS * log_factor**2

    low, high = (float(np.log(value)) for value in RANGE)
    factor = float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))
    return base.temperature * factor


def grouped_folds(group: NDArray[np.int64], *, folds: int) -> NDArray[np.int64]:
    """Spread groups over folds, the largest first into the smallest fold: int64 (n,).

    Args:
        group: int64 (n,).
        folds: at most so many; fewer where there are fewer groups.
    """
    names, index, sizes = np.unique(group, return_inverse=True, return_counts=True)
    filled = np.zeros(min(folds, max(len(names), 1)), np.int64)
    fold_of = np.zeros(len(names), np.int64)
    for name in np.argsort(-sizes, kind="stable"):
        fold_of[name] = int(np.argmin(filled))
        filled[fold_of[name]] += sizes[name]
    return np.asarray(fold_of[index], np.int64)


def _cross_entropy(
    cells: NDArray[np.float32],
    target: NDArray[np.bool_],
    say: NDArray[np.float64],
    head: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Weighted marginal cross-entropy and its slope, float64 like `head` (k, d + 1).

    Args:
        cells: float32 (n, d + 1).
        target: bool (n, k).
        say: float64 (n,), the share of each cell.
        head: float64 (k, d + 1).
    """
    probs = row_softmax((cells @ head.T.astype(np.float32)).astype(np.float64))  # (n, k)
    right = np.maximum((probs * target).sum(axis=1), LEAST)  # (n,)
    pull = say[:, None] * (probs - probs * target / right[:, None])
    slope = pull.astype(np.float32).T @ cells
    return -float(say @ np.log(right)), slope.astype(np.float64)


def _local_say(local: LocalCells) -> NDArray[np.float64]:
    """Share of each local cell, float64 (n,), sums to 1: rare classes count for more."""
    counts = Counter(local.labels)
    even = np.array([counts[label] ** (CLASS_POWER - 1.0) for label in local.labels])
    say = even * local.weight
    return np.asarray(say / say.sum(), np.float64)


def _even_say(kinds: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Share of each replayed cell, float64 (n,), sums to 1: every (domain, label) counts alike."""
    counts = Counter(kinds)
    say = np.array([1.0 / counts[kind] for kind in kinds])
    return np.asarray(say / say.sum(), np.float64)
