"""The differential that the model expects: an estimate beside the counts, never in their place.

Counting the model's classes is biased wherever it is unsure, towards classes that were frequent
where it was calibrated. The model library estimates the shares of the leaves from all probabilities
together; here they become percent of the counted leukocytes, as a differential gives them.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy import Taxonomy

MIN_CELLS = 20  # from fewer the estimate is mostly the shares of the training sites
_NOTHING = 1e-9


def expected_percents(shares: NDArray[np.float64], taxonomy: Taxonomy) -> Mapping[str, float]:
    """Return the expected percent of each leaf and parent by its id.

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
    by_leaf = dict(zip(taxonomy.leaves, shares.tolist(), strict=True))
    total = sum(share for leaf, share in by_leaf.items() if taxonomy.by_id[leaf].counted)
    if total < _NOTHING:
        return {}
    percents = {leaf: 100.0 * share / total for leaf, share in by_leaf.items()}
    for parent in taxonomy.parents():
        percents[parent] = sum(percents[leaf] for leaf in taxonomy.leaves_of(parent))
    return percents
