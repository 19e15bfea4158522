"""Undo and redo stacks out of a reader's acts."""

from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.audit.undo_stacks import Act, UndoStacks


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
