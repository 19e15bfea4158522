"""Expected shares of a patient's classes, from the probabilities that the shipped model stored.

Only the model that gave the probabilities knows the shares they were calibrated under, so cells of
another model are left out. The model is opened when the first estimate is asked for; where it is
missing there are no estimates, but exports go on.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.infer import Predictor
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.expected import MIN_CELLS, expected_percents
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.services.inference import open_predictor


class Expectation:
    """Estimates expected shares.

    Args:
        taxonomy: The classes.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def percents(
        self, probs: Mapping[str, Sequence[NDArray[np.float32]]]
    ) -> Mapping[str, float] | None:
        """Return the expected percent of each class among the counted leukocytes.

        Args:
            probs: Stored probabilities of each cell, float32 (k,), by the digest of their model.

        Returns:
            By class id, or None where the shipped model has seen too few of the cells.
        """
        if not any(len(rows) >= MIN_CELLS for rows in probs.values()) or self._predictor is None:
            return None
        rows = probs.get(self._predictor.model_sha256, ())
        if len(rows) < MIN_CELLS:
            return None
        return expected_percents(self._predictor.expected_shares(np.stack(rows)), self._taxonomy)

    @cached_property
    def _predictor(self) -> Predictor | None:
        try:
            return open_predictor(self._taxonomy)
        except UserError:
            return None
