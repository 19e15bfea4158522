"""The work of ``wbc retrain``: from the labels to an evaluated model, waiting for it.

A training that was interrupted, here or in the window, goes on before a new one begins. Ctrl+C ends
the training; a terminal that is closed does not, and the next ``wbc retrain`` finds it again.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wbc_desktop.cli import steps
from wbc_desktop.cli.output import Output
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.domain.training.job import JobKind, JobState
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.training import jobs
from wbc_desktop.services.training.jobs import Job
from wbc_desktop.services.training.training_snapshot import freeze_labels, left_out_text, start_job

if TYPE_CHECKING:
    from wbc_desktop.services.training.job_process import JobProcess

INTERRUPTED = 130
_POLL_S = 0.2
_GONE_WITHIN_S = 60.0
_SAY_S = 60.0  # a log is told at least as often that the training goes on
_FINE_TUNING = "Install the packages, or adapt: that needs nothing more."


def run_retrain(
    workspace: Path, *, kind: JobKind, site: str, reviewer: str, output: Output
) -> None:
    """Teach a model the labels of a workspace and judge it; promote nothing."""
    if kind is JobKind.FINETUNE:
        _refuse_without_packages()
    with steps.opened(workspace, reviewer=reviewer, output=output) as session:
        job = _unfinished_job(session, kind, site or None, output) or _start_new(
            session, kind, site or None, output
        )
        wait = _JobWait(session, job, output)
        try:
            wait.until_end()
        except KeyboardInterrupt:
            jobs.cancel(job)
            jobs.abandon_job(session, job)
            output.complain(f"{job.job_id} was cancelled; no model was made, no label touched")
            raise typer.Exit(INTERRUPTED) from None
        finally:
            wait.detach()
        evaluation = _conclude(session, job)
    _tell(job, evaluation, output)


def _refuse_without_packages() -> None:
    from model.finetune.config import missing_packages

    if absent := missing_packages():
        raise UserError("Fine-tuning is not possible here", ", ".join(absent), _FINE_TUNING)


def _unfinished_job(
    session: Session, kind: JobKind, site: str | None, output: Output
) -> Job | None:
    """Return the job of this kind whose end nobody has recorded, or None."""
    for job in jobs.unfinished(session.workspace):
        if (job.kind, job.site) != (kind, site):
            continue
        if job.folder.state() is JobState.CANCELLED:
            jobs.abandon_job(session, job)
            continue
        output.note(f"Going on with {job.job_id}")
        return job
    return None


def _start_new(session: Session, kind: JobKind, site: str | None, output: Output) -> Job:
    snapshot = None
    with output.progress("Reading the labels") as advance:
        for step in freeze_labels(session.workspace, session.taxonomy, kind=kind, site=site):
            advance(step.done, step.total)
            snapshot = step.snapshot
    if snapshot is None:
        raise RuntimeError("the last step holds the snapshot")
    cells, held = len(snapshot.cells), int(snapshot.cells.holdout.sum())
    output.say(
        f"Learning from {counted(cells - held, 'labelled cell')} of "
        f"{counted(snapshot.cells.patients, 'patient')}; {counted(held, 'cell')} kept aside."
    )
    if left_out := left_out_text(snapshot):
        output.say(left_out)
    if snapshot.elsewhere:
        names = ", ".join(name or "cells without a site" for name in snapshot.elsewhere)
        output.complain(
            f"The model in use has learnt from {names}, too, which this one would lose: it will "
            "not be better. Leave out --site to learn from all sites together."
        )
    return start_job(session, snapshot)


class _JobWait:
    """Launches a job where need be, and waits until no process is at work on it."""

    def __init__(self, session: Session, job: Job, output: Output) -> None:
        self._session = session
        self._job = job
        self._output = output
        self._running: JobProcess | None = None
        self._told = False  # that it waits

    def until_end(self) -> None:
        """Return when the job has ended.

        Raises:
            UserError: If it cannot be started, or was broken off.
        """
        with self._output.progress(_DOING[self._job.kind]) as advance:
            tell = _ProgressOutput(self._job, advance, self._output)
            while True:
                now = self._job.folder.state()
                tell.look()
                if now in (JobState.WAITING, JobState.UNFINISHED):
                    self._refuse_if_interrupted()
                    self._launch()
                elif not now.alive:
                    return
                time.sleep(_POLL_S)

    def detach(self) -> None:
        """Wait for the process that was started to be gone; it has nothing left to do."""
        if self._running is not None and not self._running.folder.running():
            self._running.wait(_GONE_WITHIN_S)

    def _launch(self) -> None:
        """Start the job, unless another one runs; a window may start it, too, when it is next."""
        try:
            self._running = jobs.launch(self._session.workspace, self._job)
        except jobs.JobRunningError as error:
            if not self._told:
                self._output.note(f"Waiting. {error}")
            self._told = True

    def _refuse_if_interrupted(self) -> None:
        if self._running is None:
            return
        self._running.wait(_GONE_WITHIN_S)
        error = jobs.interruption_error(self._running)
        if isinstance(error, jobs.JobCrashedError):
            jobs.abandon_job(self._session, self._job, error)
        raise error


def _conclude(session: Session, job: Job) -> Evaluation:
    if job.folder.state() is JobState.CANCELLED:  # by the window
        jobs.abandon_job(session, job)
        raise UserError("The training was cancelled", job.job_id, "No label is touched.")
    try:
        evaluation = jobs.evaluate_job(session.workspace, job, session.taxonomy)
        jobs.finish_job(session, job, evaluation)
    except jobs.JobFailedError as error:
        jobs.abandon_job(session, job, error)
        raise
    return evaluation


def _tell(job: Job, evaluation: Evaluation, output: Output) -> None:
    output.say(f"{job.model_id}: {evaluation.headline}")
    for reason in evaluation.reasons:
        output.say(f"  {reason}")
    output.say(f"It is kept beside {job.active_model}, which goes on being used. To change that:")
    reason = "" if evaluation.better else " --reason TEXT"
    output.say(f"  wbc models --workspace W promote {job.model_id}{reason}")
    output.result(
        {
            "model_id": job.model_id,
            "verdict": evaluation.outcome.value,
            "reasons": list(evaluation.reasons),
            "provisional": evaluation.provisional,
            "job": job.job_id,
            "kind": job.kind.value,
            "cells": job.cells,
            "judged_cells": evaluation.n,
            "macro_f1": {
                "old": round(evaluation.macro_old, 4),
                "new": round(evaluation.macro_new, 4),
            },
            "forgetting": round(evaluation.forgetting, 4),
            "seconds": job.folder.result().seconds,
        }
    )


_DOING = {JobKind.ADAPT: "Adapting", JobKind.FINETUNE: "Fine-tuning"}


class _ProgressOutput:
    """Shows how far a job is: the bar of a terminal; elsewhere a line for each phase and minute."""

    def __init__(
        self, job: Job, advance: Callable[[int, int | None], None], output: Output
    ) -> None:
        self._job = job
        self._advance = advance
        self._output = output
        self._phase = ""
        self._seen = len(job.folder.progress())  # lines; what was told before a break is old
        self._said, self._noted = self._seen, time.monotonic()

    def look(self) -> None:
        """Show what the job has reported since."""
        lines = self._job.folder.progress()
        if not lines:
            return
        last = lines[-1]
        self._advance(last.step, last.steps or None)
        fresh, self._seen = lines[self._seen :], len(lines)
        for line in fresh:  # a short phase may have ended since the last look
            if line.phase != self._phase:
                self._phase = line.phase
                self._note(line.phase)
        if len(lines) > self._said and time.monotonic() - self._noted >= _SAY_S:
            left = "" if not last.eta_s else f", about {last.eta_s / 60:.0f} min left"
            self._note(f"{last.phase}, step {last.step:,} of {last.steps:,}{left}")

    def _note(self, text: str) -> None:
        self._said, self._noted = self._seen, time.monotonic()
        self._output.note(f"{_DOING[self._job.kind]}: {text}")
