"""The folder of a job: what it is asked to do, the cells it learns from, what it leaves behind.

    job.json            what to do (`model.jobs.job_spec`)
    cells.safetensors   the cells (`model.jobs.job_cells`), frozen
    progress.jsonl      one line for each step
    pause, cancelled    while the first is there the job waits; the second ends it
    candidate/          the model that was made
    judged.safetensors  what old and new model say of cells they have not learned from
    result.json         written last: a job with a result is done, whatever happens after

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
from model.jobs.job_spec import START_AGAIN, JobCancelledError, JobError, read_spec
from model.jobs.paired_predictions import JUDGED_FILE, Judged

if TYPE_CHECKING:
    from pathlib import Path

SPEC_FILE: Final = "job.json"
CELLS_FILE: Final = "cells.safetensors"
PROGRESS_FILE: Final = "progress.jsonl"
RESULT_FILE: Final = "result.json"
PAUSE_FILE: Final = "pause"
CANCELLED_FILE: Final = "cancelled"
CANDIDATE: Final = "candidate"
DRAFT: Final = "candidate.partial"
WAIT_S: Final = 0.5  # between two looks for the end of a pause


class JobFolder:
    """The folder of one job.

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

    def draft(self) -> Path:
        """Return an empty folder for the candidate; what an earlier run left there is gone."""
        for name in (DRAFT, CANDIDATE):
            shutil.rmtree(self.path / name, ignore_errors=True)
        folder = self.path / DRAFT
        folder.mkdir()
        return folder

    def step(
        self,
        phase: str,
        step: int,
        steps: int,
        *,
        loss: float | None = None,
        macro_f1: float | None = None,
        eta_s: float | None = None,
    ) -> None:
        """Tell how far the job is; wait while it is paused.

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
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "phase": phase,
            "step": step,
            "steps": steps,
            "loss": loss,
            "macro_f1": macro_f1,
            "eta_s": eta_s,
        }
        with (self.path / PROGRESS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.wait()

    def wait(self) -> None:
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

    def publish(self, judged: Judged) -> None:
        """Put the draft in place as the candidate, with what it is judged by; then the result."""
        judged.save(self.path / JUDGED_FILE)
        (self.path / DRAFT).replace(self.path / CANDIDATE)
        seconds = round(time.monotonic() - self._began, 2)
        result = {"ok": True, "model": CANDIDATE, "judged": JUDGED_FILE, "seconds": seconds}
        write_json(self.path / RESULT_FILE, result)

    def refuse(self, error: JobError) -> None:
        """Write that the job cannot be done, and why."""
        shutil.rmtree(self.path / DRAFT, ignore_errors=True)
        words = {"title": error.title, "detail": error.detail, "advice": error.advice}
        write_json(self.path / RESULT_FILE, {"ok": False, **words})
