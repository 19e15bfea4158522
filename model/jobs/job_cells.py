"""The labelled cells of a job, as the application froze them.

Numbers only: no path, no name of a patient. What a cell is called elsewhere is its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.artifacts.array_files import read_arrays
from model.artifacts.card import sha256_of
from model.hierarchy import leaves_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class JobCells:
    """The labelled cells of a job.

    Attributes:
        cell_id: int64 (n,).
        label: int64 (n,), rows of `labels`.
        weight: float64 (n,), in (0, 1], how much each label is believed.
        group: int64 (n,), cells of one group never stand on both sides of a split.
        site: int64 (n,), rows of `sites`.
        holdout: bool (n,), evaluated on and never trained on.
        seen: bool (n,), whether the active model has learned from the cell.
        embedding: float32 (n, d), of the base's backbone.
        active_embedding: float32 (n, d), of the active model's, where that is another one.
        crops: uint8 (n, 128, 128, 3), where the job needs them.
        labels: names of leaves or parents.
        sites: names.
        sha256: hex, of the file.
    """

    cell_id: NDArray[np.int64]
    label: NDArray[np.int64]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]
    site: NDArray[np.int64]
    holdout: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    embedding: NDArray[np.float32]
    active_embedding: NDArray[np.float32] | None
    crops: NDArray[np.uint8] | None
    labels: tuple[str, ...]
    sites: tuple[str, ...]
    sha256: str

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            ValueError: they do not.
            KeyError: a label is none of the class tree.
        """
        n = len(self.cell_id)
        rows = (self.label, self.weight, self.group, self.site, self.holdout, self.seen)
        blocks = [
            block
            for block in (self.embedding, self.active_embedding, self.crops)
            if block is not None
        ]
        if any(row.shape != (n,) for row in rows) or any(len(block) != n for block in blocks):
            raise ValueError("its columns differ in length")
        for column, names in ((self.label, self.labels), (self.site, self.sites)):
            if n and not 0 <= column.min() <= column.max() < len(names):
                raise ValueError("it names classes or sites that it does not list")
        if not ((self.weight > 0) & (self.weight <= 1)).all():
            raise ValueError("a weight lies outside of 0 to 1")
        if len(np.unique(self.cell_id)) != n:
            raise ValueError("a cell stands in it twice")
        for block in blocks:
            if block.dtype == np.float32 and not (block.ndim == 2 and np.isfinite(block).all()):
                raise ValueError("an embedding is no row of numbers")
        for label in self.labels:
            leaves_of(label)

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cell_id)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The label of each cell: n names."""
        return tuple(self.labels[row] for row in self.label)

    @classmethod
    def read(cls, path: Path) -> JobCells:
        """Read the file of the cells.

        Raises:
            OSError: it cannot be read.
            KeyError, ValueError: it is damaged or of another kind.
        """
        arrays, notes = read_arrays(path)
        active, crops = arrays.get("champion_embedding"), arrays.get("crops")
        return cls(
            cell_id=arrays["cell_id"].astype(np.int64),
            label=arrays["label"].astype(np.int64),
            weight=arrays["weight"].astype(np.float64),
            group=arrays["group"].astype(np.int64),
            site=arrays["site"].astype(np.int64),
            holdout=arrays["holdout"].astype(np.bool_),
            seen=arrays["seen_by_champion"].astype(np.bool_),
            embedding=arrays["embedding"].astype(np.float32),
            active_embedding=None if active is None else active.astype(np.float32),
            crops=None if crops is None else crops.astype(np.uint8),
            labels=tuple(notes["labels"]),
            sites=tuple(notes["sites"]),
            sha256=sha256_of(path),
        )
