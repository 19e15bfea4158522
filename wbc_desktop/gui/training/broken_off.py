"""The trainings that were broken off: kept until a person lets them go on or gives them up.

They hold up nobody: what was started after them runs meanwhile.
"""

from typing import TYPE_CHECKING

from wbc_desktop.gui.training.training_offer import TrainingOffer
from wbc_desktop.gui.training.training_pages import TrainingPages

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.training.jobs import Job


class BrokenOff:
    """Asks about one training at a time, the newest first.

    Args:
        pages: The panel.
        offer: The button that lets one go on.
    """

    def __init__(self, pages: TrainingPages, offer: TrainingOffer) -> None:
        self._pages, self._offer = pages, offer
        self._left: list[tuple[Job, str]] = []

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._left)

    def add(self, job: "Job", log: str) -> None:
        """Keep one that was broken off just now.

        Args:
            job: The job.
            log: The end of its log.
        """
        self._left = [one for one in self._left if one[0].job_id != job.job_id]
        self._left.append((job, log))
        self._press()

    def show(self) -> None:
        """Ask what is to become of the newest."""
        self._pages.show_broken_off(*self._left[-1])
        self._press()

    def take(self) -> "Job | None":
        """Return the newest, which is decided on now; None if there is none."""
        return self._left.pop()[0] if self._left else None

    def _press(self) -> None:
        self._offer.press("Training interrupted: go on", "Go on where it was broken off")
