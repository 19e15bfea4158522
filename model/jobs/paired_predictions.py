"""What old and new model say of the same cells, none of which the new one has learned from.

Two sets of cells. The *local* ones are the site's own, those held out or, where these are few, all
that trained, each predicted by a model that did not see it. The *base* ones are the part of the
replay memory that no candidate trains on (`model.artifacts.replay_memory.evaluation_part`). There
forgetting shows, against the shipped model: against the model in use, each in a row of models could
forget a little more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from model.artifacts.array_files import read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

EvaluationMethod = Literal["cross_validation", "holdout"]


@dataclass(frozen=True)
class PairedPredictions:
    """Predictions of two models on the same cells.

    Attributes:
        local_id: int64 (m,), ids of the cells.
        local_label: int64 (m,), rows of `labels`.
        local_site: int64 (m,), rows of `sites`.
        local_group: int64 (m,).
        local_old: float32 (m, k), probabilities of the model in use.
        local_new: float32 (m, k), of the candidate.
        base_label: int64 (r,), rows of `labels`.
        base_domain: int64 (r,), rows of `domains`.
        base_shipped: float32 (r, k), of the shipped model.
        base_new: float32 (r, k), of the candidate.
        labels: names of leaves or parents.
        sites: names.
        domains: names.
        classes: k leaf names.
        method: how the local predictions came about.
    """

    local_id: NDArray[np.int64]
    local_label: NDArray[np.int64]
    local_site: NDArray[np.int64]
    local_group: NDArray[np.int64]
    local_old: NDArray[np.float32]
    local_new: NDArray[np.float32]
    base_label: NDArray[np.int64]
    base_domain: NDArray[np.int64]
    base_shipped: NDArray[np.float32]
    base_new: NDArray[np.float32]
    labels: tuple[str, ...]
    sites: tuple[str, ...]
    domains: tuple[str, ...]
    classes: tuple[str, ...]
    method: EvaluationMethod

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        notes = {name: getattr(self, name) for name in NAMES}
        write_arrays(path, arrays, notes={**notes, "way": self.method})

    @classmethod
    def load(cls, path: Path) -> PairedPredictions:
        """Read what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            KeyError, ValueError: it is another file, or damaged.
        """
        arrays, notes = read_arrays(path)
        fields: dict[str, Any] = {name: arrays[name] for name in ARRAYS}
        names: dict[str, Any] = {name: tuple(notes[name]) for name in NAMES}
        return cls(**fields, **names, method=cast("EvaluationMethod", notes["way"]))


NAMES: Final = ("labels", "sites", "domains", "classes")
ARRAYS: Final = (
    "local_id",
    "local_label",
    "local_site",
    "local_group",
    "local_old",
    "local_new",
    "base_label",
    "base_domain",
    "base_shipped",
    "base_new",
)
