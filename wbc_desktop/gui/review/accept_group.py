"""Accepting group by group: marks what is meant, states the count, asks, goes on to the next group.

Nothing is accepted that is not shown and was not counted in the question: where another program
changed one of the cells meanwhile, the question is put again with the new count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from wbc_desktop.domain.review.group_accept import GroupOffer
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.gallery.view import GalleryView
from wbc_desktop.gui.review.accept_group_bar import AcceptGroupBar
from wbc_desktop.gui.review.accept_group_offers import GroupOffers, following
from wbc_desktop.gui.widgets.notice_strip import NoticeStrip

_CHANGED = "Cells of this group have just changed. Look again, then answer."


@dataclass
class _Round:
    """One way through the groups.

    Attributes:
        asked: What the bar asks about now.
        before: What was selected when it began.
        cells: Accepted so far.
        passed: Groups accepted or passed over, by ordinal.
        groups: Groups accepted so far.
    """

    asked: GroupOffer
    before: Sequence[int]
    cells: int = 0
    groups: int = 0
    passed: set[int] = field(default_factory=set)


class AcceptGroupController:
    """Asks about one group after another.

    Args:
        offers: What the groups would give.
        gallery: Shows and marks what is meant.
        bar: Asks.
        notice: Says what was done.
        accept: Accepts cells and tells whether it was done.
        catch_up: Takes note of what other programs have written.
    """

    def __init__(
        self,
        *,
        offers: GroupOffers,
        gallery: GalleryView,
        bar: AcceptGroupBar,
        notice: NoticeStrip,
        accept: Callable[[Sequence[int]], bool],
        catch_up: Callable[[], None],
    ) -> None:
        self._offers = offers
        self._gallery = gallery
        self._bar = bar
        self._notice = notice
        self._accept = accept
        self._catch_up = catch_up
        self._round: _Round | None = None
        self._acting = False
        self._connections = (
            (bar.accepted, self._take),
            (bar.left, self._leave),
            (bar.abandoned, self._abandon),
            (bar.stepped, self._step),
            (bar.threshold_stepped, self._change_threshold),
            (bar.paged, self._page),
        )
        for signal, slot in self._connections:
            signal.connect(slot)

    def close(self) -> None:
        """Let go of the window."""
        for signal, slot in self._connections:
            signal.disconnect(slot)
        self._round = None
        self._bar.hide()

    def ask_current(self) -> None:
        """Ask about the group of the current cell; if nothing waits there, about the first."""
        current = self._gallery.current_id()
        position = -1 if current is None else self._gallery.scene.model.position_of(current)
        section = self._offers.section_at(position)
        found = None if section is None else self._offers.of(section)
        if found is None or not found.waiting:
            self.ask_first()
        else:
            self._begin(found)

    def ask_first(self) -> None:
        """Ask about the first group that has sure cells; say so if none has."""
        groups = self._offers.groups()
        if groups:
            self._begin(self._offers.of(groups[0]))
        else:
            self._notice.say(self._offers.left_words())

    def refresh(self) -> None:
        """Take note of another filter or of other labels: the question follows."""
        if self._round is not None and not self._acting:
            self._ask_again(self._round)

    def _begin(self, found: GroupOffer) -> None:
        self._round = _Round(found, tuple(self._gallery.selected_ids()))
        self._ask(self._round, found)

    def _ask(self, round_: _Round, found: GroupOffer) -> None:
        moved = found.ordinal != round_.asked.ordinal or not self._bar.isVisible()
        round_.asked = found
        section = self._offers.section(found.ordinal)
        self._gallery.select(found.cell_ids.tolist())
        if moved and section is not None:
            self._gallery.to_group(section.start)
        self._bar.ask(
            self._offers.question(found),
            self._offers.rest(found),
            n=len(found.cell_ids),
            threshold=f"{self._offers.percent} %",
        )

    def _ask_again(self, round_: _Round) -> None:
        section = self._offers.section(round_.asked.ordinal)
        if section is None:
            self._finish(round_)
        else:
            self._ask(round_, self._offers.of(section))

    def _take(self) -> None:
        """Accept what the question names, and ask about the next group."""
        round_ = self._round
        if round_ is None:
            return
        asked = round_.asked
        self._catch_up()  # which may put the question anew, or end it
        section = self._offers.section(asked.ordinal)
        if self._round is not round_ or section is None:
            return
        now = self._offers.of(section)
        if not np.array_equal(now.cell_ids, asked.cell_ids):
            self._ask(round_, now)
            self._bar.warn(_CHANGED)
            return
        self._acting = True
        done = self._accept(asked.cell_ids.tolist())
        self._acting = False
        if done:
            round_.cells += len(asked.cell_ids)
            round_.groups += 1
            self._go_on(round_)
        else:
            self._finish(round_)

    def _go_on(self, round_: _Round) -> None:
        round_.passed.add(round_.asked.ordinal)
        groups = tuple(s for s in self._offers.groups() if s.ordinal not in round_.passed)
        section = following(groups, round_.asked.ordinal)
        if section is None:
            self._finish(round_)
        else:
            self._ask(round_, self._offers.of(section))

    def _step(self, by: int) -> None:
        """Ask about the next group, or the one before, and leave this one as it is."""
        round_ = self._round
        if round_ is None:
            return
        if by > 0:
            self._go_on(round_)
            return
        section = following(self._offers.groups(), round_.asked.ordinal, backwards=True)
        if section is not None:
            self._ask(round_, self._offers.of(section))

    def _change_threshold(self, by: int) -> None:
        self._offers.step_threshold(by)
        if self._round is not None:
            self._ask_again(self._round)

    def _page(self, by: int) -> None:
        bar = self._gallery.verticalScrollBar()
        bar.setValue(bar.value() + by * bar.pageStep())

    def _leave(self) -> None:
        if self._round is not None:
            self._finish(self._round)

    def _abandon(self) -> None:
        """Close; the reader has turned to something else and keeps what they chose there."""
        if not self._acting:
            self._round = None
            self._bar.hide()

    def _finish(self, round_: _Round) -> None:
        """Close, say what was done, and go to a cell that waits; without any act, back."""
        self._round = None
        self._bar.hide()
        self._gallery.setFocus()
        if not round_.groups:
            self._gallery.select(round_.before)
            return
        waiting = self._offers.waiting()
        if len(waiting):
            self._gallery.select((int(waiting[0]),))
            self._gallery.scroll_to(int(waiting[0]))
        done = f"{counted(round_.cells, 'cell')} in {counted(round_.groups, 'group')}"
        self._notice.say(f"Accepted {done}. {self._offers.left_words()}")
