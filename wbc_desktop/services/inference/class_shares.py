"""Expected shares of a patient's classes, from the probabilities that the models stored.

Only the model that gave the probabilities knows the shares they were calibrated under. A patient's
cells may carry those of several models: what a person labelled keeps what that person saw when
another model is promoted. Each model estimates the shares of its own cells, and the estimates are
put together by the number of cells. Cells of a model that is not here any more are left out. A
model is opened when it is first needed; where it is damaged there are no estimates from it, but
exports go on.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.inference.predictor import Predictor
from wbc_desktop.domain.cells.expected_shares import MIN_CELLS, expected_percents
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.models.registry import open_model
from wbc_desktop.store.workspace import Workspace


class ClassShareEstimator:
    """Estimates expected shares.

    Args:
        workspace: Knows the models; only read.
        taxonomy: The classes.
    """

    def __init__(self, workspace: Workspace, taxonomy: Taxonomy) -> None:
        self._workspace = workspace
        self._taxonomy = taxonomy
        self._opened: dict[str, Predictor | None] = {}

    def percents(
        self, probs: Mapping[str, Sequence[NDArray[np.float32]]]
    ) -> Mapping[str, float] | None:
        """Return the expected percent of each class among the counted leukocytes.

        Args:
            probs: Stored probabilities of each cell, float32 (k,), by the digest of their model.

        Returns:
            By class id, or None where the models at hand have seen too few of the cells.
        """
        if sum(map(len, probs.values())) < MIN_CELLS:
            return None
        found = [
            (len(rows), predictor.expected_shares(np.stack(rows)))
            for sha256, rows in probs.items()
            if rows and (predictor := self._predictor(sha256)) is not None
        ]
        n = sum(cells for cells, _ in found)
        if n < MIN_CELLS:
            return None
        shares = np.sum([cells / n * shares for cells, shares in found], axis=0)
        return expected_percents(shares, self._taxonomy)

    def _predictor(self, sha256: str) -> Predictor | None:
        if sha256 not in self._opened:
            try:
                self._opened[sha256] = open_model(self._workspace, sha256, self._taxonomy)
            except UserError:
                self._opened[sha256] = None
        return self._opened[sha256]
