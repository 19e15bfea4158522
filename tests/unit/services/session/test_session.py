"""Do, undo, redo, restart, other readers and other programs."""

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, filled, predictions, reopened
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.session.commands import Accept, Context, Relabel, SetFlag, SetNote
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace

MONOCYTE = Relabel((1, 2), "monocyte", ReviewMode.BULK)
BLAST = Relabel((2, 3), "blast", ReviewMode.BULK)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def labels(session: Session) -> dict[int, str]:
    return {i: r.label for i, r in session.workspace.catalogue.reviews.reviews_for().items()}


def other_program(session: Session, *, reader: str = "Ada") -> Session:
    """Return a session on a connection of its own, as another process has it."""
    workspace = Workspace.open(session.workspace.folder)
    return Session(workspace, reader=reader, taxonomy=TAXONOMY)


def test_undo_and_redo_walk_through_the_commands(session: Session) -> None:
    session.do(MONOCYTE)
    session.do(BLAST)
    assert (session.undo_text, session.redo_text) == ("Relabel 2 cells as Blast", None)
    assert session.undo().text == "Undone: Relabel 2 cells as Blast"
    assert labels(session) == {1: "monocyte", 2: "monocyte"}
    assert session.undo().cell_ids == (1, 2)
    assert labels(session) == {}
    assert (session.undo_text, session.redo_text) == (None, "Relabel 2 cells as Monocyte")
    assert session.redo().text == "Redone: Relabel 2 cells as Monocyte"
    session.redo()
    assert labels(session) == {1: "monocyte", 2: "blast", 3: "blast"}
    session.workspace.close()


def test_undo_restores_the_whole_review_not_just_the_label(session: Session) -> None:
    session.do(MONOCYTE)
    before = session.workspace.catalogue.reviews.reviews_for([2])
    session.do(BLAST)
    session.undo()
    assert session.workspace.catalogue.reviews.reviews_for([2]) == before
    session.workspace.close()


def test_history_never_shrinks(session: Session) -> None:
    session.do(MONOCYTE)
    session.undo()
    session.redo()
    types = [event.type for event in session.workspace.catalogue.events.history(1)][:3]
    assert types == [EventType.REDO, EventType.UNDO, EventType.RELABEL]
    session.workspace.close()


def test_a_new_command_ends_the_redos(session: Session) -> None:
    session.do(MONOCYTE)
    session.undo()
    session.do(SetNote(1, "x"))
    assert session.redo_text is None
    with pytest.raises(UserError, match="nothing to redo"):
        session.redo()
    session.workspace.close()


def test_with_nothing_done_there_is_nothing_to_undo(session: Session) -> None:
    with pytest.raises(UserError, match="nothing to undo"):
        session.undo()
    session.workspace.close()


def test_the_undo_stack_survives_a_restart(session: Session) -> None:
    session.do(MONOCYTE)
    session.do(SetFlag((5,), flagged=True))
    session.do(BLAST)
    session.undo()
    again = reopened(session)
    assert (again.undo_text, again.redo_text) == ("Flag 1 cell", "Relabel 2 cells as Blast")
    again.undo()
    again = reopened(again)
    again.undo()
    assert labels(again) == {}
    assert again.workspace.catalogue.reviews.flagged() == set()
    assert verify(again.workspace, TAXONOMY).ok
    again.workspace.close()


def test_imports_and_predictions_are_not_undone(session: Session) -> None:
    session.do(MONOCYTE)
    session.record(predictions(["blast"] * 6))
    assert session.undo_text == "Relabel 2 cells as Monocyte"
    session.undo()
    assert labels(session) == {}
    assert session.workspace.catalogue.cells.get(1).predicted == "blast"
    session.workspace.close()


def test_each_reader_undoes_their_own_work(session: Session) -> None:
    session.do(MONOCYTE)
    session.set_reader("Zoë")
    assert session.undo_text is None
    session.do(SetFlag((1,), flagged=True))
    session.set_reader("Ada")
    session.undo()
    assert labels(session) == {}
    assert session.workspace.catalogue.reviews.flagged() == {1}
    session.workspace.close()


def test_undo_refuses_where_somebody_else_changed_a_cell(session: Session) -> None:
    session.do(MONOCYTE)
    session.set_reader("Zoë")
    session.do(BLAST)
    session.set_reader("Ada")
    with pytest.raises(UserError, match="Cannot undo “Relabel 2 cells as Monocyte”") as caught:
        session.undo()
    assert "0000002" in caught.value.detail
    assert "by Zoë at 20" in caught.value.detail
    assert labels(session) == {1: "monocyte", 2: "blast", 3: "blast"}
    assert session.undo_text == "Relabel 2 cells as Monocyte"
    session.workspace.close()


