"""What a run predicted, once more as columns: one blob for each batch, written beside its rows.

The gallery needs seven numbers of every cell at once. A million rows of ``prediction``, each with
its probabilities, take the driver over two seconds; the blobs take a tenth of that. The rows stay
the truth: they are what is exported and verified, and the blobs can be made from them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from wbc_desktop.domain.cells.cell_index import NO_CLASS, CellIndex
from wbc_desktop.domain.cells.prediction import SCALE_FAILED, PredictionBatch, entropy, margin
from wbc_desktop.domain.cells.prediction_set import pack
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.store import schema as s
from wbc_desktop.store.database import driver_rows, insert_many

_FIELDS = np.dtype(
    [
        ("cell", "<i8"),
        ("label", "<u2"),  # place in the run's list of labels
        ("scale", "u1"),
        ("set", "<u4"),
        ("prob", "<f4"),
        ("ood", "<f4"),
        ("margin", "<f4"),
        ("entropy", "<f4"),
    ]
)
_AT_ONCE = 4 << 20  # bytes: few writes into the index, and little memory beside it


def write_columns(
    connection: Connection,
    run_id: int,
    batch: PredictionBatch,
    *,
    labels: Sequence[str],
    prob: NDArray[np.float32],
) -> None:
    """Store the columns of one batch; its rows are written by the caller.

    Args:
        connection: Inside the transaction that writes the rows.
        run_id: The run they belong to.
        batch: What the model said of n cells.
        labels: Class id chosen for each.
        prob: float32 (n,), probability of that class.
    """
    known = sorted(set(labels))
    place = {label: i for i, label in enumerate(known)}
    columns = np.empty(len(batch.cell_ids), _FIELDS)
    columns["cell"] = batch.cell_ids
    columns["label"] = [place[label] for label in labels]
    columns["scale"] = batch.scale_source
    columns["set"] = pack(batch.pred_set)
    columns["prob"] = prob
    columns["ood"] = batch.ood_score
    columns["margin"] = margin(batch.probs)
    columns["entropy"] = entropy(batch.probs)
    row = (run_id, " ".join(known), columns.tobytes())
    insert_many(connection, s.prediction_columns, ("run_id", "labels", "data"), [row])


def read_columns(connection: Connection, index: CellIndex, taxonomy: Taxonomy) -> None:
    """Fill in what the models said, the latest run of each cell last.

    Args:
        connection: Any open connection.
        index: All cells; written to.
        taxonomy: Gives the ordinals; a class it does not know becomes −1.

    Raises:
        UserError: If a blob is damaged, or speaks of a cell that is not there.
    """
    labels = _Labels(taxonomy)
    waiting: list[tuple[str, bytes]] = []
    n_bytes = 0
    rows = driver_rows(
        connection, "SELECT labels, data FROM prediction_columns ORDER BY run_id", at_once=64
    )
    for row in rows:
        waiting.append(row)
        n_bytes += len(row[1])
        if n_bytes >= _AT_ONCE:
            _fill(index, _joined(waiting, labels))
            waiting, n_bytes = [], 0
    if waiting:
        _fill(index, _joined(waiting, labels))


class _Labels:
    """The lists of labels of all runs one after another, as ordinals; each list once.

    Attributes:
        ordinals: int16, of one list after another.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._spans: dict[str, tuple[int, int]] = {}
        self.ordinals = np.empty(0, np.int16)

    def spans(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return where the list of each text begins and how long it is, int64 (n, 2)."""
        fresh: list[int] = self.ordinals.tolist()
        known = self._taxonomy.counting_ordinals
        for text in dict.fromkeys(texts):
            if text not in self._spans:
                found = [known.get(c, NO_CLASS) for c in text.split(" ")]
                self._spans[text] = len(fresh), len(found)
                fresh += found
        self.ordinals = np.array(fresh, np.int16)
        return np.array([self._spans[text] for text in texts], np.int64)


def _joined(runs: Sequence[tuple[str, bytes]], labels: _Labels) -> NDArray[np.void]:
    """Return the columns of some runs; ``label`` holds the bits of the ordinals then."""
    sizes = np.array([len(data) for _, data in runs])
    if np.any(sizes % _FIELDS.itemsize):
        raise _damaged()
    columns = np.frombuffer(b"".join(data for _, data in runs), _FIELDS).copy()
    spans = labels.spans([text for text, _ in runs])
    starts, lengths = np.repeat(spans, sizes // _FIELDS.itemsize, axis=0).T
    if np.any(columns["label"] >= lengths):
        raise _damaged()
    columns["label"] = labels.ordinals[columns["label"] + starts].view(np.uint16)
    return columns


def _fill(index: CellIndex, columns: NDArray[np.void]) -> None:
    try:
        index.set_rows(
            np.ascontiguousarray(columns["cell"]),
            predicted=np.ascontiguousarray(columns["label"]).view(np.int16),
            prob=columns["prob"],
            scale_flag=columns["scale"] == SCALE_FAILED,
            pred_set=columns["set"],
            ood=columns["ood"],
            margin=columns["margin"],
            entropy=columns["entropy"],
        )
    except KeyError as error:
        raise _damaged() from error


def _damaged() -> UserError:
    return UserError(
        "The predictions of this workspace are damaged",
        "the columns of a run in workspace.wbc",
        "Restore workspace.wbc from a backup. Keep the damaged one until the backup is checked.",
    )
