"""What a person has said of a cell: label, status, who, when and how.

The status follows from the label and from what the model had predicted at that moment; nobody
sets it directly.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wbc_desktop.domain.taxonomy.classes import ARTEFACT, UNIDENTIFIED


class Status(StrEnum):
    """Where the review of a cell stands. ``unreviewed`` never looks like ``accepted``."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    UNDECIDED = "undecided"
    EXCLUDED = "excluded"


class ReviewMode(StrEnum):
    """How the label came about.

    One cell looked at; one that the queue chose as worth a look; one that the queue drew by lot, so
    that these are a random sample of the cells it was started on; or many cells at once.
    """

    SINGLE = "single"
    QUEUE = "queue"
    DRAW = "draw"
    BULK = "bulk"


@dataclass(frozen=True, kw_only=True)
class Review:
    """The human label of one cell.

    Attributes:
        label: Class id.
        status: Any status but ``unreviewed``.
        reviewer: The reader's name.
        reviewed_at: UTC time, ISO 8601 with a trailing Z.
        mode: How it came about.
        n_reviews: How many times a person has labelled or accepted this cell.
    """

    label: str
    status: Status
    reviewer: str
    reviewed_at: str
    mode: ReviewMode
    n_reviews: int


def seconds_of(reviewed_at: str) -> int:
    """Return a time of review in whole seconds since 1970 UTC; 0 where it cannot be read."""
    try:
        return max(0, int(datetime.fromisoformat(reviewed_at).timestamp()))
    except ValueError:  # ``verify`` says so; the cell sorts as one reviewed long ago
        return 0


def status_of(label: str, *, predicted: str | None) -> Status:
    """Return the status that a human label gives a cell.

    Args:
        label: The class id a person chose.
        predicted: The model's class id at that moment, or None if there was none.
    """
    if label == UNIDENTIFIED:
        return Status.UNDECIDED
    if label == ARTEFACT:
        return Status.EXCLUDED
    return Status.ACCEPTED if label == predicted else Status.CORRECTED
