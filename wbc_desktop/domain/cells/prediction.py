"""What the model says of a cell: probabilities over the leaves, and the class that follows.

The network predicts leaves only. A parent's probability is the sum of its leaves, so a neutrophil
that could be segmented or band is still surely a neutrophil. To change how a class follows from
the probabilities, change ``decide`` and nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import Taxonomy

SCALE_FAILED = 2  # ``scale_source`` where the estimate of a crop's scale failed
SURE = 0.5  # a leaf below this gives way to its parent, if the parent reaches it


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictionBatch:
    """What one model said of some cells.

    Attributes:
        model_id: Name of the model.
        model_sha256: Lower-case hex digest that identifies its files.
        cell_ids: Row ids of the cells, n of them.
        probs: float32 (n, k), over the taxonomy's leaves in order; rows sum to 1.
        scale_source: uint8 (n,): 0 known µm per pixel, 1 estimated, 2 the estimate failed.
        pred_set: bool (n, k): the leaf cannot be ruled out; at least one in each row.
        ood_score: float32 (n,) in [0, 1]: share of the training sites' cells that are more usual.
        appearance: float32 (n, m): the model's measures of stain, scale and sharpness.
    """

    model_id: str
    model_sha256: str
    cell_ids: tuple[int, ...]
    probs: NDArray[np.float32]
    scale_source: NDArray[np.uint8]
    pred_set: NDArray[np.bool_]
    ood_score: NDArray[np.float32]
    appearance: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        n = len(self.cell_ids)
        tables = (self.probs, self.pred_set, self.appearance)
        columns = (self.scale_source, self.ood_score)
        fits = (
            all(table.ndim == 2 and len(table) == n for table in tables)
            and all(column.shape == (n,) for column in columns)
            and self.pred_set.shape == self.probs.shape
        )
        if not fits:
            shapes = ", ".join(str(array.shape) for array in (*tables, *columns))
            raise ValueError(f"{n} cells, arrays {shapes}")


def parent_probs(probs: NDArray[np.float32], taxonomy: Taxonomy) -> dict[str, NDArray[np.float32]]:
    """Return the probability of each parent: the sum over its leaves.

    Args:
        probs: float32 (n, k), over the leaves in taxonomy order.
        taxonomy: The classes.

    Returns:
        float32 (n,) by the parent's id.
    """
    column = {leaf: i for i, leaf in enumerate(taxonomy.leaves)}
    return {
        parent: probs[:, [column[leaf] for leaf in taxonomy.leaves_of(parent)]].sum(axis=1)
        for parent in taxonomy.parents()
    }


def decide(
    probs: NDArray[np.float32], taxonomy: Taxonomy
) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Choose a class for each cell: the best leaf, or the parent where no leaf is sure.

    Args:
        probs: float32 (n, k), over the leaves in taxonomy order.
        taxonomy: The classes.

    Returns:
        Ordinals in ``taxonomy.classes``, int16 (n,), and the probability of what was chosen,
        float32 (n,) in [0, 1].

    Raises:
        ValueError: If there is not one column for each leaf.
    """
    if probs.ndim != 2 or probs.shape[1] != len(taxonomy.leaves):
        raise ValueError(f"probs {probs.shape} for {len(taxonomy.leaves)} leaves")
    best = probs.argmax(axis=1)
    prob = probs.max(axis=1) if len(probs) else np.zeros(0, np.float32)
    leaf_ordinals = np.array([taxonomy.ordinals[leaf] for leaf in taxonomy.leaves], np.int16)
    ordinals = leaf_ordinals[best]
    for parent, summed in parent_probs(probs, taxonomy).items():
        unsure = (prob < SURE) & (summed >= SURE)  # one parent at the most can be this likely
        ordinals[unsure] = taxonomy.ordinals[parent]
        prob = np.where(unsure, summed, prob)
    # Float32 sums of a softmax may pass 1 by a rounding error.
    return ordinals, np.minimum(prob, 1.0).astype(np.float32)


def margin(probs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much the best leaf leads the second, float32 (n,) in [0, 1].

    Args:
        probs: float32 (n, k) with k ≥ 2.
    """
    top = np.partition(probs, -2, axis=1)[:, -2:]  # (n, 2): second, best
    return top[:, 1] - top[:, 0]


def entropy(probs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how spread the probabilities are, float32 (n,): 0 = one leaf, 1 = all alike.

    Args:
        probs: float32 (n, k) with k ≥ 2.
    """
    logs = np.log(probs, out=np.zeros_like(probs), where=probs > 0)
    spread = -(probs * logs).sum(axis=1) / np.log(probs.shape[1])
    # Rounding may leave the bounds by a hair, and −0 would not sort as 0.
    kept: NDArray[np.float32] = np.clip(spread, 0.0, 1.0).astype(np.float32) + np.float32(0)
    return kept


def counting(ordinals: NDArray[np.int16], taxonomy: Taxonomy) -> NDArray[np.int16]:
    """Return the classes that cells count as, where the workspace has merged some.

    Args:
        ordinals: int16 (n,), what the model chose; no −1 among them.
        taxonomy: The classes.
    """
    ends = [taxonomy.counting_ordinals[c.id] for c in taxonomy.classes]
    return np.array(ends, np.int16)[ordinals]
