"""All cells of a workspace as numpy columns: row i is one cell.

The gallery, the counts and the filters read these columns, never one object per cell, so that a
million cells stay cheap (36 bytes each). To add a column, add the array to ``CellIndex`` and its
dtype to ``_DTYPES``, and fill it in ``store``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wbc_desktop.domain.review import Status

NO_CLASS = -1
STATUS_ORDER = tuple(Status)
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
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CellIndex:
    """Columns of equal length n; the arrays may be written in place through ``set_rows`` only.

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

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, of another dtype or with ids out of order."""
        for field in fields(self):
            column = getattr(self, field.name)
            if column.dtype != _DTYPES[field.name] or column.shape != self.cell_id.shape:
                raise ValueError(f"column {field.name}: {column.dtype} {column.shape}")
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
    def of(cls, cell_id: ArrayLike, **columns: ArrayLike) -> "CellIndex":
        """Build an index from ids and some columns; the others start unlabelled and unreviewed.

        Args:
            cell_id: Ascending ids.
            **columns: Any other columns by name, of the same length.
        """
        ids = np.asarray(cell_id, np.int64)
        made: dict[str, Any] = {"cell_id": ids}
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
        rows = np.searchsorted(self.cell_id, ids)
        found = rows < len(self)
        found[found] = self.cell_id[rows[found]] == ids[found]
        if not found.all():
            raise KeyError(f"no such cell: {ids[~found][0]}")
        return rows

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
}
