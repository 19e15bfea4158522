"""Adapt: refit the head to a site's own labels in seconds, with numpy and scipy alone.

The backbone stays as it is. The new head minimises

    s · mean over local cells of w · ce  +  (1 - s) · mean over replayed cells of v · ce
        + λ / 2 · ‖W - W₀‖²

over standardised embeddings, from the head W₀ that was shipped: the L2 penalty towards it is what
makes ten labels safe, the replayed cells (`model.artifacts.replay_memory`) are what keeps the other
sites. ce is the marginal cross-entropy of `model.losses`, so a label may stand at any depth of the
class tree. It is written in numpy here, and not taken from there, because torch takes longer to
load than a head to fit; a head is fitted from nothing in `model.network.head_fit`.

The temperature follows the local labels only as far as they are many. It is taken from predictions
of local cells by heads that did not see them: what a head says of its own cells is too sure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.hierarchy import leaf_mask
from model.network.head import Head, softmax

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.artifacts.replay_memory import Replay

LOCAL_SHARE: Final = 0.3  # s; with 0.5 other sites lost more than a point in every fifth trial
L2_PER_FEATURE: Final = (
    0.1 / 1280
)  # λ for each feature: the more there are, the further a step reaches
ITERATIONS: Final = 60
CLASS_POWER: Final = 0.5  # the weights of a class of n local cells sum to n ** this
FOLDS: Final = 5
TEMPERATURE_CELLS: Final = 30  # as many say as much about the temperature as the shipped model
TEMPERATURE_FACTOR: Final = (0.5, 5.0)  # of the new temperature over the shipped one
LEAST_PROBABILITY: Final = 1e-12


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


class HeadRefit:
    """Refits one head beside one replay memory, as often as wanted.

    Args:
        base: the head to start from and to stay near.
        replay: of the same backbone.

    Raises:
        ValueError: head and memory come from different backbones.
    """

    def __init__(self, base: Head, replay: Replay) -> None:
        replayed = replay.embedding.astype(np.float32)
        if replayed.shape[1] != base.weight.shape[1]:
            raise ValueError("head and replay memory come from different backbones")
        self.base = base
        self._mean = replayed.mean(axis=0)
        self._spread = replayed.std(axis=0) + np.float32(1e-3)
        self._start = np.column_stack(
            [base.weight * self._spread, base.bias + base.weight @ self._mean]
        ).astype(np.float64)  # (k, d + 1)
        self._cells = self._standard(replayed)
        self._target = leaf_mask(replay.label_names, classes=base.classes)
        kinds = list(zip(replay.domain.tolist(), replay.label.tolist(), strict=True))
        self._replay_weight = (1.0 - LOCAL_SHARE) * balanced_weights(kinds)

    def fit(self, local: LocalCells) -> Head:
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
        l2 = L2_PER_FEATURE * len(self._mean)
        weight_of_cell = np.concatenate([LOCAL_SHARE * _local_weights(local), self._replay_weight])

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            head = flat.reshape(self._start.shape)
            value, gradient = _cross_entropy(cells, target, weight_of_cell, head)
            change = head - self._start
            value += 0.5 * l2 * float((change**2).sum())
            return value, (gradient + l2 * change).ravel()

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

    def _standard(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standardise float32 (n, d) and append a column of ones: float32 (n, d + 1)."""
        ones = np.ones((len(embedding), 1), np.float32)
        return np.concatenate([(embedding - self._mean) / self._spread, ones], axis=1)


@dataclass(frozen=True)
class AdaptedHead:
    """A head fitted on some cells, and what heads that did not learn from them say of cells.

    Attributes:
        head: fitted on all cells that train, at the site's temperature.
        probs: float32 (n, k), of every cell, by a head that did not see its group.
    """

    head: Head
    probs: NDArray[np.float32]


def adapt_head(
    refit: HeadRefit,
    local: LocalCells,
    *,
    trains: NDArray[np.bool_],
    fold: NDArray[np.int64],
    before_fit: Callable[[], None] = lambda: None,
) -> AdaptedHead:
    """Fit a head to a site, and for every fold one that did not see it.

    Args:
        refit: of the base head.
        local: the labelled cells.
        trains: bool (n,), which of them train; at least one.
        fold: int64 (n,), groups whole (`grouped_folds`).
        before_fit: called before each fit.
    """
    head, logits = cross_fit(refit, local, trains=trains, fold=fold, before_fit=before_fit)
    temperature, probs = cross_fit_temperature(
        head, local, base=refit.base, trains=trains, fold=fold, logits=logits
    )
    return AdaptedHead(replace(head, temperature=temperature), probs)


