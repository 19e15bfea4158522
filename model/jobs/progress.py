"""How far a job of equal steps is, and how long it will take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.jobs.job_folder import JobFolder


class Steps:
    """Counts the steps of a job and tells each before it begins.

    Args:
        job: whose progress is told.
        expected: how many steps there will be, the first left out of the guess at the time.
    """

    def __init__(self, job: JobFolder, *, expected: int) -> None:
        self._job = job
        self._done, self._expected = 0, expected
        self._began: float | None = None

    def expect(self, steps: int) -> None:
        """Say how many steps there will be in all, once that is known."""
        self._expected = max(steps, self._done)

    def tell(self, phase: str) -> None:
        """Tell that a step begins."""
        self._job.step(phase, self._done, self._expected, eta_s=self._left())
        self._done = min(self._done + 1, self._expected)

    def end(self, phase: str, *, macro_f1: float | None) -> None:
        """Tell that all is done.

        Args:
            phase: the last one.
            macro_f1: on cells that did not train.
        """
        self._job.step(phase, self._expected, self._expected, macro_f1=macro_f1, eta_s=0.0)

    def _left(self) -> float | None:
        """Seconds to the end if the steps to come take as long as those before."""
        if self._began is None:
            self._began = time.monotonic() if self._done else None
            return None
        each = (time.monotonic() - self._began) / (self._done - 1)
        return round(each * (self._expected - self._done), 1)
