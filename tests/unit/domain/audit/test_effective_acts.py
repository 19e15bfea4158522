"""Which acts on a cell still stand."""

from wbc_desktop.domain.audit.effective_acts import standing_after
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.audit.undo_stacks import Act

K = Act(10, EventType.RELABEL, None, "the command")


def stands(*later: tuple[int, EventType, int | None]) -> list[int]:
    acts = [Act(seq, type_, target, "") for seq, type_, target in later]
    return [act.seq for act in standing_after(K, acts)]


def test_a_command_stands_until_it_is_undone_and_again_once_it_is_redone() -> None:
    undone = (11, EventType.UNDO, 10)
    assert stands() == [10]
    assert stands(undone) == []
    assert stands(undone, (12, EventType.REDO, 10)) == [10]


def test_what_came_after_stands_unless_it_was_taken_back() -> None:
    later = (11, EventType.ACCEPT, None)
    assert stands(later) == [10, 11]
    assert stands(later, (12, EventType.UNDO, 11)) == [10]
    assert stands(later, (12, EventType.TAKE_BACK, 11)) == [10]
    assert stands(later, (12, EventType.TAKE_BACK, 11), (13, EventType.UNDO, 12)) == [10, 13]


def test_a_take_back_that_is_undone_makes_the_command_stand_again() -> None:
    taken = (11, EventType.TAKE_BACK, 10)
    assert stands(taken) == []
    assert stands(taken, (12, EventType.UNDO, 11)) == [10]
    assert stands(taken, (12, EventType.UNDO, 11), (13, EventType.REDO, 11)) == []
    assert stands(taken, (12, EventType.TAKE_BACK, 11)) == [10]


def test_undoing_something_older_is_a_change_of_its_own() -> None:
    older = (11, EventType.UNDO, 3)
    assert stands(older) == [10, 11]
    assert stands(older, (12, EventType.REDO, 3)) == [10]
