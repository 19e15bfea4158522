import sqlite3
from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, ImportCells, cells, filled, reopened
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.training_set import LabelledCell
from wbc_desktop.services.session.commands import Accept, Relabel, SetNote
from wbc_desktop.services.session.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "w", n=6)


def drawn(session: Session) -> set[int]:
    return set(session.workspace.catalogue.training.drawn_first())


def relabel(session: Session, cell: int, label: str, mode: ReviewMode) -> None:
    session.do(Relabel((cell,), label, mode))


def test_a_cell_that_came_by_lot_first_stays_drawn_whatever_is_said_of_it_later(
    session: Session,
) -> None:
    relabel(session, 1, "monocyte", ReviewMode.DRAW)
    session.do(Accept((2,), ReviewMode.DRAW))
    relabel(session, 1, "basophil", ReviewMode.SINGLE)
    relabel(session, 2, "unidentified", ReviewMode.BULK)
    assert drawn(session) == {1, 2}


def test_a_cell_that_was_labelled_otherwise_before_was_not_chosen_by_lot(session: Session) -> None:
    relabel(session, 1, "monocyte", ReviewMode.SINGLE)
    relabel(session, 1, "basophil", ReviewMode.DRAW)
    session.do(Accept((2,), ReviewMode.BULK))
    session.undo()
    session.do(Accept((2,), ReviewMode.DRAW))
    assert drawn(session) == set()


def test_undo_and_redo_and_a_restart_do_not_move_a_drawn_cell(session: Session) -> None:
    relabel(session, 1, "monocyte", ReviewMode.DRAW)
    session.undo()
    assert drawn(session) == {1}
    session.redo()
    session = reopened(session)
    relabel(session, 1, "basophil", ReviewMode.BULK)
    assert session.workspace.catalogue.training.drawn_first() == {
        1: session.workspace.catalogue.cells.shas([1])[0]
    }


def test_a_note_that_looks_like_a_draw_is_none(session: Session) -> None:
    session.do(SetNote(1, '"mode":"draw"'))
    relabel(session, 1, "monocyte", ReviewMode.SINGLE)
    assert drawn(session) == set()


def test_labelled_cells_tell_patient_site_and_mode(session: Session) -> None:
    session.record(ImportCells("P2", cells(2, prefix="other"), "Ward 3"))
    relabel(session, 2, "monocyte", ReviewMode.QUEUE)
    relabel(session, 8, "basophil", ReviewMode.BULK)
    catalogue = session.workspace.catalogue
    first, second = catalogue.training.labelled_cells()
    assert (first.cell_id, first.label, first.mode, first.site) == (
        2,
        "monocyte",
        ReviewMode.QUEUE,
        "",
    )
    assert second == LabelledCell(
        cell_id=8,
        label="basophil",
        mode=ReviewMode.BULK,
        patient=catalogue.patients.all()[1].id,
        slide=catalogue.patients.all()[1].slides[0].id,
        site="Ward 3",
        image_sha256=catalogue.cells.shas([8])[0],
    )
    assert first.patient != second.patient
    assert catalogue.training.labelled_cells("Ward 3") == [second]


def test_what_was_labelled_after_an_event_is_told_once_notes_are_not(session: Session) -> None:
    relabel(session, 1, "monocyte", ReviewMode.SINGLE)
    seq, _ = session.workspace.catalogue.events.head()
    relabel(session, 2, "monocyte", ReviewMode.SINGLE)
    relabel(session, 2, "basophil", ReviewMode.SINGLE)
    session.do(SetNote(3, "odd"))
    training = session.workspace.catalogue.training
    classes = {"monocyte": "monocyte", "basophil": "basophil"}
    counts = training.label_counts(classes, drawn={}, at_most=100, known_until={"": seq})
    told = {count.class_id: (count.n, count.n_new) for count in counts}
    assert told == {"monocyte": (1, 0), "basophil": (1, 1)}
    assert set(session.workspace.catalogue.training.first_labelled()) == {1, 2}


def test_a_damaged_review_is_named(session: Session) -> None:
    relabel(session, 1, "monocyte", ReviewMode.SINGLE)
    path = session.workspace.folder / "workspace.wbc"
    session.workspace.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE review SET mode = 'guess'")
    connection.close()
    session = Session(type(session.workspace).open(path), reader=session.reader, taxonomy=TAXONOMY)
    with pytest.raises(UserError, match="wbc verify"):
        session.workspace.catalogue.training.labelled_cells()
