"""What a command changed, so that every view repaints just that and nothing more."""

from dataclasses import dataclass, field
from enum import Flag, auto


class Kind(Flag):
    """The kinds of thing that can change."""

    NONE = 0
    REVIEWS = auto()
    FLAGS = auto()
    NOTES = auto()
    PREDICTIONS = auto()
    PATIENTS = auto()
    SLIDES = auto()
    REFERENCES = auto()
    ATTRIBUTES = auto()
    VOCABULARY = auto()
    CLASSES = auto()
    MODELS = auto()


@dataclass(frozen=True)
class Changes:
    """The outcome of one command.

    Attributes:
        kinds: What changed.
        cell_ids: The cells concerned; empty where whole patients came or went.
        event_seq: Sequence number of the event that recorded it.
        text: The act in the user's words, for the status bar and the undo menu.
        reverts: It was an undo, a redo or a step taken back: views point out what it changed.
        foreign: Another program wrote it.
    """

    kinds: Kind
    cell_ids: tuple[int, ...] = field(default=())
    event_seq: int = 0
    text: str = ""
    reverts: bool = False
    foreign: bool = False
