"""The review queue at the window: leads the reader from one doubtful cell to the next.

It only leads. What a key does to the cell is the business of ``review_controller``, which asks here
whether the reader stands at a cell of the queue, and tells when it has been dealt with.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from wbc_desktop.domain.cells.cell_index import STATUS_ORDER, UNREVIEWED
from wbc_desktop.domain.review.queue import Reason, build_queue
from wbc_desktop.domain.review.queue_progress import QueueProgress, ReviewPace
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.domain.wording import capitalised, counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.widgets.prediction_text import UNLIKE

_NOTHING = (
    "No shown cell needs a look of its own. Shift+Space accepts the others group by group, "
    "or show more cells with Ctrl+Shift+F."
)
_REASONS = {
    Reason.FLAGGED: "flagged",
    Reason.AMBIGUOUS: "could be another class",
    Reason.UNSURE: "the model is not sure",
    Reason.UNUSUAL: UNLIKE,
    Reason.RARE: "class rare in this patient",
    Reason.RENDERED_ONLY: "class learned from rendered cells only",
    Reason.DRAWN: "drawn by lot",
}
_REVIEWED_AS = {
    Status.ACCEPTED: "accepted",
    Status.CORRECTED: "corrected",
    Status.UNDECIDED: "unidentified",
    Status.EXCLUDED: "excluded",
}


class ReviewQueueController(Controller):
    """Walks through the cells worth a look.

    Args:
        context: The cells, the gallery that shows the present one, and the threshold.
        clock: Seconds that never go back, for the pace.
    """

    def __init__(
        self, context: WorkspaceContext, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._workspace = context.workspace
        self._browser = context.browser
        self._gallery = context.window.gallery
        self._strip = context.window.queue_strip
        self._notice = context.window.notice
        self._settings = context.settings
        self._clock = clock
        self._progress: QueueProgress | None = None
        self._acting = False
        self._pace = ReviewPace()
        self._on_finished: list[Callable[[], None]] = []
        self._listeners: list[Callable[[], None]] = []
        self.connect(self._strip.passed_over, self.skip)
        self.connect(self._strip.stopped, self.stop)
        self._escape = _EscapeFilter(self._stop_by_key)
        self._gallery.installEventFilter(self._escape)
        self.on_close(lambda: self._gallery.removeEventFilter(self._escape))

    def close(self) -> None:
        """Let go of the window."""
        super().close()
        self._progress = None
        self._strip.hide()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the queue was started or left."""
        self._listeners.append(listener)

    def on_finished(self, call: Callable[[], None]) -> None:
        """Call something whenever the reader has come to the end of a queue."""
        self._on_finished.append(call)

    @property
    def running(self) -> bool:
        """Tell whether the reader is in the queue."""
        return self._progress is not None

    def toggle(self) -> None:
        """Start the queue, or leave it."""
        (self.stop if self.running else self.start)()

    def start(self) -> None:
        """Choose the shown cells worth a look and go to the first."""
        from wbc_desktop.services.inference.rendered_only import rendered_only

        self._strip.hide()
        taxonomy = self._browser.taxonomy
        known = rendered_only(self._workspace, taxonomy)
        queue = build_queue(
            self._browser.index,
            self._browser.arrangement.rows,
            threshold=self._settings.number("accept_threshold") / 100,
            rendered_only=frozenset(taxonomy.ordinals[c] for c in known),
        )
        if not len(queue):
            self._notice.say(_NOTHING)
            return
        progress, self._pace = QueueProgress(queue), ReviewPace()
        self._pace.tick(self._clock())
        self._gallery.setFocus()
        self._set_progress(progress)
        self._go_on(progress)

    def stop(self) -> None:
        """Leave the queue; the chosen cell stays."""
        self._set_progress(None)
        self._strip.hide()
        self._gallery.setFocus()

    def is_at(self, cell_ids: Sequence[int]) -> bool:
        """Tell whether these are the cell of the queue at which the reader stands."""
        return self._progress is not None and tuple(cell_ids) == (self._progress.current,)

    @property
    def mode(self) -> ReviewMode:
        """How a label on the present cell comes about."""
        drawn = self._progress is not None and Reason.DRAWN in self._progress.reason
        return ReviewMode.DRAW if drawn else ReviewMode.QUEUE

    def review_current(self, act: Callable[[], bool]) -> None:
        """Let an act deal with the present cell, then go on.

        Args:
            act: Does it and tells whether it was done. The filter may hide the cell in the middle
                of it; the queue waits until it is over.
        """
        self._acting = True
        try:
            done = act()
        finally:
            self._acting = False
        if done and self._progress is not None:
            self._pace.tick(self._clock())
            self._progress.mark_reviewed()
            self._go_on(self._progress)

    def skip(self) -> None:
        """Go on and leave the present cell as it is."""
        if self._progress is None:
            self._notice.say("The review queue is not running. V starts it.")
            return
        self._progress.skip(self._open(self._progress))
        self._go_on(self._progress)

    def back(self) -> None:
        """Go back to the cell of the queue before this one."""
        if self._progress is None:
            return
        while self._progress.back():
            current = self._progress.current
            if current is not None and self._browser.shown_among([current]):
                self._show(self._progress)
                return
        self._notice.say("There is no earlier cell of the queue to go back to.")
        self._show(self._progress)

    def return_to(self, cell_ids: Sequence[int] = ()) -> None:
        """Stand at the present cell again, after an act elsewhere.

        Args:
            cell_ids: Cells whose labels were taken back: the first in the queue is next.
        """
        if self._progress is not None:
            self._progress.move_to(self._browser.shown_among(cell_ids))
            self._go_on(self._progress)

    def refresh(self) -> None:
        """Take note of another filter or of other labels; the queue itself stays as it is."""
        if self._progress is None or self._acting:
            return
        current = self._progress.current
        if current is None or not self._browser.shown_among([current]):
            self._go_on(self._progress)
        else:
            self._say(self._progress)

    def _stop_by_key(self) -> bool:
        if not self._strip.isVisible():
            return False
        self.stop()
        return True

    def _go_on(self, progress: QueueProgress) -> None:
        progress.seek_unreviewed(self._open(progress))
        if progress.ended:
            self._end(progress)
        else:
            self._show(progress)

    def _show(self, progress: QueueProgress) -> None:
        current = progress.current
        if current is not None:
            self._gallery.select((current,))
            self._gallery.scroll_to(current)
            self._say(progress)

    def _say(self, progress: QueueProgress) -> None:
        left, n = progress.left(self._open(progress)), len(progress.queue)
        words = progress_words(progress.position + 1, n, left, seconds=self._pace.seconds(left))
        self._strip.show_cell(words, reason_words(progress.reason), position=progress.position, n=n)

    def _end(self, progress: QueueProgress) -> None:
        self._set_progress(None)
        rows = self._browser.index.rows_of(progress.done)
        statuses = Counter(STATUS_ORDER[i] for i in self._browser.index.status[rows].tolist())
        del statuses[STATUS_ORDER[UNREVIEWED]]  # taken back meanwhile
        still = int(np.count_nonzero(self._open(progress)))
        self._strip.show_end(summary_words(statuses, skipped=still))
        for call in self._on_finished:
            call()

    def _set_progress(self, progress: QueueProgress | None) -> None:
        self._progress = progress
        for listener in self._listeners:
            listener()

    def _open(self, progress: QueueProgress) -> NDArray[np.bool_]:
        """Tell which cells of the queue are shown and wait for a person, bool (n,)."""
        ids, index = progress.queue.cell_ids, self._browser.index
        waiting = index.status[index.rows_of(ids)] == UNREVIEWED
        return np.asarray(waiting & self._gallery.scene.model.shown(ids))


