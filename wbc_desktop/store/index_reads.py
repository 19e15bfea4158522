"""The one read that touches every cell: all of them as numpy columns.

Rows go from the driver's cursor straight into arrays, one table at a time, and are put together in
numpy: five joins over a million rows would take far longer.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sqlalchemy import Connection

from wbc_desktop.domain.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.prediction import SCALE_FAILED
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.store.database import driver_rows
from wbc_desktop.store.reads import Reads


class IndexReads(Reads):
    """All cells at once."""

    def load_index(self, taxonomy: Taxonomy) -> CellIndex:
        """Read all cells as columns, about two seconds for a million.

        Args:
            taxonomy: Gives the ordinals; a class it does not know becomes −1.
        """
        with self._connected() as connection:
            index = _cells(connection)
            _add_predictions(connection, index, taxonomy)
            _add_reviews(connection, index, taxonomy)
            for column, table in (("flagged", "flag"), ("noted", "note")):
                marked = _read(connection, f"SELECT cell_id FROM {table}", [("id", "i8")])  # noqa: S608  # our own names
                index.set_rows(marked["id"], **{column: True})
        return index


def _cells(connection: Connection) -> CellIndex:
    cells = _read(
        connection, "SELECT id, slide_id FROM cell ORDER BY id", [("id", "i8"), ("slide", "i4")]
    )
    slides = _read(
        connection, "SELECT id, patient_id FROM slide", [("id", "i4"), ("patient", "i4")]
    )
    # Slide ids are small and have no gaps: a dense table finds the patient of each.
    patient_of = np.zeros(int(slides["id"].max(initial=0)) + 1, np.int32)
    patient_of[slides["id"]] = slides["patient"]
    return CellIndex.of(cells["id"], slide=cells["slide"], patient=patient_of[cells["slide"]])


def _add_predictions(connection: Connection, index: CellIndex, taxonomy: Taxonomy) -> None:
    ordinals = taxonomy.ordinals
    # A prediction of an older program has neither set nor score.
    rows = driver_rows(
        connection,
        "SELECT cell_id, label, prob, scale_source, coalesce(pred_set, 0), ood_score"
        " FROM prediction",
    )
    nan = float("nan")
    said = np.fromiter(
        (
            (i, ordinals.get(c, NO_CLASS), prob, scale, leaves, nan if ood is None else ood)
            for i, c, prob, scale, leaves, ood in rows
        ),
        np.dtype(
            [
                ("id", "i8"),
                ("class", "i2"),
                ("prob", "f4"),
                ("scale", "u1"),
                ("set", "u4"),
                ("ood", "f4"),
            ]
        ),
    )
    index.set_rows(
        said["id"],
        predicted=said["class"],
        prob=said["prob"],
        scale_flag=said["scale"] == SCALE_FAILED,
        pred_set=said["set"],
        ood=said["ood"],
    )


def _add_reviews(connection: Connection, index: CellIndex, taxonomy: Taxonomy) -> None:
    ordinals = taxonomy.ordinals
    statuses = {status.value: i for i, status in enumerate(STATUS_ORDER)}
    rows = driver_rows(connection, "SELECT cell_id, label, status FROM review")
    said = np.fromiter(
        ((i, ordinals.get(c, NO_CLASS), statuses.get(status, UNREVIEWED)) for i, c, status in rows),
        np.dtype([("id", "i8"), ("class", "i2"), ("status", "u1")]),
    )
    index.set_rows(said["id"], human=said["class"], status=said["status"])


def _read(connection: Connection, statement: str, kind: DTypeLike) -> NDArray[Any]:
    return np.fromiter(driver_rows(connection, statement), np.dtype(kind))
