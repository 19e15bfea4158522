"""Evaluation: predictions against labels, domain by domain, at the depth each label has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from model.data.domains import RENDERED, labelled_leaves
from model.hierarchy import LEAVES, leaf_mask, leaves_of
from model.uncertainty.calibration import expected_calibration_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.data.crop_set import Record


def at_label_depth(leaf: str, label: str, labels: Sequence[str]) -> str:
    """Name a predicted leaf in the words of a data set.

    The label itself where the leaf is one of its leaves; else the set's own label for that leaf;
    else the leaf, which the set does not know and which is an error there.

    Args:
        leaf: what was predicted.
        label: what the data set says.
        labels: all labels of the set.
    """
    if leaf in leaves_of(label):
        return label
    if leaf in labels:
        return leaf
    return next((name for name in labels if leaf in leaves_of(name)), leaf)


def f1_per_class(labels: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """F1 of each class that occurs among the labels; 0 where it was never right."""
    truth, guess = np.asarray(labels), np.asarray(predicted)
    scores = {}
    for name in sorted(set(labels)):
        right = int(np.sum((truth == name) & (guess == name)))
        wrong = int(np.sum((truth == name) != (guess == name)))
        scores[name] = 2.0 * right / (2.0 * right + wrong)
    return scores


def evaluate_domain(records: Sequence[Record], probs: NDArray[np.float32]) -> dict[str, Any]:
    """Score the predictions on one domain, with nothing masked, as the application predicts.

    Args:
        records: n crops of one domain.
        probs: float32 (n, k).

    Returns:
        JSON values: n; macro_f1 over the classes present, and over those with at least five
        crops; per class F1 and count; accuracy; ece; and foreign, the share of crops drawn to a
        leaf that the domain does not label.
    """
    labels = [record.label for record in records]
    names = sorted(set(labels))
    leaves = [LEAVES[column] for column in probs.argmax(axis=1)]
    predicted = [
        at_label_depth(leaf, label, names) for leaf, label in zip(leaves, labels, strict=True)
    ]
    f1 = f1_per_class(labels, predicted)
    count = {name: labels.count(name) for name in names}
    correct = np.array([guess == label for guess, label in zip(predicted, labels, strict=True)])
    known = labelled_leaves(names)
    return {
        "n": len(records),
        "macro_f1": rounded(np.mean([f1[name] for name in names])),
        "macro_f1_from_5": rounded(mean([f1[name] for name in names if count[name] >= 5])),
        "accuracy": rounded(correct.mean()),
        "ece": rounded(expected_calibration_error(confidence(probs, predicted), correct)),
        "foreign": rounded(np.mean([leaf not in known for leaf in leaves])),
        "classes": {name: {"f1": rounded(f1[name]), "n": count[name]} for name in names},
    }


def confidence(probs: NDArray[np.float32], predicted: Sequence[str]) -> NDArray[np.float32]:
    """Probability of each named prediction, a parent's being the sum of its leaves: (n,)."""
    summed: NDArray[np.float32] = (probs * leaf_mask(predicted)).sum(axis=1)
    return np.minimum(summed, 1.0)


def evaluate(records: Sequence[Record], probs: NDArray[np.float32]) -> dict[str, dict[str, Any]]:
    """Score every domain on its own; see `evaluate_domain`."""
    domains = np.array([record.domain for record in records])
    return {
        domain: evaluate_domain(
            [record for record in records if record.domain == domain], probs[domains == domain]
        )
        for domain in sorted(set(domains.tolist()))
    }


def mean_real_macro_f1(metrics: dict[str, dict[str, Any]]) -> float:
    """Mean macro-F1 over the real domains."""
    return mean([m["macro_f1"] for domain, m in metrics.items() if domain != RENDERED])


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; NaN for none."""
    return float(np.mean(values)) if values else float("nan")


def rounded(value: float | np.floating) -> float | None:
    """Round to four places, enough for any of these figures; None, as JSON has no NaN."""
    return round(float(value), 4) if np.isfinite(value) else None
