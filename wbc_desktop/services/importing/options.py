"""What a person chooses for an import, and how far it has come."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.commands import plain_text
from wbc_desktop.store.sources.base import Problem

SCALE_MIN, SCALE_MAX = 0.01, 2.0  # µm per pixel; a cell is then 5 to 2,000 pixels wide


class Reading(StrEnum):
    """How the folders below an imported path are understood."""

    AUTO = "auto"
    SLIDES = "slides"  # one patient; the folders are slides
    CLASSES = "classes"  # one patient with one slide; the folders are cell classes
    PATIENTS = "patients"  # a batch; the folders are patients


class LabelsFrom(StrEnum):
    """Where labels are read from, beside those that a manifest or an array file states."""

    NONE = "none"
    FOLDER = "folder"
    PREFIX = "prefix"
    CSV = "csv"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What a person chooses for an import.

    Attributes:
        batch: Every folder below the path is a patient; the same as ``Reading.PATIENTS``.
        reading: How the folders are understood.
        site: Name of the site of all these patients, or the empty string.
        um_per_px: Scale in µm per pixel of every crop whose source states none, or None.
        labels: Where labels are read from.

    Raises:
        UserError: If the scale is beyond what shows a cell, or the site's name cannot be stored.
    """

    batch: bool = False
    reading: Reading = Reading.AUTO
    site: str = ""
    um_per_px: float | None = None
    labels: LabelsFrom = LabelsFrom.NONE

    def __post_init__(self) -> None:
        """Check both; white space around the site's name is dropped."""
        object.__setattr__(self, "site", plain_text(self.site, what="The site's name"))
        scale = self.um_per_px
        if scale is not None and not SCALE_MIN <= scale <= SCALE_MAX:  # nor nan
            raise UserError(
                f"The scale must lie between {SCALE_MIN} and {SCALE_MAX} µm per pixel",
                f"{scale:g}",
                "A 100× objective gives about 0.05 to 0.15. Pixels per µm are the inverse.",
            )

    @property
    def wanted(self) -> Reading:
        """The reading asked for."""
        batch = self.batch and self.reading is Reading.AUTO
        return Reading.PATIENTS if batch else self.reading


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
class Pace:
    """Measures the pace of one stage, and says when it is time to report again.

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
