"""The review queue in words: why a cell is in it, how long it takes, what was done."""

from collections.abc import Mapping

from wbc_desktop.domain.review.queue import Reason
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.wording import capitalised, counted
from wbc_desktop.gui.widgets.trust_text import UNLIKE

_REASONS = {
    Reason.FLAGGED: "flagged",
    Reason.RIVALS: "could be another class",
    Reason.UNSURE: "the model is not sure",
    Reason.UNUSUAL: UNLIKE,
    Reason.RARE: "class rare in this patient",
    Reason.LOW_TRUST: "class learned from rendered cells only",
    Reason.DRAWN: "drawn by lot",
}
_DONE = {
    Status.ACCEPTED: "accepted",
    Status.CORRECTED: "corrected",
    Status.UNDECIDED: "unidentified",
    Status.EXCLUDED: "excluded",
}


def reason_words(why: Reason) -> str:
    """Return why a cell is in the queue."""
    return capitalised(", ".join(words for reason, words in _REASONS.items() if reason in why))


def effort_words(seconds: float | None) -> str:
    """Return how long the rest will take, roughly; empty while it is not known.

    Args:
        seconds: The estimate, or None.
    """
    if seconds is None:
        return ""
    if seconds < 50:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60} min"


def progress_words(place: int, n: int, left: int, *, seconds: float | None) -> str:
    """Return where the reader stands.

    Args:
        place: Of the present cell, from 1.
        n: Cells in the queue.
        left: Cells that still need a look, the present one with them.
        seconds: How long these will take, or None.
    """
    parts = (f"{place:,} of {n:,}", f"{left:,} left", effort_words(seconds))
    return " · ".join(part for part in parts if part)


def summary_words(done: Mapping[Status, int], *, passed_over: int) -> str:
    """Return what was done in the queue, in one sentence.

    Args:
        done: Cells dealt with, by the status they have now.
        passed_over: Cells of the queue that still need a look.
    """
    total = sum(done.values())
    parts = [f"{done[s]:,} {words}" for s, words in _DONE.items() if done.get(s)]
    told = f"{counted(total, 'cell')} reviewed" + (f": {', '.join(parts)}" if parts else "")
    return f"{told}; {passed_over:,} still to look at." if passed_over else f"{told}."