def cross_fit(
    refit: HeadRefit,
    local: LocalCells,
    *,
    trains: NDArray[np.bool_],
    fold: NDArray[np.int64],
    before_fit: Callable[[], None] = lambda: None,
) -> tuple[Head, NDArray[np.float32]]:
    """Fit a head on some cells, and ask for each cell one that learned from none of its group.

    With a single group there is nothing to fit on: the logits are the base head's own.

    Returns:
        The head, at the base's temperature, and float32 (n, k) logits.
    """
    before_fit()
    head = refit.fit(local.rows(trains))
    logits = head.logits(local.embedding)
    never_trained = ~np.isin(local.group, local.group[trains])  # the head saw none of their group
    for number in np.unique(fold[trains]):
        before_fit()
        out, rest = (fold == number) & ~never_trained, trains & (fold != number)
        without = refit.fit(local.rows(rest)) if rest.any() else refit.base
        logits[out] = without.logits(local.embedding[out])
    return head, logits


def cross_fit_temperature(
    head: Head,
    local: LocalCells,
    *,
    base: Head,
    trains: NDArray[np.bool_],
    fold: NDArray[np.int64],
    logits: NDArray[np.float32],
) -> tuple[float, NDArray[np.float32]]:
    """Fit the temperature of a site, and for every fold one on which its cells had no influence.

    Args:
        head: of the site.
        local: the labelled cells.
        base: gives the temperature to start from.
        trains: bool (n,), cells that the temperature is fitted on.
        fold: int64 (n,).
        logits: float32 (n, k), of heads that did not see the cell's group.

    Returns:
        The temperature, and probabilities float32 (n, k) of each cell at that of its fold.
    """

    def fitted(rows: NDArray[np.bool_]) -> float:
        if not rows.any():
            return base.temperature
        return site_temperature(base, local.rows(rows), logits=logits[rows])

    temperature = fitted(trains)
    probs = replace(head, temperature=temperature).probabilities(logits)
    for number in np.unique(fold[trains]):
        out = fold == number
        probs[out] = replace(head, temperature=fitted(trains & ~out)).probabilities(logits[out])
    return temperature, probs


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
        right = (softmax(scores / np.exp(log_factor)) * target).sum(axis=1)
        fit = -float(weight @ np.log(np.maximum(right, LEAST_PROBABILITY)))
        return fit + TEMPERATURE_CELLS * log_factor**2

    low, high = (float(np.log(value)) for value in TEMPERATURE_FACTOR)
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
    weight: NDArray[np.float64],
    head: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Weighted marginal cross-entropy and its gradient, float64 like `head` (k, d + 1).

    Args:
        cells: float32 (n, d + 1).
        target: bool (n, k).
        weight: float64 (n,), of each cell.
        head: float64 (k, d + 1).
    """
    probs = softmax((cells @ head.T.astype(np.float32)).astype(np.float64))  # (n, k)
    right = np.maximum((probs * target).sum(axis=1), LEAST_PROBABILITY)  # (n,)
    by_logit = weight[:, None] * (probs - probs * target / right[:, None])  # (n, k)
    gradient = by_logit.astype(np.float32).T @ cells  # (k, d + 1)
    return -float(weight @ np.log(right)), gradient.astype(np.float64)


def balanced_weights(kinds: Sequence[object], *, power: float = 0.0) -> NDArray[np.float64]:
    """Weight each cell so that a kind of n cells counts as n ** power: float64 (n,), sums to 1."""
    counts = Counter(kinds)
    weight = np.array([counts[kind] ** (power - 1.0) for kind in kinds])
    return np.asarray(weight / weight.sum(), np.float64)


def _local_weights(local: LocalCells) -> NDArray[np.float64]:
    """Weight of each local cell, float64 (n,), sums to 1: rare classes count for more."""
    weight = balanced_weights(local.labels, power=CLASS_POWER) * local.weight
    return np.asarray(weight / weight.sum(), np.float64)
