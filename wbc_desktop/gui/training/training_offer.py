"""Finds out whether there is enough to learn from, and offers it in the line below the gallery.

Asked anew a moment after labels changed, in a worker; the offer is one button that stays as long as
it holds. While a training runs, the same button says how far it is.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.training.training_text import offer_text

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.training.readiness import Readiness

_LATER_MS = 700
_SPARE = 5  # times as long as the last count took: labelling must stay fluid in a large workspace
_COUNTS = Kind.REVIEWS | Kind.PATIENTS | Kind.CLASSES | Kind.MODELS
_TIP = "Learn from the labels given here (Ctrl+Shift+A); the model in use stays until you promote"


class TrainingOffer(Controller):
    """Holds what can be learned from now, and the button of the offer.

    Attributes:
        readiness: What an adaption would learn from, or None while that is not known.
        site: Whose labels that counts, or None for all: those of several sites count together where
            none is chosen, or the model in use has learnt from another one than the chosen.

    Args:
        context: The open workspace.
        on_counted: Called when it was counted anew.
    """

    def __init__(self, context: WorkspaceContext, *, on_counted: Callable[[], None]) -> None:
        super().__init__()
        self._context = context
        self._notice = context.window.notice
        self._on_counted = on_counted
        self.readiness: Readiness | None = None
        self.site: str | None = None
        self._instead: tuple[str, str] = ("", "")
        self._timer = QTimer(context.window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LATER_MS)
        self._shown_places = self._chosen_places()
        self._timer.timeout.connect(self._count)
        self.on_close(self._put_away)
        self.on_close(context.session.subscribe(self._take_changes))
        context.browser.subscribe(self._check_site)
        self._timer.start()

    @property
    def why_not(self) -> str:
        """Why there is nothing to learn from; empty if there is, or if it is being counted."""
        stale = self.readiness is None or self._timer.isActive()
        return "" if stale or self.readiness is None else self.readiness.reason

    def show_instead(self, text: str, tip: str = "") -> None:
        """Let something go before the offer, such as a training that runs; empty for nothing."""
        self._instead = (text, tip)
        self._show()

    def _put_away(self) -> None:
        self._timer.stop()
        self._timer.deleteLater()
        self._notice.show_offer("")

    def _take_changes(self, changes: Changes) -> None:
        if changes.kinds & _COUNTS:
            self._timer.start()

    def _check_site(self) -> None:
        if self._chosen_places() != self._shown_places:
            self._shown_places = self._chosen_places()
            self._timer.start()

    def _chosen_places(self) -> object:
        chosen = self._context.browser.filter
        return chosen.patients, chosen.slides

    def _count(self) -> None:
        from wbc_desktop.services.training.readiness import readiness, training_site

        workspace, taxonomy = self._context.workspace, self._context.session.taxonomy
        chosen = chosen_site(self._context)

        def count() -> "tuple[Readiness, str | None, float]":
            began = time.monotonic()
            site = training_site(workspace, site=chosen)
            return readiness(workspace, taxonomy, site=site), site, time.monotonic() - began

        def take(counted: "tuple[Readiness, str | None, float]") -> None:
            self.readiness, self.site, seconds = counted
            self._timer.setInterval(max(_LATER_MS, round(1000 * _SPARE * seconds)))
            self._show()
            self._on_counted()

        self._context.runner.call(
            count, on_result=take, on_error=self._context.on_error, key="training offer"
        )

    def _show(self) -> None:
        text, tip = self._instead
        if not text and self.readiness is not None and self.readiness.ready:
            text, tip = offer_text(self.readiness, self.site), _TIP
        self._notice.show_offer(text, tip)


def chosen_site(context: WorkspaceContext) -> str | None:
    """Return the one site of the chosen patients; None if they are of several or of none."""
    slides = context.browser.chosen_slides()
    patients = context.catalogue.patients.all()
    sites = {p.site for p in patients if any(slide.id in slides for slide in p.slides)}
    return next(iter(sites)) or None if len(sites) == 1 else None