def test_undo_works_again_once_the_other_took_the_change_back(session: Session) -> None:
    session.do(MONOCYTE)
    session.set_reader("Zoë")
    session.do(BLAST)
    session.undo()
    session.set_reader("Ada")
    session.undo()
    assert labels(session) == {}
    session.workspace.close()


def test_undo_refuses_below_the_work_of_others_even_if_the_value_is_the_same(
    session: Session,
) -> None:
    session.do(SetFlag((1,), flagged=True))
    session.set_reader("Zoë")
    session.do(SetFlag((1,), flagged=False))
    session.do(SetFlag((1,), flagged=True))
    session.set_reader("Ada")
    with pytest.raises(UserError, match="changed by Zoë"):
        session.undo()
    assert session.workspace.catalogue.reviews.flagged() == {1}
    session.workspace.close()


def test_redo_refuses_where_somebody_else_labelled_the_cell(session: Session) -> None:
    session.do(MONOCYTE)
    session.undo()
    session.set_reader("Zoë")
    session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
    session.set_reader("Ada")
    with pytest.raises(UserError, match="Cannot redo"):
        session.redo()
    assert labels(session) == {1: "blast"}
    session.workspace.close()


def test_a_flag_does_not_stand_in_the_way_of_undoing_a_label(session: Session) -> None:
    session.do(MONOCYTE)
    session.set_reader("Zoë")
    session.do(SetFlag((1,), flagged=True))
    session.set_reader("Ada")
    session.undo()
    assert labels(session) == {}
    session.workspace.close()


def test_a_label_changed_behind_the_programs_back_is_not_trampled(session: Session) -> None:
    session.do(MONOCYTE)
    with session.workspace.atomic() as tx:
        tx.set_reviews({1: None})
    with pytest.raises(UserError, match="changed outside of the program"):
        session.undo()
    session.workspace.close()


def test_subscribers_hear_of_every_change_that_is_in_the_file(session: Session) -> None:
    heard: list[Changes] = []
    unsubscribe = session.subscribe(heard.append)
    session.do(MONOCYTE)
    session.do(MONOCYTE)  # changes nothing
    with pytest.raises(UserError):
        session.do(Relabel((99,), "blast", ReviewMode.SINGLE))
    session.undo()
    unsubscribe()
    unsubscribe()
    session.do(BLAST)
    assert [(c.kinds, c.cell_ids) for c in heard] == [(Kind.REVIEWS, (1, 2))] * 2
    session.workspace.close()


@pytest.mark.parametrize("foreign", [False, True])
def test_a_subscriber_that_fails_costs_neither_the_undo_step_nor_the_others_the_news(
    session: Session, foreign: bool
) -> None:
    heard: list[Changes] = []

    def fail(changes: Changes) -> None:
        raise RuntimeError(f"cannot show {changes.text}")

    session.do(BLAST)
    if foreign:
        other = other_program(session)
        other.do(SetNote(5, "by somebody else"))
        other.workspace.close()
    session.subscribe(fail)
    session.subscribe(heard.append)
    with pytest.raises(RuntimeError, match="another program" if foreign else "Monocyte"):
        session.do(MONOCYTE)
    assert [changes.foreign for changes in heard] == [True, False][1 - foreign :]
    assert heard[-1].cell_ids == MONOCYTE.cell_ids
    assert session.undo_text == heard[-1].text
    with pytest.raises(RuntimeError):
        session.undo()
    assert labels(session) == {2: "blast", 3: "blast"}
    assert not session.refresh().kinds


@dataclass(frozen=True)
class FailsLate:
    """A command that fails after it has written."""

    def apply(self, context: Context) -> Changes:
        context.tx.append_event(context.reader, EventType.EXPORTED, {})
        context.tx.set_flags({1: True})
        raise UserError("The disk is full")


def test_a_command_that_fails_halfway_leaves_nothing(session: Session) -> None:
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError, match="disk is full"):
        session.record(FailsLate())
    assert session.workspace.catalogue.events.head() == head
    assert session.workspace.catalogue.reviews.flagged() == set()
    session.do(MONOCYTE)
    assert verify(session.workspace, TAXONOMY).ok
    session.workspace.close()


def test_a_clock_that_goes_backwards_breaks_nothing(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "ws").workspace
    times = iter(["2026-11-21T09:30:00.000000Z", "2020-01-01T00:00:00.000000Z"])
    session = Session(workspace, reader="Ada", taxonomy=TAXONOMY, clock=lambda: next(times))
    session.do(MONOCYTE)
    session.do(BLAST)
    again = reopened(session)
    assert again.undo_text == "Relabel 2 cells as Blast"
    assert verify(again.workspace, TAXONOMY).ok
    again.workspace.close()


