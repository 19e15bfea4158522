"""The verdicts of trainings, one after another: the one that is shown, and those not read yet.

A training that waited begins by itself, and may end while the panel still shows something else.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.gui.training.training_offer import TrainingOffer
from wbc_desktop.gui.training.training_pages import TrainingPages

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.domain.training.verdict import Verdict
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.store.workspace import Workspace

_FINISHED = "Training finished: see the verdict"


class Verdicts:
    """Shows one verdict at a time.

    Attributes:
        shown: The job whose verdict the panel shows, until a person has decided; or None.

    Args:
        pages: The panel.
        offer: The button that leads to a verdict.
        promote: Makes a model the one in use: its id, a reason, and what to do once it is done.
        workspace: Says which model is in use when a verdict is shown.
    """

    def __init__(
        self,
        *,
        pages: TrainingPages,
        offer: TrainingOffer,
        promote: Callable[[str, str, Callable[[], None]], None],
        workspace: "Workspace",
    ) -> None:
        self._pages, self._offer, self._promote = pages, offer, promote
        self._workspace = workspace
        self._unread: list[tuple[Job, Verdict]] = []
        self.shown: Job | None = None

    @property
    def unread(self) -> bool:
        """True if there are verdicts that nobody has seen."""
        return bool(self._unread)

    def add(self, job: "Job", verdict: "Verdict") -> None:
        """Keep a verdict to be read."""
        self._unread.append((job, verdict))
        self.offer()

    def show_next(self) -> None:
        """Show the one that came first."""
        from wbc_desktop.services.training.job_end import as_of_now

        self.shown, verdict = self._unread.pop(0)
        self._pages.show_verdict(self.shown, as_of_now(self._workspace, self.shown, verdict))

    def offer(self) -> None:
        """Offer what is to be read, if there is something."""
        there = self.shown is not None or self.unread
        self._offer.press(_FINISHED if there else "", "Show what came of it")

    def put_away(self) -> None:
        """Show none; what was shown has been decided."""
        self.shown = None
        self.offer()

    def use(self, reason: str) -> None:
        """Promote the model whose verdict is shown.

        Args:
            reason: Why, where the verdict advises against it.
        """
        if self.shown is not None:
            self._promote(self.shown.model_id, reason, self.put_away)
