"""What the groups shown now would give if they were accepted, and that in words. Reads only."""

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import UNREVIEWED
from wbc_desktop.domain.filter.arrangement import Section
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.review.group_accept import GroupOffer, confident_groups, offer, step
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.settings import Settings


class GroupOffers:
    """The offers of the groups shown.

    Args:
        browser: The cells shown.
        settings: Remembers the threshold.
    """

    def __init__(self, browser: CellBrowser, settings: Settings) -> None:
        self._browser = browser
        self._settings = settings

    @property
    def percent(self) -> int:
        """The threshold in percent."""
        return self._settings.number("accept_threshold")

    def step_threshold(self, by: int) -> None:
        """Take the next higher (+1) or lower (−1) threshold, and remember it."""
        self._settings.set("accept_threshold", step(self.percent, by))

    def groups(self) -> tuple[Section, ...]:
        """Return the groups that hold a cell to accept, in the order shown."""
        browser = self._browser
        return confident_groups(
            browser.index,
            browser.arrangement,
            threshold=self.percent / 100,
            by_class=self._by_class,
        )

    def of(self, section: Section) -> GroupOffer:
        """Return what accepting a group would do."""
        browser = self._browser
        return offer(
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

    def question(self, found: GroupOffer) -> str:
        """Ask for what an offer holds, with the count."""
        name = self._browser.grouping.name(found.ordinal)
        where = f"shown as {name}" if self._by_class else f"in the group {name}"
        if not len(found.cell_ids):
            return f"No cell {where} can be accepted at {self.percent} %"
        cells = counted(len(found.cell_ids), "cell")
        what = "" if self._by_class else ", each as the model calls it"
        return f"Accept the {cells} ≥ {self.percent} % {where}{what}?"

    def rest(self, found: GroupOffer) -> str:
        """Say which waiting cells of the group stay as they are, and why."""
        reasons = (
            (found.below, f"below {self.percent} %"),
            (found.rivals, "could be another class"),
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


def following(
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
    beyond = (s for s in others if (_place(s.ordinal) > _place(ordinal)) is not backwards)
    return next(beyond, others[0] if others else None)


def _place(ordinal: int) -> float:
    """Cells without a group come last."""
    return float(ordinal) if ordinal >= 0 else float("inf")
