"""The folder of a job as the process sees that works on it (`model.jobs.job_files`).

A job that was broken off has no result and is run again.
"""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from model.artifacts.card import write_json
from model.jobs.job_cells import JobCells
from model.jobs.job_files import (
    CANCELLED_FILE,
    CANDIDATE_FOLDER,
    CELLS_FILE,
    JUDGED_FILE,
    PAUSE_FILE,
    PROGRESS_FILE,
    RESULT_FILE,
    SPEC_FILE,
    JobSpec,
    ProgressRecord,
)

if TYPE_CHECKING:
    from pathlib import Path

    from model.jobs.paired_predictions import PairedPredictions

START_AGAIN: Final = "Start a new job: all labels are in the workspace."
DRAFT: Final = "candidate.partial"
WAIT_S: Final = 0.5  # between two looks for the end of a pause


class JobError(Exception):
    """A job cannot be done, for a reason that a person can do something about.

    Args:
        title: what happened, in a few words.
        detail: to which file, or in which figures.
        advice: what to do.
    """

    def __init__(self, title: str, detail: str, advice: str) -> None:
        super().__init__(f"{title}: {detail}. {advice}")
        self.title, self.detail, self.advice = title, detail, advice


class JobCancelledError(Exception):
    """A person ended the job."""


def read_spec(path: Path) -> JobSpec:
    """Read what a job is asked to do.

    Raises:
        JobError: the file is missing, damaged or of another version.
    """
    try:
        return JobSpec.parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise JobError("The job cannot be read", f"{path}: {error}", START_AGAIN) from error


class RunningJob:
    """The folder of one job, as the process that works on it sees it.

    Args:
        path: of the folder.

    Raises:
        JobError: it holds no job that this version understands.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec = read_spec(path / SPEC_FILE)
        self._began = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether the job has a result."""
        return (self.path / RESULT_FILE).is_file()

    def cells(self) -> JobCells:
        """Read the cells, checked against the digest that the job was given.

        Raises:
            JobError: they are missing, damaged, or not those of this job.
        """
        path = self.path / CELLS_FILE
        try:
            cells = JobCells.read(path)
        except (OSError, KeyError, ValueError) as error:
            detail = f"{path}: {error}"
            raise JobError("The cells of the job are damaged", detail, START_AGAIN) from error
        if cells.sha256 != self.spec.data_sha256:
            detail = f"{path} is not the file that the job was made with"
            raise JobError("The cells of the job were changed", detail, START_AGAIN)
        return cells

    def new_draft(self) -> Path:
        """Return an empty folder for the candidate; what an earlier run left there is gone."""
        for name in (DRAFT, CANDIDATE_FOLDER):
            shutil.rmtree(self.path / name, ignore_errors=True)
        folder = self.path / DRAFT
        folder.mkdir()
        return folder

    def report(
        self,
        phase: str,
        step: int,
        steps: int,
        *,
        loss: float | None = None,
        macro_f1: float | None = None,
        eta_s: float | None = None,
    ) -> None:
        """Write a line of progress; wait while the job is paused.

        Args:
            phase: reading, fitting, judging, training or exporting.
            step: done so far, of `steps`.
            steps: in all.
            loss: where there is one.
            macro_f1: on cells that do not train, where there is one.
            eta_s: seconds to the end, where they can be told.

        Raises:
            JobCancelledError: a person ended the job.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = ProgressRecord(at, phase, step, steps, loss, macro_f1, eta_s)
        with (self.path / PROGRESS_FILE).open("a", encoding="utf-8") as file:
            file.write(record.line())
        self.wait_while_paused()

    def wait_while_paused(self) -> None:
        """Wait while the job is paused.

        Raises:
            JobCancelledError: a person ended the job.
        """
        while True:
            if (self.path / CANCELLED_FILE).exists():
                raise JobCancelledError(self.spec.job_id)
            if not (self.path / PAUSE_FILE).exists():
                return
            time.sleep(WAIT_S)

    def publish(self, paired: PairedPredictions) -> None:
        """Put the draft in place as the candidate, with what it is judged by; then the result."""
        paired.save(self.path / JUDGED_FILE)
        (self.path / DRAFT).replace(self.path / CANDIDATE_FOLDER)
        seconds = round(time.monotonic() - self._began, 2)
        result = {"ok": True, "model": CANDIDATE_FOLDER, "judged": JUDGED_FILE, "seconds": seconds}
        write_json(self.path / RESULT_FILE, result)

    def refuse(self, error: JobError) -> None:
        """Write that the job cannot be done, and why."""
        shutil.rmtree(self.path / DRAFT, ignore_errors=True)
        words = {"title": error.title, "detail": error.detail, "advice": error.advice}
        write_json(self.path / RESULT_FILE, {"ok": False, **words})


class JobProgress:
    """Counts the equal steps of a job and tells each before it begins, with the time that is left.

    Args:
        job: whose progress is told.
        expected: how many steps there will be, the first left out of the guess at the time.
    """

    def __init__(self, job: RunningJob, *, expected: int) -> None:
        self._job = job
        self._done, self._expected = 0, expected
        self._began: float | None = None

    def set_steps(self, steps: int) -> None:
        """Say how many steps there will be in all, once that is known."""
        self._expected = max(steps, self._done)

    def step(self, phase: str) -> None:
        """Tell that a step begins."""
        self._job.report(phase, self._done, self._expected, eta_s=self._left())
        self._done = min(self._done + 1, self._expected)

    def finish(self, phase: str, *, macro_f1: float | None) -> None:
        """Tell that all is done.

        Args:
            phase: the last one.
            macro_f1: on cells that did not train.
        """
        self._job.report(phase, self._expected, self._expected, macro_f1=macro_f1, eta_s=0.0)

    def _left(self) -> float | None:
        """Seconds to the end if the steps to come take as long as those before."""
        if self._began is None:
            self._began = time.monotonic() if self._done else None
            return None
        each = (time.monotonic() - self._began) / (self._done - 1)
        return round(each * (self._expected - self._done), 1)
