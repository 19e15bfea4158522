"""The class tree as the network sees it: which leaves there are and which of them a label means.

The network predicts leaves only. A data set that labels at parent depth ("neutrophil") trains by
the marginal likelihood over that parent's leaves, and a parent's probability is always the sum of
its leaves. The order of `LEAVES` is the order of every logit, probability and head row.

To add a leaf: append it to `LEAVES` (shipped heads carry their own class list, so an old model
keeps working), add it to its parent in `PARENTS` where it has one, and retrain.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

LEAVES: Final[tuple[str, ...]] = (
    "neutrophil_segmented",
    "neutrophil_band",
    "eosinophil",
    "basophil",
    "lymphocyte",
    "lymphocyte_reactive",
    "monocyte",
    "blast",
    "promyelocyte",
    "myelocyte",
    "metamyelocyte",
    "plasma_cell",
    "erythroblast",
    "smudge_cell",
    "platelet",
    "artefact",
)

PARENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "neutrophil": ("neutrophil_segmented", "neutrophil_band"),
        "immature_granulocyte": ("promyelocyte", "myelocyte", "metamyelocyte"),
    }
)


def leaves_of(label: str) -> tuple[str, ...]:
    """Return the leaves a label stands for: itself, or a parent's leaves.

    Raises:
        KeyError: the label is neither a leaf nor a parent of this tree.
    """
    if label in LEAVES:
        return (label,)
    return PARENTS[label]


def leaf_mask(labels: Sequence[str], *, classes: Sequence[str] = LEAVES) -> NDArray[np.bool_]:
    """Mark, for each label, the leaves it is compatible with.

    Args:
        labels: n leaf or parent names.
        classes: the k leaf names that give the columns.

    Returns:
        bool (n, k), at least one True per row.

    Raises:
        KeyError: a label is unknown, or none of its leaves is a column.
    """
    column = {name: index for index, name in enumerate(classes)}
    mask = np.zeros((len(labels), len(classes)), dtype=np.bool_)
    for row, label in enumerate(labels):
        mask[row, [column[leaf] for leaf in leaves_of(label)]] = True
    return mask


def parent_probability(
    probs: NDArray[np.floating], parent: str, *, classes: Sequence[str] = LEAVES
) -> NDArray[np.float32]:
    """Sum a parent's leaves.

    Args:
        probs: float (n, k), rows sum to 1.
        parent: a key of `PARENTS`.
        classes: the k leaf names that give the columns.

    Returns:
        float32 (n,), in 0..1.
    """
    columns = [list(classes).index(leaf) for leaf in PARENTS[parent]]
    return np.asarray(probs[:, columns].sum(axis=1), dtype=np.float32)
