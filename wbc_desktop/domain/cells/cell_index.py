"""All cells of a workspace as numpy columns: row i is one cell.

The gallery, the counts and the filters read these columns, never one object per cell, so that a
million cells stay cheap (55 bytes each). To add a column, add the array to ``CellIndex`` and its
dtype to ``_DTYPES``, and fill it in ``store``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Status

NO_CLASS = -1
NO_READER = -1
STATUS_ORDER = tuple(Status)
REVIEW_COLUMNS = ("human", "status", "reader", "reviewed_at")
UNREVIEWED = STATUS_ORDER.index(Status.UNREVIEWED)

_DTYPES = {
    "cell_id": np.int64,
    "patient": np.int32,
    "slide": np.int32,
    "predicted": np.int16,
    "prob": np.float32,
    "human": np.int16,
    "status": np.uint8,
    "flagged": np.bool_,
    "noted": np.bool_,
    "scale_flag": np.bool_,
    "pred_set": np.uint32,
    "ood": np.float32,
    "margin": np.float32,
    "entropy": np.float32,
    "reader": np.int16,
    "reviewed_at": np.uint32,
    "attributes": np.uint32,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CellIndex:
    """Columns of equal length n; the arrays may be written in place through ``set_rows`` only.

    Two indexes may share columns, see ``parted``.

    Attributes:
        cell_id: int64 (n,), strictly ascending.
        patient: int32 (n,), row id of the patient.
        slide: int32 (n,), row id of the slide.
        predicted: int16 (n,), ordinal of the class the model chose; −1 = none.
        prob: float32 (n,), probability of the predicted class in [0, 1]; nan = none.
        human: int16 (n,), ordinal of the human label; −1 = none.
        status: uint8 (n,), ordinal in ``STATUS_ORDER``.
        flagged: bool (n,), a person flagged the cell.
        noted: bool (n,), the cell has a note.
        scale_flag: bool (n,), the estimate of the crop's scale failed.
        pred_set: uint32 (n,), leaves that cannot be ruled out, see ``prediction_set``; 0 = none.
        ood: float32 (n,), how unlike the training cells, in [0, 1]; nan = not known.
        margin: float32 (n,), lead of the likeliest leaf over the second, in [0, 1]; nan = none.
        entropy: float32 (n,), of the probabilities, 0 = one leaf, 1 = all alike; nan = none.
        reader: int16 (n,), who reviewed last, a place in ``readers``; −1 = nobody.
        reviewed_at: uint32 (n,), when, in seconds since 1970 UTC; 0 = never.
        attributes: uint32 (n,), morphology attributes, a bit each; see ``attributes.Vocabulary``.
        readers: Names of the readers, in the order they were met; see ``reader_code``.
    """

    cell_id: NDArray[np.int64]
    patient: NDArray[np.int32]
    slide: NDArray[np.int32]
    predicted: NDArray[np.int16]
    prob: NDArray[np.float32]
    human: NDArray[np.int16]
    status: NDArray[np.uint8]
    flagged: NDArray[np.bool_]
    noted: NDArray[np.bool_]
    scale_flag: NDArray[np.bool_]
    pred_set: NDArray[np.uint32]
    ood: NDArray[np.float32]
    margin: NDArray[np.float32]
    entropy: NDArray[np.float32]
    reader: NDArray[np.int16]
    reviewed_at: NDArray[np.uint32]
    attributes: NDArray[np.uint32]
    readers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, of another dtype or with ids out of order."""
        for name, dtype in _DTYPES.items():
            column = getattr(self, name)
            if column.dtype != dtype or column.shape != self.cell_id.shape:
                raise ValueError(f"column {name}: {column.dtype} {column.shape}")
        if np.any(self.cell_id[1:] <= self.cell_id[:-1]):
            raise ValueError("cell ids must ascend")

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cell_id)

    @classmethod
    def empty(cls) -> "CellIndex":
        """Return an index without cells."""
        return cls.of([])

    @classmethod
    def of(
        cls, cell_id: ArrayLike, *, readers: Iterable[str] = (), **columns: ArrayLike
    ) -> "CellIndex":
        """Build an index from ids and some columns; the others start unlabelled and unreviewed.

        Args:
            cell_id: Ascending ids.
            readers: Names that the column ``reader`` refers to.
            **columns: Any other columns by name, of the same length.
        """
        ids = np.asarray(cell_id, np.int64)
        made: dict[str, Any] = {"cell_id": ids, "readers": [*readers]}
        for name, dtype in _DTYPES.items():
            if name == "cell_id":
                continue
            if name in columns:
                made[name] = np.asarray(columns.pop(name), dtype)
            else:
                made[name] = np.full(len(ids), _BLANK.get(name, 0), dtype)
        if columns:
            raise ValueError(f"no such column: {', '.join(columns)}")
        return cls(**made)

    def rows_of(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of cells, in the order asked.

        Raises:
            KeyError: If a cell is not in the index.
        """
        ids = cell_ids if isinstance(cell_ids, np.ndarray) else np.array([*cell_ids], np.int64)
        rows = self._rows_near(ids)
        found = rows < len(self)
        found[found] = self.cell_id[rows[found]] == ids[found]
        if not found.all():
            raise KeyError(f"no such cell: {ids[~found][0]}")
        return rows

    def _rows_near(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where ids would stand, 0 … n, int64; ids without gaps need no search."""
        if not len(self) or int(self.cell_id[-1]) - int(self.cell_id[0]) + 1 > len(self):
            return np.searchsorted(self.cell_id, ids)
        rows = ids - self.cell_id[0]
        return np.where(rows < 0, len(self), np.minimum(rows, len(self)))

    def parted(self, *names: str) -> "CellIndex":
        """Return an index with its own copy of some columns, which shares all others."""
        return replace(self, **{name: getattr(self, name).copy() for name in names})

    def reader_code(self, name: str) -> int:
        """Return the place of a reader in ``readers``; a new name is added.

        Raises:
            UserError: If there are more names than codes.
        """
        if name not in self.readers:
            if len(self.readers) > np.iinfo(np.int16).max:
                raise UserError(
                    "There are too many readers",
                    f"{len(self.readers):,} names stand on the reviews of this workspace",
                    "Export the labels and import them under fewer names.",
                )
            self.readers.append(name)
        return self.readers.index(name)

    def clear_reviews(self, cell_ids: NDArray[np.int64]) -> None:
        """Make cells unreviewed, in place."""
        self.set_rows(cell_ids, **{name: _BLANK.get(name, 0) for name in REVIEW_COLUMNS})

    def disagrees(self) -> NDArray[np.bool_]:
        """Tell where a person chose another class than the model had, bool (n,)."""
        both = (self.human != NO_CLASS) & (self.predicted != NO_CLASS)
        against: NDArray[np.bool_] = both & (self.human != self.predicted)
        return against

    def set_sizes(self) -> NDArray[np.uint8]:
        """Return how many leaves cannot be ruled out, uint8 (n,); 0 = no prediction set."""
        return np.bitwise_count(self.pred_set)

    def current(self) -> NDArray[np.int16]:
        """Return the label that counts, int16 (n,): the human's, else the model's, else −1."""
        return np.where(self.human != NO_CLASS, self.human, self.predicted)

    def label_of(self, row: int) -> int:
        """Return the label that counts for one row, as an ordinal or −1."""
        human = int(self.human[row])
        return human if human != NO_CLASS else int(self.predicted[row])

    def set_rows(self, cell_ids: Iterable[int] | NDArray[np.int64], **columns: ArrayLike) -> None:
        """Write columns of some cells in place.

        Args:
            cell_ids: The cells.
            **columns: One value for all of them, or one for each, by column name.

        Raises:
            KeyError: If a cell or a column is not in the index.
        """
        if unknown := set(columns) - (set(_DTYPES) - {"cell_id"}):
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
        rows = self.rows_of(cell_ids)
        for name, values in columns.items():
            getattr(self, name)[rows] = values


_BLANK = {
    "predicted": NO_CLASS,
    "human": NO_CLASS,
    "prob": np.nan,
    "status": UNREVIEWED,
    "ood": np.nan,
    "margin": np.nan,
    "entropy": np.nan,
    "reader": NO_READER,
}
