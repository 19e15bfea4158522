"""Accepting group by group: marks what is meant, states the count, asks, goes on to the next group.

Nothing is accepted that is not shown and was not counted in the question: where another program
changed one of the cells meanwhile, the question is put again with the new count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import UNREVIEWED
from wbc_desktop.domain.filter.arrangement import Section
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.review.group_accept import (
    AcceptPlan,
    confident_groups,
    next_threshold,
    plan_accept,
)
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller

_CHANGED = "Cells of this group have just changed. Look again, then answer."


class AcceptPlanner:
    """What the groups shown now would give if they were accepted, and that in words."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._browser = context.browser
        self._settings = context.settings

    @property
    def percent(self) -> int:
        """The threshold in percent."""
        return self._settings.number("accept_threshold")

    def step_threshold(self, by: int) -> None:
        """Take the next higher (+1) or lower (−1) threshold, and remember it."""
        self._settings.set("accept_threshold", next_threshold(self.percent, by))

    def groups(self) -> tuple[Section, ...]:
        """Return the groups that hold a cell to accept, in the order shown."""
        browser = self._browser
        return confident_groups(
            browser.index,
            browser.arrangement,
            threshold=self.percent / 100,
            by_class=self._by_class,
        )

    def of(self, section: Section) -> AcceptPlan:
        """Return what accepting a group would do."""
        browser = self._browser
        return plan_accept(
            browser.index,
            browser.arrangement,
            section,
            threshold=self.percent / 100,
            by_class=self._by_class,
        )

    def section(self, ordinal: int) -> Section | None:
        """Return a group, or None if no cell of it is shown."""
        sections = self._browser.arrangement.sections
        return next((s for s in sections if s.ordinal == ordinal), None)

    def section_at(self, position: int) -> Section | None:
        """Return the group at a position, or None."""
        sections = self._browser.arrangement.sections
        return next((s for s in sections if s.start <= position < s.stop), None)

    def waiting(self) -> NDArray[np.int64]:
        """Return the shown cells that nobody has reviewed, int64 (m,), in the order shown."""
        index, rows = self._browser.index, self._browser.arrangement.rows
        return np.asarray(index.cell_id[rows[index.status[rows] == UNREVIEWED]])

    def question(self, found: AcceptPlan) -> str:
        """Ask for what a plan holds, with the count."""
        name = self._browser.grouping.name(found.ordinal)
        where = f"shown as {name}" if self._by_class else f"in the group {name}"
        if not len(found.cell_ids):
            return f"No cell {where} can be accepted at {self.percent} %"
        cells = counted(len(found.cell_ids), "cell")
        what = "" if self._by_class else ", each as the model calls it"
        return f"Accept the {cells} ≥ {self.percent} % {where}{what}?"

    def rest(self, found: AcceptPlan) -> str:
        """Say which waiting cells of the group stay as they are, and why."""
        reasons = (
            (found.below, f"below {self.percent} %"),
            (found.ambiguous, "could be another class"),
            (found.flagged, "flagged"),
            (found.regrouped, "newly classified (Ctrl+G regroups)"),
        )
        told = ", ".join(f"{n:,} {words}" for n, words in reasons if n)
        stay = found.waiting - len(found.cell_ids)
        if not stay:
            return "No other cell of the group waits."
        return f"{stay:,} {'stays as it is' if stay == 1 else 'stay as they are'}: {told}."

    def left_words(self) -> str:
        """Say how many shown cells nobody has reviewed."""
        n = len(self.waiting())
        if not n:
            return "Every shown cell is reviewed."
        verb = "is" if n == 1 else "are"
        return (
            f"{counted(n, 'shown cell')} {verb} still to be looked at: V starts the review queue."
        )

    @property
    def _by_class(self) -> bool:
        return self._browser.group is GroupBy.CLASS


@dataclass
class _Round:
    """One way through the groups.

    Attributes:
        asked: What the bar asks about now.
        before: What was selected when it began.
        cells: Accepted so far.
        handled: Groups accepted or left as they are, by ordinal.
        groups: Groups accepted so far.
    """

    asked: AcceptPlan
    before: Sequence[int]
    cells: int = 0
    groups: int = 0
    handled: set[int] = field(default_factory=set)


