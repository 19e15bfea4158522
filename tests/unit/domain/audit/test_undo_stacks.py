"""Undo and redo stacks out of a reader's acts."""

from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.audit.undo_stacks import Act, UndoStacks, effective_acts


def stacks(*acts: tuple[int, EventType, int | None]) -> tuple[list[int], list[int]]:
    fed = UndoStacks()
    for seq, type_, target in acts:
        fed.feed(Act(seq, type_, target, f"act {seq}"))
    return [act.seq for act in fed.done], [act.seq for act in fed.undone]


def test_commands_pile_up() -> None:
    assert stacks((1, EventType.RELABEL, None), (3, EventType.FLAG, None)) == ([1, 3], [])


def test_undo_moves_the_last_command_and_redo_brings_it_back() -> None:
    acts = [(1, EventType.RELABEL, None), (2, EventType.ACCEPT, None), (3, EventType.UNDO, 2)]
    assert stacks(*acts) == ([1], [2])
    assert stacks(*acts, (4, EventType.REDO, 2)) == ([1, 2], [])


def test_a_new_command_forgets_what_was_undone() -> None:
    assert stacks(
        (1, EventType.RELABEL, None), (2, EventType.UNDO, 1), (3, EventType.NOTE, None)
    ) == ([3], [])


def test_an_undo_of_something_else_moves_nothing() -> None:
    assert stacks((1, EventType.RELABEL, None), (2, EventType.UNDO, 9)) == ([1], [])


K = Act(10, EventType.RELABEL, None, "the command")


def stands(*later: tuple[int, EventType, int | None]) -> list[int]:
    acts = [Act(seq, type_, target, "") for seq, type_, target in later]
    return [act.seq for act in effective_acts(K, acts)]


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
