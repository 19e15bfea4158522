"""Everything by which the reader says what cells are, put together for one workspace."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.review.accept_group import AcceptGroupController
from wbc_desktop.gui.review.accept_group_offers import GroupOffers
from wbc_desktop.gui.review.hover_labels import HoverLabels
from wbc_desktop.gui.review.queue_controller import ReviewQueueController
from wbc_desktop.gui.review.review_controller import ReviewController
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.session import Session

_ELSEWHERE = "Go back to the gallery with Esc first."


class Reviewing:
    """The review controller, the queue, the acceptance of groups, and keys at the mouse.

    Attributes:
        review: Acts on the selected cells.
        queue: Leads from one doubtful cell to the next.
        hover: Lets the keys label the cell under the mouse.

    Args:
        session: Executes and records.
        browser: The cells shown.
        window: The parts.
        settings: What is remembered.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
        explain: Tells why an undo was refused.
        catch_up: Takes note of what other programs have written.
    """

    def __init__(
        self,
        *,
        session: "Session",
        browser: CellBrowser,
        window: MainWindow,
        settings: Settings,
        ensure_reader: Callable[[], bool],
        explain: Callable[[UserError], None],
        catch_up: Callable[[], None],
    ) -> None:
        self._notice = window.notice
        self.queue = ReviewQueueController(
            browser=browser,
            gallery=window.gallery,
            strip=window.queue_strip,
            notice=window.notice,
            settings=settings,
        )
        self.hover = HoverLabels(
            gallery=window.gallery,
            settings=settings,
            notice=window.notice,
            queue_runs=lambda: self.queue.running,
        )
        self.review = ReviewController(
            session=session,
            browser=browser,
            gallery=self.hover,
            queue=self.queue,
            notice=window.notice,
            ensure_reader=ensure_reader,
            explain=explain,
        )
        self._groups = AcceptGroupController(
            offers=GroupOffers(browser, settings),
            gallery=window.gallery,
            bar=window.accept_bar,
            notice=window.notice,
            accept=self._accept,
            catch_up=catch_up,
        )
        self._hover_action = window.commands["hover_labels"]
        self._hover_action.setCheckable(True)
        self._hover_action.setChecked(self.hover.on)
        self.queue.subscribe(self.hover.refresh)
        self.queue.at_the_end(self._groups.ask_first)

    def close(self) -> None:
        """Let go of the window."""
        self._groups.close()
        self.queue.close()

    def refresh(self) -> None:
        """Take note of another arrangement of the cells."""
        self.queue.refresh()
        self._groups.refresh()

    def toggle_hover(self) -> None:
        """Let the keys label the cell under the mouse, or the selected cells again."""
        self.hover.toggle()
        self._hover_action.setChecked(self.hover.on)

    def accept_group(self) -> None:
        """Ask whether to accept the group of the current cell."""
        self._in_gallery(self._groups.ask_current)

    def toggle_queue(self) -> None:
        """Start the review queue, or leave it."""
        self._in_gallery(self.queue.toggle)

    def _in_gallery(self, act: Callable[[], None]) -> None:
        if self.review.at_home:
            act()
        else:
            self._notice.say(_ELSEWHERE)

    def _accept(self, cell_ids: Sequence[int]) -> bool:
        from wbc_desktop.services.session.commands import Accept

        ids = tuple(cell_ids)
        return self.review.carry_out(lambda: Accept(ids, ReviewMode.BULK)) is not None