class AcceptGroupController(Controller):
    """Asks about one group after another.

    Args:
        context: The cells, the gallery that marks what is meant, and the bar that asks.
        accept: Accepts cells and tells whether it was done.
    """

    def __init__(
        self, context: WorkspaceContext, *, accept: Callable[[Sequence[int]], bool]
    ) -> None:
        super().__init__()
        self._planner = AcceptPlanner(context)
        self._gallery = context.window.gallery
        self._bar = context.window.accept_bar
        self._notice = context.window.notice
        self._accept = accept
        self._refresh_from_disk = context.refresh
        self._round: _Round | None = None
        self._acting = False
        self.connect(self._bar.accepted, self._accept_asked)
        self.connect(self._bar.left, self._leave)
        self.connect(self._bar.abandoned, self._abandon)
        self.connect(self._bar.stepped, self._step)
        self.connect(self._bar.threshold_stepped, self._change_threshold)
        self.connect(self._bar.paged, self._page)

    def close(self) -> None:
        """Let go of the window."""
        super().close()
        self._round = None
        self._bar.hide()

    def ask_current(self) -> None:
        """Ask about the group of the current cell; if nothing waits there, about the first."""
        current = self._gallery.current_id()
        position = -1 if current is None else self._gallery.scene.model.position_of(current)
        section = self._planner.section_at(position)
        found = None if section is None else self._planner.of(section)
        if found is None or not found.waiting:
            self.ask_first()
        else:
            self._begin(found)

    def ask_first(self) -> None:
        """Ask about the first group that has sure cells; say so if none has."""
        groups = self._planner.groups()
        if groups:
            self._begin(self._planner.of(groups[0]))
        else:
            self._notice.say(self._planner.left_words())

    def refresh(self) -> None:
        """Take note of another filter or of other labels: the question follows."""
        if self._round is not None and not self._acting:
            self._ask_again(self._round)

    def _begin(self, found: AcceptPlan) -> None:
        self._round = _Round(found, tuple(self._gallery.selected_ids()))
        self._ask(self._round, found)

    def _ask(self, round_: _Round, found: AcceptPlan) -> None:
        moved = found.ordinal != round_.asked.ordinal or not self._bar.isVisible()
        round_.asked = found
        section = self._planner.section(found.ordinal)
        self._gallery.select(found.cell_ids.tolist())
        if moved and section is not None:
            self._gallery.to_group(section.start)
        self._bar.ask(
            self._planner.question(found),
            self._planner.rest(found),
            n=len(found.cell_ids),
            threshold=f"{self._planner.percent} %",
        )

    def _ask_again(self, round_: _Round) -> None:
        section = self._planner.section(round_.asked.ordinal)
        if section is None:
            self._finish(round_)
        else:
            self._ask(round_, self._planner.of(section))

    def _accept_asked(self) -> None:
        """Accept what the question names, and ask about the next group."""
        round_ = self._round
        if round_ is None:
            return
        asked = round_.asked
        self._refresh_from_disk()  # which may put the question anew, or end it
        section = self._planner.section(asked.ordinal)
        if self._round is not round_ or section is None:
            return
        now = self._planner.of(section)
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
        round_.handled.add(round_.asked.ordinal)
        groups = tuple(s for s in self._planner.groups() if s.ordinal not in round_.handled)
        section = next_group(groups, round_.asked.ordinal)
        if section is None:
            self._finish(round_)
        else:
            self._ask(round_, self._planner.of(section))

    def _step(self, by: int) -> None:
        """Ask about the next group, or the one before, and leave this one as it is."""
        round_ = self._round
        if round_ is None:
            return
        if by > 0:
            self._go_on(round_)
            return
        section = next_group(self._planner.groups(), round_.asked.ordinal, backwards=True)
        if section is not None:
            self._ask(round_, self._planner.of(section))

    def _change_threshold(self, by: int) -> None:
        self._planner.step_threshold(by)
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
        waiting = self._planner.waiting()
        if len(waiting):
            self._gallery.select((int(waiting[0]),))
            self._gallery.scroll_to(int(waiting[0]))
        done = f"{counted(round_.cells, 'cell')} in {counted(round_.groups, 'group')}"
        self._notice.say(f"Accepted {done}. {self._planner.left_words()}")


def next_group(
    groups: tuple[Section, ...], ordinal: int, *, backwards: bool = False
) -> Section | None:
    """Return the group behind another one, or the first one again; None if there is no other.

    Args:
        groups: In the order shown.
        ordinal: The other one, whether or not it is among them.
        backwards: Return the one before instead, or the last one.
    """
    others = [s for s in groups if s.ordinal != ordinal]
    if backwards:
        others.reverse()
    beyond = (s for s in others if (_rank(s.ordinal) > _rank(ordinal)) is not backwards)
    return next(beyond, others[0] if others else None)


def _rank(ordinal: int) -> float:
    """Cells without a group come last."""
    return float(ordinal) if ordinal >= 0 else float("inf")
