"""What each command changes, and what it refuses."""

from pathlib import Path

import pytest

from tests.unit.filled_workspace import ImportCells, cells, filled, predictions
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.services.session.commands import Accept, Relabel, SetFlag, SetNote, UserCommand
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import RecordExport


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def test_relabelling_says_who_when_and_how(session: Session) -> None:
    changes = session.do(Relabel((1, 2), "monocyte", ReviewMode.BULK))
    review = session.workspace.catalogue.cells.get(2).review
    event = session.workspace.catalogue.events.get(changes.event_seq)
    assert review is not None
    assert (review.label, review.status) == ("monocyte", Status.CORRECTED)
    assert (review.reviewer, review.mode, review.n_reviews) == ("Ada", ReviewMode.BULK, 1)
    assert review.reviewed_at == event.at
    assert (changes.kinds, changes.cell_ids) == (Kind.REVIEWS, (1, 2))
    assert changes.text == event.payload["text"] == "Relabel 2 cells as Monocyte"
    session.workspace.close()


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("lymphocyte", Status.ACCEPTED),
        ("blast", Status.CORRECTED),
        ("neutrophil", Status.CORRECTED),
        ("unidentified", Status.UNDECIDED),
        ("artefact", Status.EXCLUDED),
    ],
)
def test_the_status_follows_from_label_and_prediction(
    session: Session, label: str, status: Status
) -> None:
    session.do(Relabel((1,), label, ReviewMode.SINGLE))
    review = session.workspace.catalogue.cells.get(1).review
    assert review is not None
    assert review.status is status
    session.workspace.close()


def test_a_new_label_counts_as_one_more_review(session: Session) -> None:
    session.do(Relabel((1, 2), "monocyte", ReviewMode.BULK))
    session.do(Relabel((2, 3), "blast", ReviewMode.BULK))
    reviews = session.workspace.catalogue.reviews.reviews_for([1, 2, 3])
    assert [(reviews[i].label, reviews[i].n_reviews) for i in (1, 2, 3)] == [
        ("monocyte", 1),
        ("blast", 2),
        ("blast", 1),
    ]
    session.workspace.close()


def test_accepting_takes_the_models_label_and_leaves_human_labels_alone(session: Session) -> None:
    session.do(Relabel((1,), "monocyte", ReviewMode.SINGLE))
    changes = session.do(Accept((1, 2, 3), ReviewMode.QUEUE))
    reviews = session.workspace.catalogue.reviews.reviews_for([1, 2, 3])
    assert changes.cell_ids == (2, 3)
    assert changes.text == "Accept 2 cells as Lymphocyte"
    assert [reviews[i].label for i in (1, 2, 3)] == ["monocyte", "lymphocyte", "lymphocyte"]
    assert reviews[2].status is Status.ACCEPTED
    session.workspace.close()


def test_accepting_cells_of_several_classes_counts_the_classes(session: Session) -> None:
    session.record(predictions(["blast", "monocyte", "monocyte"]))
    assert session.do(Accept((1, 2), ReviewMode.BULK)).text == "Accept 2 cells of 2 classes"
    assert session.undo_text == "Accept 2 cells of 2 classes"
    assert session.do(Accept((3,), ReviewMode.SINGLE)).text == "Accept 1 cell as Monocyte"
    session.workspace.close()


def test_a_label_stays_when_the_model_changes_its_mind(session: Session) -> None:
    session.do(Accept((1,), ReviewMode.SINGLE))
    session.record(predictions(["blast"]))
    cell = session.workspace.catalogue.cells.get(1)
    assert cell.predicted == "blast"
    assert cell.review is not None
    assert (cell.review.label, cell.review.status) == ("lymphocyte", Status.ACCEPTED)
    session.workspace.close()


