"""The scores of a method on a domain it has not seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.hierarchy import LEAVES, PARENTS, leaves_of
from model.training.evaluate import f1_per_class, rounded
from model.uncertainty.calibration import expected_calibration_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_CROPS: Final = 20  # of a class, for it to be scored
RESAMPLES: Final = 1000
MANY, FEW = 200, 60  # crops of a class in training: "many" above, "few" below


def at_depth_of(
    probs: NDArray[np.float32], classes: Sequence[str]
) -> tuple[list[str], NDArray[np.float32]]:
    """Sum leaves into the classes scored; every other leaf stays a class of its own.

    Nothing is masked: a lymphocyte called an erythroblast is an error.

    Args:
        probs: float32 (n, k), over the leaves.
        classes: leaves or parents, none inside another.

    Returns:
        The names of the columns, and float32 (n, columns).
    """
    covered = {leaf for name in classes for leaf in leaves_of(name)}
    names = [*classes, *(leaf for leaf in LEAVES if leaf not in covered)]
    columns = [probs[:, [LEAVES.index(leaf) for leaf in leaves_of(name)]] for name in names]
    return names, np.stack([column.sum(axis=1) for column in columns], axis=1)


def in_words_of(label: str, classes: Sequence[str]) -> str | None:
    """Return the scored class that a label belongs to; None where it is not scored."""
    if label in classes:
        return label
    return next((name for name in classes if name in PARENTS and label in PARENTS[name]), None)


def score(
    probs: NDArray[np.float32],
    labels: Sequence[str],
    classes: Sequence[str],
    *,
    trained: Counter[str],
    seed: int = 0,
) -> dict[str, Any]:
    """Score the crops of the classes that a protocol names.

    Args:
        probs: float32 (n, k), over the leaves.
        labels: n, leaves or parents.
        classes: those scored, where there are at least `LEAST_CROPS`.
        trained: how many crops of each leaf were trained on, for the groups by count.
        seed: of the bootstrap.

    Returns:
        JSON values: n, macro_f1 with its 95 % bootstrap interval, macro_f1_all_cells (crops of all
        other classes too, false where they are called one that is scored), balanced_accuracy,
        worst_class, f1 per class, f1 of the classes with many, some and few crops in training, ece.
    """
    words = [in_words_of(label, classes) for label in labels]
    tally = Counter(words)
    scored = [name for name in classes if tally[name] >= LEAST_CROPS]
    kept = np.array([word in scored for word in words])
    names, summed = at_depth_of(probs, classes)
    every_guess = np.array(names)[summed.argmax(axis=1)]
    truth, guess = np.array([str(word) for word in words])[kept], every_guess[kept]
    summed = summed[kept]
    f1 = f1_per_class(truth.tolist(), guess.tolist())
    groups: dict[str, list[float]] = {"many": [], "median": [], "few": []}
    for name in scored:
        count = sum(trained[leaf] for leaf in leaves_of(name))
        groups["many" if count > MANY else "few" if count < FEW else "median"].append(f1[name])
    recall = [float(np.mean(guess[truth == name] == name)) for name in scored]
    return {
        "n": int(kept.sum()),
        "macro_f1": rounded(np.mean(list(f1.values()))),
        "macro_f1_all_cells": rounded(f1_among_all(words, every_guess, scored)),
        "interval": interval(truth, guess, seed=seed),
        "balanced_accuracy": rounded(np.mean(recall)),
        "worst_class": min(f1, key=lambda name: f1[name]),
        "f1": {name: rounded(value) for name, value in f1.items()},
        "by_count": {name: rounded(np.mean(v)) for name, v in groups.items() if v},
        "ece": rounded(
            expected_calibration_error(np.minimum(summed.max(axis=1), 1.0), guess == truth)
        ),
    }


def f1_among_all(
    words: Sequence[str | None], guess: NDArray[np.str_], scored: Sequence[str]
) -> float:
    """Macro-F1 of the scored classes among all crops, those of other classes too."""
    truth = np.array([str(word) for word in words])
    return float(
        np.mean(
            [
                2.0
                * np.sum((guess == name) & (truth == name))
                / (np.sum(guess == name) + np.sum(truth == name))
                for name in scored
            ]
        )
    )


def interval(truth: NDArray[np.str_], guess: NDArray[np.str_], *, seed: int) -> list[float | None]:
    """Return the 95 % bootstrap interval of macro-F1, crops drawn again within each class."""
    rng = np.random.default_rng(seed)
    names = sorted(set(truth.tolist()))
    rows = {name: np.flatnonzero(truth == name) for name in names}
    drawn = np.concatenate(
        [rng.choice(rows[name], size=(RESAMPLES, len(rows[name]))) for name in names], axis=1
    )  # (resamples, n)
    labels, guesses = truth[drawn], guess[drawn]
    f1 = [
        2.0
        * ((labels == name) & (guesses == name)).sum(axis=1)
        / ((labels == name).sum(axis=1) + (guesses == name).sum(axis=1))
        for name in names
    ]
    low, high = np.percentile(np.mean(f1, axis=0), [2.5, 97.5])
    return [rounded(low), rounded(high)]
