"""Which acts on one cell still stand: those that were not taken back since."""

from collections.abc import Iterable

from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.audit.undo_stacks import Act


def standing_after(command: Act, later: Iterable[Act]) -> list[Act]:
    """Return what stands of a command and the acts on the same cell after it, oldest first.

    An undo, a redo and a take back reverse what they are about: once makes it go, twice makes it
    come back. One that is about something older than the command stands itself.

    Args:
        command: Done to the cell at first.
        later: All acts of all readers on the same field of that cell since, oldest first.
    """
    stands: dict[int, Act] = {command.seq: command}
    meant: dict[int, int] = {}  # what the take backs are about in the end
    for act in later:
        about = meant.get(act.command, act.command)
        if act.type is EventType.TAKE_BACK and act.target is not None:
            about = meant[act.seq] = meant.get(act.target, act.target)
        if about in stands:
            del stands[about]
        else:
            stands[about] = command if about == command.seq else act
    return list(stands.values())
