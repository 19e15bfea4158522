"""The differential that the model expects: an estimate beside the counts, never in their place.

Counting the model's classes is biased wherever it is unsure, towards classes that were frequent
where it was calibrated. The model library estimates the shares of the leaves from all probabilities
together; here they become percent of the counted leukocytes, as a differential gives them.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import Taxonomy

MIN_CELLS = 20  # from fewer the estimate is mostly the shares of the training sites
_NOTHING = 1e-9


def expected_percents(shares: NDArray[np.float64], taxonomy: Taxonomy) -> Mapping[str, float]:
    """Return the expected percent of each leaf and parent by its id, merged ones left out.

    Args:
        shares: float64 (k,), of all cells, over the leaves in taxonomy order; sums to 1.
        taxonomy: The classes.

    Returns:
        Cells per 100 counted leukocytes, a parent's being the sum of its leaves'; nothing where
        no leukocyte is expected.

    Raises:
        ValueError: If there is not one share for each leaf.
    """
    if shares.shape != (len(taxonomy.leaves),):
        raise ValueError(f"shares {shares.shape} for {len(taxonomy.leaves)} leaves")
    by_class: dict[str, float] = {}
    for leaf, share in zip(taxonomy.leaves, shares.tolist(), strict=True):
        end = taxonomy.counted_as[leaf]
        by_class[end] = by_class.get(end, 0.0) + share
    total = sum(share for label, share in by_class.items() if taxonomy.by_id[label].counted)
    if total < _NOTHING:
        return {}
    own = {label: 100.0 * share / total for label, share in by_class.items()}
    sums = {
        parent: own.get(parent, 0.0) + sum(own.get(label, 0.0) for label in taxonomy.below(parent))
        for parent in taxonomy.parents()
    }
    return own | sums