@pytest.mark.parametrize(
    "command",
    [
        Relabel((1, 2), "monocyte", ReviewMode.SINGLE),
        Relabel((), "blast", ReviewMode.BULK),
        Accept((1, 2), ReviewMode.BULK),
        SetFlag((1, 2), flagged=True),
        SetFlag((3, 4), flagged=False),
        SetNote(1, "  large nucleoli\n"),
        SetNote(2, "   "),
    ],
)
def test_a_command_that_changes_nothing_leaves_no_event(
    session: Session, command: UserCommand
) -> None:
    session.do(Relabel((1, 2), "monocyte", ReviewMode.BULK))
    session.do(SetFlag((1, 2), flagged=True))
    session.do(SetNote(1, "large nucleoli"))
    head, undo_text = session.workspace.catalogue.events.head(), session.undo_text
    assert session.do(command) == Changes(Kind.NONE)
    assert (session.workspace.catalogue.events.head(), session.undo_text) == (head, undo_text)
    session.workspace.close()


def test_only_cells_that_change_are_in_the_event(session: Session) -> None:
    session.do(SetFlag((1, 2), flagged=True))
    changes = session.do(SetFlag((2, 3, 3), flagged=True))
    assert changes.cell_ids == (3,)
    assert changes.text == "Flag 1 cell"
    session.workspace.close()


def test_a_cell_named_twice_is_changed_once(session: Session) -> None:
    changes = session.do(Relabel((4, 4, 4), "blast", ReviewMode.SINGLE))
    assert changes.cell_ids == (4,)
    assert session.workspace.catalogue.reviews.reviews_for([4])[4].n_reviews == 1
    session.workspace.close()


@pytest.mark.parametrize(
    ("command", "title"),
    [
        (Relabel((1,), "monocytus", ReviewMode.SINGLE), "no such class"),
        (Relabel((1, 99), "monocyte", ReviewMode.SINGLE), "no such cell"),
        (Accept((99,), ReviewMode.SINGLE), "no model label"),
        (SetFlag((1, 99), flagged=True), "no such cell"),
        (SetNote(99, "x"), "no such cell"),
        (SetNote(1, "lone surrogate \ud800"), "cannot be stored"),
    ],
)
def test_what_cannot_be_done_is_refused_and_writes_nothing(
    session: Session, command: UserCommand, title: str
) -> None:
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError, match=title):
        session.do(command)
    assert session.workspace.catalogue.events.head() == head
    assert session.workspace.catalogue.reviews.flagged() == set()
    assert session.undo_text is None
    session.workspace.close()


def test_accepting_before_classifying_is_refused(session: Session) -> None:
    session.record(ImportCells("P2", cells(2, prefix="new")))
    with pytest.raises(UserError, match="no model label"):
        session.do(Accept((1, 7), ReviewMode.BULK))
    assert session.workspace.catalogue.reviews.reviews_for() == {}
    session.workspace.close()


def test_notes_may_hold_any_sign(session: Session) -> None:
    note = "=SUM(A1) “\U0001f9a0” \x00 \u202e עברית\r\nsecond line"
    session.do(SetNote(1, note))
    assert session.workspace.catalogue.cells.get(1).note == note
    session.do(SetNote(1, ""))
    assert session.workspace.catalogue.reviews.notes_for() == {}
    session.workspace.close()


def test_predictions_name_their_model_cells_and_labels(session: Session) -> None:
    changes = session.record(predictions(["blast", "blast"], first=3))
    event = session.workspace.catalogue.events.get(changes.event_seq)
    assert event.type is EventType.PREDICTIONS_STORED
    assert event.payload["labels"] == {"blast": [[3, 4]]}
    assert (changes.kinds, changes.cell_ids) == (Kind.PREDICTIONS, (3, 4))
    assert session.undo_text is None
    session.workspace.close()


def test_an_export_is_recorded_with_the_head_it_printed(session: Session) -> None:
    _, head_hash = session.workspace.catalogue.events.head()
    changes = session.record(
        RecordExport(what="cells", file_name="out.csv", rows=6, head_hash=head_hash)
    )
    event = session.workspace.catalogue.events.get(changes.event_seq)
    assert (event.payload["head"], event.payload["rows"]) == (head_hash, 6)
    session.workspace.close()
