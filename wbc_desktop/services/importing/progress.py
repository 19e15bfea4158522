"""How far an import has come."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

from wbc_desktop.store.sources.base import Problem


class Stage(StrEnum):
    """The three parts of an import, in order."""

    LISTING = "listing"  # total is not known yet
    CHECKING = "checking"
    STORING = "storing"


@dataclass(frozen=True, kw_only=True)
class ImportProgress:
    """How far an import has come.

    Attributes:
        stage: What is being done.
        done: Crops dealt with in this stage, unreadable ones included.
        total: Crops of this stage; 0 where it is not known yet.
        rate: Crops per second since the stage began.
        eta_s: Seconds that remain at this rate; 0 where it is not known.
        patient: The patient being stored, else the empty string.
        failed: Crops that could not be stored although the dry run had found them sound.
    """

    stage: Stage
    done: int
    total: int
    rate: float
    eta_s: float
    patient: str = ""
    failed: tuple[Problem, ...] = ()


@dataclass(eq=False, kw_only=True)
class ProgressMeter:
    """Measures the meter of one stage, and says when it is time to report again.

    Attributes:
        stage: The stage.
        total: Crops of it, 0 where that is not known.
    """

    stage: Stage
    total: int = 0
    _began: float = field(default_factory=time.monotonic)
    _reported: float = 0.0

    def due(self) -> bool:
        """Tell, at most ten times a second, that a report is due."""
        now = time.monotonic()
        if now - self._reported < 0.1:
            return False
        self._reported = now
        return True

    def report(
        self, done: int, *, patient: str = "", failed: tuple[Problem, ...] = ()
    ) -> ImportProgress:
        """Return how far the stage has come."""
        rate = done / max(time.monotonic() - self._began, 1e-6)
        left = max(self.total - done, 0)
        return ImportProgress(
            stage=self.stage,
            done=done,
            total=self.total,
            rate=rate,
            eta_s=left / rate if rate else 0.0,
            patient=patient,
            failed=failed,
        )
