"""Jobs: what teaches a model takes a while, runs beside the window, and outlives it.

What a job is and how far it has come is read from the files in its folder; here are the words for
it. To add a kind of job, add it to ``JobKind`` and to
``model/jobs/run_job.py``.
"""

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does: refit the head in seconds, or teach the whole network."""

    ADAPT = "adapt"
    FINETUNE = "finetune"


class JobState(StrEnum):
    """Where a job stands.

    *Waiting* was never started, *unfinished* was broken off and can go on, *finished* has made a
    candidate, *failed* has said why it could not.
    """

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    CANCELLED = "cancelled"

    @property
    def alive(self) -> bool:
        """True if a process is at work on it."""
        return self in (JobState.RUNNING, JobState.PAUSED)


@dataclass(frozen=True, kw_only=True)
class ProgressLine:
    """One line of a job's progress.

    Attributes:
        at: UTC time, ISO 8601.
        phase: reading, fitting, judging, training or exporting.
        step: Steps done in this phase.
        steps: Steps of this phase in all; 0 where it is not known.
        loss: Of the training, or None.
        macro_f1: Of cells that did not train, in [0, 1], or None.
        eta_s: Seconds that remain, or None.
    """

    at: str
    phase: str
    step: int
    steps: int
    loss: float | None
    macro_f1: float | None
    eta_s: float | None


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """What a job has to say at its end.

    Attributes:
        ok: Whether it made a candidate.
        seconds: How long it took.
        title: What went wrong; empty where nothing did.
        detail: To which file or cell.
        advice: What to do.
    """

    ok: bool
    seconds: float = 0.0
    title: str = ""
    detail: str = ""
    advice: str = ""
