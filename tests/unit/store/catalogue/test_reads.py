"""Reads of cells, reviews, imports and events."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from tests.unit.filled_workspace import (
    MODEL_SHA,
    TAXONOMY,
    ImportCells,
    cells,
    filled,
    new_cell,
    predictions,
)
from wbc_desktop.domain.cells.cell_index import STATUS_ORDER
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode, Status, seconds_of
from wbc_desktop.services.session.commands import Accept, Relabel, SetFlag, SetNote
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.database import open_engine, writing
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """P1 with six lymphocytes, P0 with three cells nobody has looked at."""
    session = filled(tmp_path / "ws")
    session.record(ImportCells("P0", cells(3, prefix="later"), "Leipzig"))
    return session


def test_patients_are_listed_by_code_with_their_progress(session: Session) -> None:
    session.do(Accept((1, 2), ReviewMode.BULK))
    session.do(Relabel((7,), "monocyte", ReviewMode.SINGLE))
    patients = session.workspace.catalogue.patients.all()
    assert [(p.code, p.site, p.n_cells, p.n_reviewed) for p in patients] == [
        ("P0", "Leipzig", 3, 1),
        ("P1", "", 6, 2),
    ]
    session.workspace.close()


def test_a_cell_knows_where_it_comes_from(session: Session) -> None:
    cell = session.workspace.catalogue.cells.get(7)
    assert cell.cell_id == f"{session.workspace.code}-0000007"
    assert (cell.patient_code, cell.slide_code, cell.site) == ("P0", "slide 1", "Leipzig")
    assert cell.image_path == "later_00000.png"
    assert (cell.predicted, cell.probs, cell.predicted_at, cell.model_id) == (None,) * 4
    with pytest.raises(UserError, match="no such cell"):
        session.workspace.catalogue.cells.get(99)
    session.workspace.close()


def test_whereabouts_name_cell_patient_slide_and_image(session: Session) -> None:
    code = session.workspace.code
    assert session.workspace.catalogue.cells.describe(7) == (
        f"cell {code}-0000007 (patient P0, slide slide 1, later_00000.png)"
    )
    assert session.workspace.catalogue.cells.describe(99) == f"cell {code}-0000099"
    session.workspace.close()


def test_the_export_is_ordered_by_patient_and_image(session: Session) -> None:
    session.record(ImportCells("P0", (new_cell("aaa.png"), new_cell("z.png", slide="slide 0"))))
    rows = [*session.workspace.catalogue.cells.all()]
    assert [(r.patient_code, r.image_path) for r in rows[:4]] == [
        ("P0", "z.png"),
        ("P0", "aaa.png"),
        ("P0", "later_00000.png"),
        ("P0", "later_00001.png"),
    ]
    assert [r.id for r in rows[5:]] == [1, 2, 3, 4, 5, 6]
    session.workspace.close()


def test_an_export_row_holds_what_the_cell_holds(session: Session) -> None:
    session.do(Relabel((2,), "monocyte", ReviewMode.QUEUE))
    session.do(SetFlag((2,), flagged=True))
    session.do(SetNote(2, "large"))
    row = next(r for r in session.workspace.catalogue.cells.all() if r.id == 2)
    cell = session.workspace.catalogue.cells.get(2)
    for name in row.__dataclass_fields__:
        np.testing.assert_equal(getattr(row, name), getattr(cell, name))
    session.workspace.close()


def test_crops_are_found_in_the_order_asked(session: Session) -> None:
    catalogue = session.workspace.catalogue
    shas = catalogue.cells.shas([3, 1, 3])
    assert shas[0] == shas[2] == catalogue.cells.get(3).image_sha256
    assert [ref.cell_id for ref in catalogue.cells.crop_refs([9, 77, 1])] == [9, 1]
    assert catalogue.cells.with_sha(shas[1].upper()) == (1,)
    with pytest.raises(UserError, match="0000077"):
        catalogue.cells.shas([1, 77])
    session.workspace.close()


def test_the_index_holds_every_cell_in_columns(session: Session) -> None:
    session.do(Relabel((2, 8), "monocyte", ReviewMode.BULK))
    session.do(SetFlag((3,), flagged=True))
    session.do(SetNote(4, "x"))
    index = session.workspace.catalogue.index.load(TAXONOMY)
    lymphocyte, monocyte = (TAXONOMY.ordinals[c] for c in ("lymphocyte", "monocyte"))
    p1, p0 = (session.workspace.catalogue.cells.get(i).patient_code for i in (1, 7))
    assert (p1, p0) == ("P1", "P0")
    assert index.cell_id.tolist() == [*range(1, 10)]
    assert index.patient.tolist() == [1] * 6 + [2] * 3
    assert index.slide.tolist() == [1] * 6 + [2] * 3
    assert index.predicted.tolist() == [lymphocyte] * 6 + [-1] * 3
    assert np.isnan(index.prob).tolist() == [False] * 6 + [True] * 3
    assert index.human.tolist() == [-1, monocyte, -1, -1, -1, -1, -1, monocyte, -1]
    corrected = STATUS_ORDER.index(Status.CORRECTED)
    assert np.flatnonzero(index.status == corrected).tolist() == [1, 7]
    assert np.flatnonzero(index.flagged).tolist() == [2]
    assert np.flatnonzero(index.noted).tolist() == [3]
    assert not index.scale_flag.any()
    bit = 1 << TAXONOMY.leaves.index("lymphocyte")
    assert index.pred_set.tolist() == [bit] * 6 + [0] * 3
    assert index.ood[:6].tolist() == [0.5] * 6
    assert np.isnan(index.ood[6:]).all()
    k = len(TAXONOMY.leaves)
    assert index.margin[:6].tolist() == pytest.approx([0.9 - 0.1 / (k - 1)] * 6)
    assert np.isnan(index.entropy).tolist() == [False] * 6 + [True] * 3
    assert index.readers == ["Ada"]
    assert index.reader.tolist() == [-1, 0, -1, -1, -1, -1, -1, 0, -1]
    at = session.workspace.catalogue.cells.get(2).review
    assert at is not None
    assert index.reviewed_at[[1, 7]].tolist() == [seconds_of(at.reviewed_at)] * 2
    assert index.reviewed_at[0] == 0
    session.workspace.close()


def test_slides_imported_side_by_side_are_told_apart(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws", n=2)
    mixed = tuple(new_cell(f"{i}.png", slide=f"slide {i % 2}") for i in range(5))
    session.record(ImportCells("P2", mixed))
    session.record(ImportCells("P1", (new_cell("late.png"),)))
    index = session.workspace.catalogue.index.load(TAXONOMY)
    records = [session.workspace.catalogue.cells.get(i) for i in range(1, 9)]
    names = session.workspace.catalogue.index.patient_and_slide_names()
    assert index.cell_id.tolist() == [record.id for record in records]
    assert [names.patients[i] for i in index.patient.tolist()] == [r.patient_code for r in records]
    told = [names.slides[i] for i in index.slide.tolist()]
    assert told == [f"{r.patient_code}, {r.slide_code}" for r in records]
    session.workspace.close()


def test_a_later_prediction_takes_the_place_of_an_earlier_one(session: Session) -> None:
    session.record(predictions(["monocyte", "blast"], first=2, p=0.8, ood=0.25))
    index = session.workspace.catalogue.index.load(TAXONOMY)
    told = [TAXONOMY.classes[i].id for i in index.predicted[:4]]
    assert told == ["lymphocyte", "monocyte", "blast", "lymphocyte"]
    assert index.ood[:4].tolist() == [0.5, 0.25, 0.25, 0.5]
    for row in range(6):
        record = session.workspace.catalogue.cells.get(row + 1)
        assert record.predicted == TAXONOMY.classes[index.predicted[row]].id
        assert record.pred_prob == index.prob[row]
    session.workspace.close()


@pytest.mark.parametrize(
    "damage", ["data = substr(data, 2)", "labels = 'blast'", "data = zeroblob(length(data))"]
)
def test_damaged_columns_of_predictions_are_told(session: Session, damage: str) -> None:
    session.record(predictions(["monocyte", "blast"], first=2))
    session.workspace.close()
    with sqlite3.connect(session.workspace.folder / "workspace.wbc") as connection:
        connection.execute(f"UPDATE prediction_columns SET {damage} WHERE run_id = 2")  # noqa: S608  # our own words
    connection.close()
    told = pytest.raises(UserError, match="predictions of this workspace are damaged")
    with Workspace.open(session.workspace.folder) as workspace, told:
        workspace.catalogue.index.load(TAXONOMY)


def test_only_what_the_model_has_not_seen_is_to_be_classified(session: Session) -> None:
    catalogue = session.workspace.catalogue
    assert catalogue.predictions.to_classify(MODEL_SHA) == (7, 8, 9)
    assert catalogue.predictions.waiting_by_model(MODEL_SHA) == {"": 3}
    assert catalogue.predictions.to_classify("cd" * 32) == (*range(1, 10),)
    assert catalogue.predictions.waiting_by_model("cd" * 32) == {"": 3, "test-model": 6}
    p1 = catalogue.patients.all()[1]
    assert catalogue.predictions.to_classify("cd" * 32, [p1.id]) == (1, 2, 3, 4, 5, 6)
    session.record(predictions(["blast"] * 3, first=7))
    assert catalogue.predictions.to_classify(MODEL_SHA) == ()
    assert catalogue.predictions.waiting_by_model(MODEL_SHA) == {}
    session.do(Relabel((7,), "monocyte", ReviewMode.SINGLE))
    assert catalogue.predictions.waiting_by_model("cd" * 32) == {"test-model": 8}
    session.workspace.close()


def test_images_are_known_by_their_digests(session: Session) -> None:
    catalogue = session.workspace.catalogue
    shared = catalogue.cells.get(1).image_sha256
    session.record(ImportCells("P2", cells(1)))
    assert catalogue.imports.patients_with_shas([shared, "0" * 64]) == {shared: {"P1", "P2"}}
    session.workspace.close()


def test_cells_outside_of_all_imports_are_found(session: Session) -> None:
    catalogue = session.workspace.catalogue
    assert catalogue.imports.cells_outside([(7, 9), (1, 6)]) == []
    assert catalogue.imports.cells_outside([(2, 4), (8, 8)]) == [1, 5, 6, 7, 9]
    session.workspace.close()


def test_history_is_newest_first_and_of_this_cell_only(session: Session) -> None:
    session.do(SetFlag((1, 2), flagged=True))
    session.do(SetNote(1, "x"))
    types = [event.type.value for event in session.workspace.catalogue.events.history(2)]
    assert types == ["flag", "predictions_stored", "patient_imported"]
    session.workspace.close()


def test_history_of_a_cell_holds_no_other_cell_of_a_bulk_act(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "workspace", create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        session.record(ImportCells("P1", cells(5000)))
        session.do(SetFlag(tuple(range(1, 5001)), flagged=True))
        session.undo()
        undone, flagged, _imported = workspace.catalogue.events.history(4711)
        assert flagged.payload["after"] == [[True, [4711]]]
        assert undone.payload["before"] == [[True, [4711]]]
        assert workspace.catalogue.events.history(4711, limit=1) == (undone,)


def test_events_can_be_read_from_a_point_on(session: Session) -> None:
    seq, _ = session.workspace.catalogue.events.head()
    session.do(SetNote(1, "x"))
    assert [event.seq for event in session.workspace.catalogue.events.all(seq)] == [seq + 1]
    assert len([*session.workspace.catalogue.events.all()]) == seq + 1
    session.workspace.close()


def test_an_event_that_cannot_be_read_is_named(session: Session) -> None:
    path = session.workspace.folder / "workspace.wbc"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        connection.execute(text("DROP TRIGGER event_no_update"))
        connection.execute(text("UPDATE event SET payload = '{' WHERE seq = 2"))
    engine.dispose()
    with pytest.raises(UserError, match="event 2 cannot be read"):
        session.workspace.catalogue.events.get(2)
    with pytest.raises(UserError, match="event 77 is missing"):
        session.workspace.catalogue.events.get(77)
    session.workspace.close()
