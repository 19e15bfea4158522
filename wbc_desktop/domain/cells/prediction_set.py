"""Prediction sets: the leaves that cannot be ruled out for a cell, kept as one number.

Bit i of the number stands for leaf i of the taxonomy. The model's sets hold the true class of 90 in
100 cells like its training cells (conformal prediction) and are never empty, so that 0 can mean
that there is none yet.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import Taxonomy

NO_SET = 0
UNUSUAL = float(np.float32(0.99))  # scores are float32: 0.99 itself must not pass
"""A cell with a greater OOD score lies farther out than 99 of 100 cells of the training sites."""


def pack(sets: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return each set as a number, uint32 (n,).

    Args:
        sets: bool (n, k), one column for each leaf in taxonomy order, k ≤ 32.

    Raises:
        ValueError: If there are more leaves than bits.
    """
    if sets.ndim != 2 or sets.shape[1] > 32:
        raise ValueError(f"sets {sets.shape} do not fit into 32 bits")
    bits = np.uint32(1) << np.arange(sets.shape[1], dtype=np.uint32)
    packed: NDArray[np.uint32] = (sets * bits).sum(axis=1, dtype=np.uint32)
    return packed


def leaves_in(
    packed: int, taxonomy: Taxonomy, *, probs: Sequence[float] | None = None
) -> tuple[str, ...]:
    """Return the class ids in a set.

    Args:
        packed: The set; ``NO_SET`` gives no class.
        taxonomy: Its leaves are the bits, in order.
        probs: Probability of each leaf; with it the likeliest stands first.
    """
    places = [i for i in range(len(taxonomy.leaves)) if packed >> i & 1]
    if probs is not None:
        places.sort(key=lambda i: -probs[i])
    return tuple(taxonomy.leaves[i] for i in places)
