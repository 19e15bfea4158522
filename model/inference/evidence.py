"""Evidence: which fields of the last feature map speak for a class, and which against it.

The embedding is the mean over the fields of the feature map and the head is linear, so the log odds
of a class against the rest are, to first order, a sum over the fields. The weights are those of the
head, seen from the class: what all classes have in common falls out, as it does in the softmax. A
class activation map, without a gradient and without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.network.head import softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.network.head import Head


def evidence_fields(
    features: NDArray[np.float32], head: Head, columns: Sequence[int]
) -> NDArray[np.float32]:
    """Return what each field of a feature map adds to the log odds of a class.

    Args:
        features: float32 (d, h, w), the last feature map of one crop.
        head: of the same model.
        columns: the class's leaves as columns of the head: one, or several for a parent; some
            column must be left out.

    Returns:
        float32 (h, w); the sum is the embedding times the gradient of the log odds.

    Raises:
        ValueError: `columns` is empty or names every class.
    """
    direction = log_odds_gradient(features.mean(axis=(1, 2)), head, columns)  # (d,)
    fields = np.einsum("d,dhw->hw", direction, features) / features[0].size
    result: NDArray[np.float32] = fields.astype(np.float32)
    return result


def log_odds_gradient(
    embedding: NDArray[np.float32], head: Head, columns: Sequence[int]
) -> NDArray[np.float64]:
    """Return how the log odds of a class change with the embedding, float64 (d,).

    Args:
        embedding: float32 (d,).
        head: a linear head.
        columns: as in `evidence_fields`.

    Raises:
        ValueError: `columns` is empty or names every class.
    """
    inside = np.zeros(len(head.classes), dtype=np.bool_)
    inside[list(columns)] = True
    if inside.all() or not inside.any():
        raise ValueError("a class needs some leaves of its own and some of others")
    logits = head.logits(embedding[None])[0].astype(np.float64) / head.temperature  # (k,)
    towards, away = (softmax(logits[part]) @ head.weight[part] for part in (inside, ~inside))
    return np.asarray((towards - away) / head.temperature, dtype=np.float64)
