"""Taking back an older step: its scope, what is refused, what is left, and undoing it."""

from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, filled, reopened
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.session.commands import Relabel, SetFlag, SetNote
from wbc_desktop.services.session.revert_step import revert_scope
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify

BULK = Relabel((1, 2, 3, 4), "monocyte", ReviewMode.BULK)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def labels(session: Session) -> dict[int, str]:
    return {i: r.label for i, r in session.workspace.catalogue.reviews.reviews_for().items()}


def one(cell_id: int, label: str) -> Relabel:
    return Relabel((cell_id,), label, ReviewMode.SINGLE)


def test_an_old_step_is_taken_back_below_later_ones(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    session.do(one(5, "blast"))
    changes = session.undo_step(bulk)
    assert changes.cell_ids == (1, 2, 3, 4)
    assert changes.text == "Taken back: Relabel 4 cells as Monocyte"
    assert labels(session) == {5: "blast"}
    assert session.undo_text == "Take back “Relabel 4 cells as Monocyte”"
    assert verify(session.workspace, TAXONOMY).ok
    session.workspace.close()


def test_taking_back_is_an_act_that_can_be_undone_and_redone_after_a_restart(
    session: Session,
) -> None:
    bulk = session.do(BULK).event_seq
    session.do(one(5, "blast"))
    session.undo_step(bulk)
    again = reopened(session)
    again.undo()
    assert labels(again) == {1: "monocyte", 2: "monocyte", 3: "monocyte", 4: "monocyte", 5: "blast"}
    again.redo()
    assert labels(again) == {5: "blast"}
    again.undo()
    again.undo()
    again.undo()
    assert labels(again) == {}
    assert again.undo_text is None
    assert verify(again.workspace, TAXONOMY).ok
    again.workspace.close()


def test_the_scope_counts_the_cells_that_were_changed_since(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    later = session.do(one(3, "blast")).event_seq
    scope = revert_scope(session.workspace.catalogue, bulk)
    assert scope.cell_ids == (1, 2, 3, 4)
    assert scope.open_ids == (1, 2, 4)
    assert scope.changed == {3: later}
    assert scope.changed_by is not None
    assert scope.changed_by[0] == "Ada"
    session.workspace.close()


def test_a_step_whose_cells_were_changed_is_refused_unless_they_are_to_be_left(
    session: Session,
) -> None:
    bulk = session.do(BULK).event_seq
    session.set_reader("Zoë")
    session.do(one(3, "blast"))
    session.set_reader("Ada")
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError, match="Cannot take back “Relabel 4 cells") as caught:
        session.undo_step(bulk)
    assert "0000003" in caught.value.detail
    assert "by Zoë at 20" in caught.value.detail
    assert session.workspace.catalogue.events.head() == head

    session.undo_step(bulk, leave_changed=True)
    assert labels(session) == {3: "blast"}
    expected = "Take back “Relabel 4 cells as Monocyte” for 3 of its 4 cells"
    assert session.undo_text == expected
    session.undo()
    assert labels(session) == {1: "monocyte", 2: "monocyte", 3: "blast", 4: "monocyte"}
    session.workspace.close()


def test_a_change_that_led_back_to_the_same_value_is_left_too(session: Session) -> None:
    step = session.do(SetFlag((1, 2), flagged=True)).event_seq
    session.set_reader("Zoë")
    session.do(SetFlag((1,), flagged=False))
    session.do(SetFlag((1,), flagged=True))
    session.set_reader("Ada")
    session.undo_step(step, leave_changed=True)
    assert session.workspace.catalogue.reviews.flagged() == {1}
    session.workspace.close()


def test_a_later_step_that_was_taken_back_is_no_longer_in_the_way(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    later = session.do(one(3, "blast")).event_seq
    session.undo_step(later)
    assert labels(session)[3] == "monocyte"
    session.undo_step(bulk)
    assert labels(session) == {}
    session.workspace.close()


def test_a_step_cannot_be_taken_back_twice(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    session.undo_step(bulk)
    with pytest.raises(UserError, match="Nothing is left to take back"):
        session.undo_step(bulk, leave_changed=True)
    session.undo()
    session.undo_step(bulk)
    assert labels(session) == {}
    session.workspace.close()


def test_undo_and_a_step_taken_back_do_not_fight(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    session.undo()
    with pytest.raises(UserError, match="Nothing is left"):
        session.undo_step(bulk)
    session.redo()
    session.undo_step(bulk)
    session.undo()
    session.undo()
    assert labels(session) == {}
    assert session.redo_text == "Relabel 4 cells as Monocyte"
    session.workspace.close()


def test_only_the_readers_own_steps_are_taken_back(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    session.set_reader("Zoë")
    with pytest.raises(UserError, match="another reader") as caught:
        session.undo_step(bulk)
    assert "by Ada" in caught.value.detail
    assert len(labels(session)) == 4
    session.workspace.close()


def test_what_is_no_step_about_cells_is_refused(session: Session) -> None:
    session.do(SetNote(1, "smeared"))
    undo = session.undo().event_seq
    for seq in (1, 2, 3, undo):
        with pytest.raises(UserError, match="not about cells"):
            session.undo_step(seq)
    with pytest.raises(UserError, match="missing"):
        session.undo_step(999)
    session.workspace.close()


def test_the_log_says_what_was_taken_back(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    seq = session.undo_step(bulk).event_seq
    event = session.workspace.catalogue.events.get(seq)
    assert event.type is EventType.TAKE_BACK
    assert event.payload["takes_back"] == bulk
    session.workspace.close()
