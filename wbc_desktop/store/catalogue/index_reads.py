"""The one read that touches every cell: all of them as numpy columns.

Rows go from the driver's cursor straight into arrays, one table at a time, and are put together in
numpy: five joins over a million rows would take far longer.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sqlalchemy import Connection, select

from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.grouping import PatientSlideNames
from wbc_desktop.domain.review.review import seconds_of
from wbc_desktop.domain.taxonomy.attributes import split, with_own
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import driver_rows
from wbc_desktop.store.prediction_columns import read_columns

_REVIEWS = "SELECT cell_id, label, status, reviewer, reviewed_at FROM review"
_AMONG = " WHERE cell_id IN (SELECT value FROM json_each(?))"


class IndexReads(Reads):
    """All cells at once."""

    def load(self, taxonomy: Taxonomy) -> CellIndex:
        """Read all cells as columns, about half a second for a million that nobody reviewed.

        Args:
            taxonomy: Gives the ordinals; a class it does not know becomes −1.

        Raises:
            UserError: If the tables do not fit together.
        """
        with self._connected() as connection:
            index = _predicted(connection, taxonomy)
            try:
                _add_reviews(connection, index, taxonomy, _REVIEWS)
                for column, table in (("flagged", "flag"), ("noted", "note")):
                    marked = _read(connection, f"SELECT cell_id FROM {table}", [("id", "i8")])  # noqa: S608  # our own names
                    index.set_rows(marked["id"], **{column: True})
                _add_attributes(connection, index)
            except (KeyError, ValueError) as error:
                raise UserError(
                    "What people said of the cells is damaged",
                    f"workspace.wbc: {error.args[0] if error.args else error}",
                    "Run `wbc verify` on the workspace, and restore workspace.wbc from a backup.",
                ) from error
        return index

    def load_predictions(self, taxonomy: Taxonomy) -> CellIndex:
        """Read all cells and what the model said of them; nobody has reviewed any.

        Args:
            taxonomy: As in ``load``.

        Raises:
            UserError: If what the model said is damaged.
        """
        with self._connected() as connection:
            return _predicted(connection, taxonomy)

    def reload_reviews(
        self, index: CellIndex, cell_ids: NDArray[np.int64], taxonomy: Taxonomy
    ) -> None:
        """Bring the reviews of some cells up to date in an index.

        Args:
            index: Written to in place.
            cell_ids: int64 (m,).
            taxonomy: Gives the ordinals.
        """
        wanted = json.dumps(cell_ids.tolist())
        index.clear_reviews(cell_ids)
        with self._connected() as connection:
            _add_reviews(connection, index, taxonomy, _REVIEWS + _AMONG, [wanted])

    def patient_and_slide_names(self) -> PatientSlideNames:
        """Return what patients and slides are called; a slide is called with its patient."""
        slides = self._all(
            select(s.slide.c.id, s.patient.c.id, s.patient.c.code, s.slide.c.code).join(
                s.patient, s.patient.c.id == s.slide.c.patient_id
            )
        )
        return PatientSlideNames(
            patients={patient_id: code for _, patient_id, code, _ in slides},
            slides={row_id: f"{patient}, {code}" for row_id, _, patient, code in slides},
        )


def _predicted(connection: Connection, taxonomy: Taxonomy) -> CellIndex:
    index = _cells(connection)
    read_columns(connection, index, taxonomy)
    return index


def _add_attributes(connection: Connection, index: CellIndex) -> None:
    definitions = connection.execute(
        select(s.definition.c.key, s.definition.c.text).where(
            s.definition.c.kind == Field.VOCABULARY
        )
    )
    vocabulary = with_own({row[0]: row[1] for row in definitions})
    masks: dict[str, int] = {}  # most cells that have any share a few combinations

    def mask(ids: str) -> int:
        if ids not in masks:
            masks[ids] = vocabulary.mask(split(ids))
        return masks[ids]

    marked = driver_rows(connection, "SELECT cell_id, ids FROM attribute")
    rows = ((cell_id, mask(ids)) for cell_id, ids in marked)
    said = np.fromiter(rows, np.dtype([("id", "i8"), ("mask", "u4")]))
    index.set_rows(said["id"], attributes=said["mask"])


def _cells(connection: Connection) -> CellIndex:
    # The first statement goes through SQLAlchemy, which begins a transaction with it: all reads
    # after it see the same state of the file.
    slides = connection.execute(select(s.slide.c.id, s.slide.c.patient_id)).all()
    # Slide ids are small and have no gaps: a dense table finds the patient of each.
    patient_of = np.zeros(max((row[0] for row in slides), default=0) + 1, np.int32)
    for slide_id, patient_id in slides:
        patient_of[slide_id] = patient_id
    cell_id, slide = _slides_of_cells(connection)
    return CellIndex.of(cell_id, slide=slide, patient=patient_of[slide])


def _slides_of_cells(connection: Connection) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the ids of all cells, int64, ascending, and the slide of each, int32.

    The cells of an import have ids without gaps, slide by slide, so that first, last and number say
    it all; only slides that were imported together with others are read cell by cell.
    """
    spans = _read(
        connection,
        "SELECT slide_id, count(*), min(id), max(id) FROM cell GROUP BY slide_id ORDER BY min(id)",
        [("slide", "i4"), ("n", "i8"), ("first", "i8"), ("last", "i8")],
    )
    whole = spans["last"] - spans["first"] + 1 == spans["n"]
    ids = [np.arange(span["first"], span["last"] + 1) for span in spans[whole]]
    slides = [np.repeat(spans["slide"][whole], spans["n"][whole])]
    for slide_id in spans["slide"][~whole].tolist():
        rows = driver_rows(connection, "SELECT id FROM cell WHERE slide_id = ?", [slide_id])
        ids.append(np.fromiter((row[0] for row in rows), np.int64))
        slides.append(np.full(len(ids[-1]), slide_id, np.int32))
    cell_id = np.concatenate(ids) if ids else np.empty(0, np.int64)
    slide = np.concatenate(slides)
    if np.any(cell_id[1:] < cell_id[:-1]):
        order = np.argsort(cell_id)
        return cell_id[order], slide[order]
    return cell_id, slide


def _add_reviews(
    connection: Connection,
    index: CellIndex,
    taxonomy: Taxonomy,
    statement: str,
    values: Sequence[Any] = (),
) -> None:
    ordinals = taxonomy.counting_ordinals
    statuses = {status.value: i for i, status in enumerate(STATUS_ORDER)}
    readers = _Once(index.reader_code)
    times = _Once(seconds_of)  # cells labelled together share their time
    rows = driver_rows(connection, statement, values)
    said = np.fromiter(
        (
            (
                i,
                ordinals.get(c, NO_CLASS),
                statuses.get(status, UNREVIEWED),
                readers[who],
                times[at],
            )
            for i, c, status, who, at in rows
        ),
        np.dtype([("id", "i8"), ("class", "i2"), ("status", "u1"), ("who", "i2"), ("at", "u4")]),
    )
    index.set_rows(
        said["id"],
        human=said["class"],
        status=said["status"],
        reader=said["who"],
        reviewed_at=said["at"],
    )


class _Once(dict[str, int]):
    """Asks a function for each text once; a dictionary's look-up is what a million rows afford."""

    def __init__(self, ask: Callable[[str], int]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, text: str) -> int:
        number = self[text] = self._ask(text)
        return number


def _read(connection: Connection, statement: str, kind: DTypeLike) -> NDArray[Any]:
    return np.fromiter(driver_rows(connection, statement), np.dtype(kind))