def test_a_reader_needs_a_name(session: Session) -> None:
    for name in ("", "  ", "\ud800"):
        with pytest.raises(UserError):
            session.set_reader(name)
    assert session.reader == "Ada"
    session.workspace.close()


def test_a_workspace_of_other_classes_is_refused(session: Session) -> None:
    other = Taxonomy(version="wbc-2", classes=TAXONOMY.classes)
    with pytest.raises(UserError, match="other classes"):
        Session(session.workspace, reader="Ada", taxonomy=other)
    session.workspace.close()


def test_an_audit_log_that_cannot_be_read_is_told_in_plain_words(session: Session) -> None:
    session.do(MONOCYTE)
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute("UPDATE event SET payload = '{' WHERE type = 'relabel'")
    connection.commit()
    connection.close()
    with (
        Workspace.open(session.workspace.folder) as workspace,
        pytest.raises(UserError, match="damaged"),
    ):
        Session(workspace, reader="Ada", taxonomy=TAXONOMY)


def test_another_thread_is_turned_away(session: Session) -> None:
    refused: list[RuntimeError] = []

    def work() -> None:
        try:
            session.do(MONOCYTE)
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(refused) == 1
    assert labels(session) == {}
    session.workspace.close()


def test_the_same_reader_in_two_programs_has_one_undo_stack(session: Session) -> None:
    other = other_program(session)
    session.do(MONOCYTE)
    other.do(SetNote(4, "from the other window"))
    session.undo()
    assert session.workspace.catalogue.reviews.notes_for() == {}
    assert labels(session) == {1: "monocyte", 2: "monocyte"}
    other.undo()
    assert labels(session) == {}
    assert verify(session.workspace, TAXONOMY).ok
    other.workspace.close()
    session.workspace.close()


def test_events_of_two_programs_form_one_chain(session: Session) -> None:
    other = other_program(session, reader="Zoë")
    for i in range(1, 7):
        (session if i % 2 else other).do(Relabel((i,), "blast", ReviewMode.SINGLE))
    verdict = verify(session.workspace, TAXONOMY)
    assert verdict.ok
    assert (session.undo_text, other.undo_text) == ("Relabel 1 cell as Blast",) * 2
    other.undo()
    assert sorted(labels(session)) == [1, 2, 3, 4, 5]
    other.workspace.close()
    session.workspace.close()


def test_what_another_program_changed_is_told_with_the_next_command(session: Session) -> None:
    other = other_program(session, reader="Zoë")
    heard: list[Changes] = []
    session.subscribe(heard.append)
    other.do(SetFlag((5,), flagged=True))
    other.do(Accept((6,), ReviewMode.SINGLE))
    session.do(MONOCYTE)
    foreign, own = heard
    assert (foreign.kinds, foreign.cell_ids) == (Kind.FLAGS | Kind.REVIEWS, (5, 6))
    assert own.cell_ids == (1, 2)
    other.workspace.close()
    session.workspace.close()


def test_what_another_program_changed_is_told_even_if_the_command_fails(session: Session) -> None:
    other = other_program(session, reader="Zoë")
    heard: list[Changes] = []
    session.subscribe(heard.append)
    other.do(SetNote(5, "x"))
    with pytest.raises(UserError):
        session.undo()
    assert [c.cell_ids for c in heard] == [(5,)]
    other.workspace.close()
    session.workspace.close()


def test_a_refresh_tells_what_another_program_changed_once(session: Session) -> None:
    other = other_program(session, reader="Zoë")
    other.record(predictions(["blast"], first=4))
    assert session.refresh().kinds is Kind.PREDICTIONS
    assert session.refresh() == Changes(Kind.NONE)
    other.workspace.close()
    session.workspace.close()


def test_a_second_writer_waits_for_the_first(session: Session) -> None:
    started, errors = threading.Event(), []

    def write_elsewhere() -> None:
        other = other_program(session, reader="Zoë")
        started.set()
        try:
            other.do(BLAST)
        except UserError as error:
            errors.append(error)
        other.workspace.close()

    thread = threading.Thread(target=write_elsewhere)
    with session.workspace.atomic() as tx:
        tx.set_flags({1: True})
        thread.start()
        assert started.wait(10)
    thread.join()
    assert errors == []
    assert labels(session) == {2: "blast", 3: "blast"}
    session.workspace.close()
