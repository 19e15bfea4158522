"""The review queue at the window: leads the reader from one doubtful cell to the next.

It only leads. What a key does to the cell is the business of ``review_controller``, which asks here
whether the reader stands at a cell of the queue, and tells when it has been dealt with.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from wbc_desktop.domain.cells.cell_index import STATUS_ORDER, UNREVIEWED
from wbc_desktop.domain.review.queue import Reason, build_queue
from wbc_desktop.domain.review.queue_progress import Pace, ReviewWalk
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.gallery.view import GalleryView
from wbc_desktop.gui.review.queue_strip import ReviewQueueStrip
from wbc_desktop.gui.review.queue_text import progress_words, reason_words, summary_words
from wbc_desktop.gui.widgets.notice_strip import NoticeStrip
from wbc_desktop.settings import Settings

_NOTHING = (
    "No shown cell needs a look of its own. Shift+Space accepts the others group by group, "
    "or show more cells with Ctrl+Shift+F."
)


class ReviewQueueController(QObject):
    """Walks through the cells worth a look.

    Args:
        browser: The cells shown.
        gallery: Shows the present cell.
        strip: Says how far the reader is.
        notice: Says why there is nothing to do.
        settings: Remembers the threshold.
        clock: Seconds that never go back, for the pace.
    """

    def __init__(
        self,
        *,
        browser: CellBrowser,
        gallery: GalleryView,
        strip: ReviewQueueStrip,
        notice: NoticeStrip,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._browser = browser
        self._gallery = gallery
        self._strip = strip
        self._notice = notice
        self._settings = settings
        self._clock = clock
        self._walk: ReviewWalk | None = None
        self._acting = False
        self._pace = Pace()
        self._on_end: list[Callable[[], None]] = []
        self._listeners: list[Callable[[], None]] = []
        strip.passed_over.connect(self.pass_over)
        strip.stopped.connect(self.stop)
        gallery.installEventFilter(self)

    def close(self) -> None:
        """Let go of the window."""
        self._strip.passed_over.disconnect(self.pass_over)
        self._strip.stopped.disconnect(self.stop)
        self._gallery.removeEventFilter(self)
        self._walk = None
        self._strip.hide()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the queue was started or left."""
        self._listeners.append(listener)

    def at_the_end(self, call: Callable[[], None]) -> None:
        """Call something whenever the reader has come to the end of a queue."""
        self._on_end.append(call)

    @property
    def running(self) -> bool:
        """Tell whether the reader is in the queue."""
        return self._walk is not None

    def toggle(self) -> None:
        """Start the queue, or leave it."""
        (self.stop if self.running else self.start)()

    def start(self) -> None:
        """Choose the shown cells worth a look and go to the first."""
        from wbc_desktop.services.inference.rendered_only import rendered_only

        self._strip.hide()
        taxonomy = self._browser.taxonomy
        queue = build_queue(
            self._browser.index,
            self._browser.arrangement.rows,
            threshold=self._settings.number("accept_threshold") / 100,
            rendered_only=frozenset(taxonomy.ordinals[c] for c in rendered_only(taxonomy)),
        )
        if not len(queue):
            self._notice.say(_NOTHING)
            return
        walk, self._pace = ReviewWalk(queue), Pace()
        self._pace.tick(self._clock())
        self._gallery.setFocus()
        self._set_walk(walk)
        self._go_on(walk)

    def stop(self) -> None:
        """Leave the queue; the chosen cell stays."""
        self._set_walk(None)
        self._strip.hide()
        self._gallery.setFocus()

    def is_at(self, cell_ids: Sequence[int]) -> bool:
        """Tell whether these are the cell of the queue at which the reader stands."""
        return self._walk is not None and tuple(cell_ids) == (self._walk.current,)

    @property
    def mode(self) -> ReviewMode:
        """How a label on the present cell comes about."""
        drawn = self._walk is not None and Reason.DRAWN in self._walk.why
        return ReviewMode.DRAW if drawn else ReviewMode.QUEUE

    def deal_with(self, act: Callable[[], bool]) -> None:
        """Let an act deal with the present cell, then go on.

        Args:
            act: Does it and tells whether it was done. The filter may hide the cell in the middle
                of it; the walk waits until it is over.
        """
        self._acting = True
        try:
            done = act()
        finally:
            self._acting = False
        if done and self._walk is not None:
            self._pace.tick(self._clock())
            self._walk.finish()
            self._go_on(self._walk)

    def pass_over(self) -> None:
        """Go on and leave the present cell as it is."""
        if self._walk is None:
            self._notice.say("The review queue is not running. V starts it.")
            return
        self._walk.pass_over(self._open(self._walk))
        self._go_on(self._walk)

    def back(self) -> None:
        """Go back to the cell of the queue before this one."""
        if self._walk is None:
            return
        while self._walk.back():
            current = self._walk.current
            if current is not None and self._browser.shown_among([current]):
                self._show(self._walk)
                return
        self._notice.say("There is no earlier cell of the queue to go back to.")
        self._show(self._walk)

    def come_back(self, cell_ids: Sequence[int] = ()) -> None:
        """Stand at the present cell again, after an act elsewhere.

        Args:
            cell_ids: Cells whose labels were taken back: the first in the queue is next.
        """
        if self._walk is not None:
            self._walk.move_to(self._browser.shown_among(cell_ids))
            self._go_on(self._walk)

    def refresh(self) -> None:
        """Take note of another filter or of other labels; the queue itself stays as it is."""
        if self._walk is None or self._acting:
            return
        current = self._walk.current
        if current is None or not self._browser.shown_among([current]):
            self._go_on(self._walk)
        else:
            self._say(self._walk)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Leave the queue with Esc, before the gallery forgets its selection."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.KeyPress and self._strip.isVisible():
            self.stop()
            return True
        return super().eventFilter(watched, event)

    def _go_on(self, walk: ReviewWalk) -> None:
        walk.seek(self._open(walk))
        if walk.ended:
            self._end(walk)
        else:
            self._show(walk)

    def _show(self, walk: ReviewWalk) -> None:
        current = walk.current
        if current is not None:
            self._gallery.select((current,))
            self._gallery.scroll_to(current)
            self._say(walk)

    def _say(self, walk: ReviewWalk) -> None:
        left, n = walk.left(self._open(walk)), len(walk.queue)
        words = progress_words(walk.place + 1, n, left, seconds=self._pace.seconds(left))
        self._strip.show_cell(words, reason_words(walk.why), place=walk.place, n=n)

    def _end(self, walk: ReviewWalk) -> None:
        self._set_walk(None)
        rows = self._browser.index.rows_of(walk.done)
        statuses = Counter(STATUS_ORDER[i] for i in self._browser.index.status[rows].tolist())
        del statuses[STATUS_ORDER[UNREVIEWED]]  # taken back meanwhile
        still = int(np.count_nonzero(self._open(walk)))
        self._strip.show_end(summary_words(statuses, passed_over=still))
        for call in self._on_end:
            call()

    def _set_walk(self, walk: ReviewWalk | None) -> None:
        self._walk = walk
        for listener in self._listeners:
            listener()

    def _open(self, walk: ReviewWalk) -> NDArray[np.bool_]:
        """Tell which cells of the queue are shown and wait for a person, bool (n,)."""
        ids, index = walk.queue.cell_ids, self._browser.index
        waiting = index.status[index.rows_of(ids)] == UNREVIEWED
        return np.asarray(waiting & self._gallery.scene.model.shown(ids))
