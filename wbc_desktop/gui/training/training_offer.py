"""Finds out whether there is enough to learn from, and offers it in the line below the gallery.

Asked anew a moment after labels changed, in a worker; the offer is one button that stays as long as
it holds. While a training runs, the same button says how far it is.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.training.training_text import offer_text

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.services.training.readiness import Readiness

_LATER_MS = 700
_SPARE = 5  # times as long as the last count took: labelling must stay fluid in a large workspace
_COUNTS = Kind.REVIEWS | Kind.PATIENTS | Kind.CLASSES | Kind.MODELS
_TIP = "Learn from the labels given here (Ctrl+Shift+A); the model in use stays until you promote"


class TrainingOffer:
    """Holds what can be learned from now, and the button of the offer.

    Attributes:
        ready: What an adaption would learn from, or None while that is not known.
        site: Whose labels that counts, or None for all: those of several sites count together where
            none is chosen, or the model in use has learnt from another one than the chosen.

    Args:
        session: Tells when labels change.
        browser: Knows which patients are chosen.
        runner: Counts in a worker.
        window: The line below the gallery.
        on_ready: Called when it was counted anew.
        on_error: Shows an error.
    """

    def __init__(
        self,
        *,
        session: "Session",
        browser: CellBrowser,
        runner: TaskRunner,
        window: MainWindow,
        on_ready: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._browser = browser
        self._runner = runner
        self._notice = window.notice
        self._on_ready, self._on_error = on_ready, on_error
        self.ready: Readiness | None = None
        self.site: str | None = None
        self._pressing: tuple[str, str] = ("", "")
        self._later = QTimer(window)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._places = self._chosen_places()
        self._later.timeout.connect(self._count)
        self._unsubscribe = session.subscribe(self._take)
        browser.subscribe(self._look_at_site)
        self._later.start()

    @property
    def refusal(self) -> str:
        """Why there is nothing to learn from; empty if there is, or if it is being counted."""
        stale = self.ready is None or self._later.isActive()
        return "" if stale or self.ready is None else self.ready.reason

    def press(self, text: str, tip: str = "") -> None:
        """Let something go before the offer, such as a training that runs; empty for nothing."""
        self._pressing = (text, tip)
        self._show()

    def close(self) -> None:
        """Let go of the window."""
        self._later.stop()
        self._later.deleteLater()
        self._unsubscribe()
        self._notice.show_offer("")

    def _take(self, changes: Changes) -> None:
        if changes.kinds & _COUNTS:
            self._later.start()

    def _look_at_site(self) -> None:
        if self._chosen_places() != self._places:
            self._places = self._chosen_places()
            self._later.start()

    def _chosen_places(self) -> object:
        return self._browser.filter.patients, self._browser.filter.slides

    def _count(self) -> None:
        from wbc_desktop.services.training.readiness import readiness, sites_together

        workspace, taxonomy = self._session.workspace, self._session.taxonomy
        chosen = chosen_site(self._session, self._browser)

        def count() -> "tuple[Readiness, str | None, float]":
            began = time.monotonic()
            site = sites_together(workspace, site=chosen)
            return readiness(workspace, taxonomy, site=site), site, time.monotonic() - began

        def take(counted: "tuple[Readiness, str | None, float]") -> None:
            self.ready, self.site, seconds = counted
            self._later.setInterval(max(_LATER_MS, round(1000 * _SPARE * seconds)))
            self._show()
            self._on_ready()

        self._runner.call(count, on_result=take, on_error=self._on_error, place="training offer")

    def _show(self) -> None:
        text, tip = self._pressing
        if not text and self.ready is not None and self.ready.ready:
            text, tip = offer_text(self.ready, self.site), _TIP
        self._notice.show_offer(text, tip)


def chosen_site(session: "Session", browser: CellBrowser) -> str | None:
    """Return the one site of the chosen patients; None if they are of several or of none."""
    slides = browser.chosen_slides()
    patients = session.workspace.catalogue.patients()
    sites = {p.site for p in patients if any(slide.id in slides for slide in p.slides)}
    return next(iter(sites)) or None if len(sites) == 1 else None
