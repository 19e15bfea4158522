"""One reader's undo and redo stacks, derived from events, so that they survive a restart.

The stacks are never stored: feeding a reader's acts in order gives them. An undo or a redo names
the command it is about by the sequence number of that command's event. To take back an older step
is a command of its own: it goes on top like any other, and is itself undone like any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wbc_desktop.domain.audit.events import EventType


@dataclass(frozen=True)
class Act:
    """What the stacks need to know of one event of a reader.

    Attributes:
        seq: Sequence number of the event.
        type: A user command, undo or redo.
        target: For undo, redo and take back: the sequence number of the command they are about;
            else None.
        text: The command in the user's words.
    """

    seq: int
    type: EventType
    target: int | None
    text: str

    @property
    def command(self) -> int:
        """Sequence number of the command this is, undoes or redoes."""
        if self.type in (EventType.UNDO, EventType.REDO) and self.target is not None:
            return self.target
        return self.seq


class UndoStacks:
    """The commands a reader can undo and redo, the last one on top.

    Attributes:
        done: Acts that can be undone, oldest first.
        undone: Acts that can be done again, the next one last.
    """

    def __init__(self) -> None:
        self.done: list[Act] = []
        self.undone: list[Act] = []

    def feed(self, act: Act) -> None:
        """Take account of one more event of this reader."""
        match act.type:
            case EventType.UNDO:
                _move(act.target, self.done, self.undone)
            case EventType.REDO:
                _move(act.target, self.undone, self.done)
            case _:
                self.done.append(act)
                self.undone.clear()


def _move(target: int | None, source: list[Act], destination: list[Act]) -> None:
    # The target is on top: undo and redo take nothing else.
    if source and source[-1].seq == target:
        destination.append(source.pop())


def effective_acts(command: Act, later: Iterable[Act]) -> list[Act]:
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
