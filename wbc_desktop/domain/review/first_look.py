"""A survey: a few cells that show how a model sees a site, taken before its doubt is trusted.

On cells of a stain it has not met, a model may be fairly sure and wrong. The most doubtful cells
are then of one kind, the oddest, and labels of these alone teach it little. So the first cells
looked at are of every class it names: in turn the surest and the least sure of the cells that need
a look at all (docs/benchmarks.md).
"""

import numpy as np
from numpy.typing import NDArray

SURVEYED = 25
"""Cells reviewed in a workspace from which on the doubt alone leads."""


def survey(predicted: NDArray[np.int16], *, n: int) -> NDArray[np.intp]:
    """Return the places of the cells to look at first, int (min(n, m),), each once.

    Within a predicted class the surest cell comes first, then the most doubtful, then the next
    surest, and so on. A class of k cells has √k turns for each turn that a class of one
    cell has: more of what is frequent, without forgetting what is rare. Of cells that are due at
    the same time the more doubtful goes first. O(m) for each class.

    Args:
        predicted: int16 (m,), ordinals of the classes that the model chose, of the most doubtful
            cell first.
        n: How many cells, ≥ 0.
    """
    places, dues = [np.zeros(0, np.intp)], [np.zeros(0)]
    for kind in np.unique(predicted):
        own = np.flatnonzero(predicted == kind)
        behind = np.arange(len(own))  # cells of the class more doubtful
        turn = np.minimum(2 * behind + 1, 2 * behind[::-1])
        near = turn < n  # nothing else of the class can be among the first
        places.append(own[near])
        dues.append((turn[near] + 0.5) / np.sqrt(len(own)))
    place, due = np.concatenate(places), np.concatenate(dues)
    return np.asarray(place[np.lexsort((place, due))][:n], np.intp)