class _EscapeFilter(QObject):
    """Takes Esc from the gallery, before it forgets its selection.

    Args:
        act: Called at Esc; False leaves the key to the gallery.
    """

    def __init__(self, act: Callable[[], bool]) -> None:
        super().__init__()
        self._act = act

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the key if it was acted on."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.KeyPress and self._act():
            return True
        return super().eventFilter(watched, event)


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


def progress_words(position: int, n: int, left: int, *, seconds: float | None) -> str:
    """Return where the reader stands.

    Args:
        position: Of the present cell, from 1.
        n: Cells in the queue.
        left: Cells that still need a look, the present one with them.
        seconds: How long these will take, or None.
    """
    parts = (f"{position:,} of {n:,}", f"{left:,} left", effort_words(seconds))
    return " · ".join(part for part in parts if part)


def summary_words(done: Mapping[Status, int], *, skipped: int) -> str:
    """Return what was done in the queue, in one sentence.

    Args:
        done: Cells dealt with, by the status they have now.
        skipped: Cells of the queue that still need a look.
    """
    total = sum(done.values())
    parts = [f"{done[s]:,} {words}" for s, words in _REVIEWED_AS.items() if done.get(s)]
    told = f"{counted(total, 'cell')} reviewed" + (f": {', '.join(parts)}" if parts else "")
    return f"{told}; {skipped:,} still to look at." if skipped else f"{told}."
