"""Jobs of a workspace: which there are, starting, pausing and ending them, and what came of them.

A job is a process of its own, so that a window that is closed does not end it and a training that
dies does not end the window. All that is known of it stands in its folder and in the audit log, so
any window may look after it. ``launch`` is the one place that starts a process; one job runs at a
time in a workspace, the others wait. To change how a process is started, see ``job_process``.

Every end is recorded once, whichever program sees it first: evaluated and kept as a model of the
workspace, failed, or cancelled. Evaluating takes a moment and runs in a worker; recording is quick
and belongs to the session's thread.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from model.jobs.job_files import CANCELLED_FILE, LOG_FILE, PAUSE_FILE, SPEC_FILE
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import Event, EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.domain.training.job import JobKind, JobState
from wbc_desktop.domain.training.promotion_rule import superseded
from wbc_desktop.services.models.candidates import (
    check_candidate,
    evaluate_candidate,
    register_candidate,
)
from wbc_desktop.services.models.registry import (
    ModelEntry,
    active_ref,
    base_folder,
    base_ref,
)
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.training import job_folder as files
from wbc_desktop.services.training import job_process
from wbc_desktop.services.training.job_folder import JobFolder
from wbc_desktop.services.training.job_process import JobProcess
from wbc_desktop.store.file_lock import hold_lock
from wbc_desktop.store.model_registry import ModelFolders
from wbc_desktop.store.workspace import Workspace

FAILED, CANCELLED = "failed", "cancelled"
LOG_AT = "jobs/{}/log.txt in the workspace"
_FAULT, _HALTED = 1, 5  # exit codes: an exception that nobody caught; the disk was full, say
_LAUNCH_LOCK = "launch.lock"
_STARTED_WITHIN_S = 60.0
_POLL_S = 0.02
_LAUNCH_TRIES = 250


class JobRunningError(UserError):
    """Another job of the workspace is at work."""


class JobFailedError(UserError):
    """A job could not do what it was asked to, and says why."""


class JobCrashedError(UserError):
    """The process of a job ended through a fault of its own; it would do so again."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job.

    Attributes:
        folder: Its files.
        job_id: Such as ``0003-adapt``.
        kind: What it does.
        model_id: Name of the model it makes.
        active_model: Name of the model that was in use, which it is compared with.
        active_sha256: Its digest.
        event: The labels are those after this event.
        site: Only labels of this site, or None.
        elsewhere: Sites that the model in use has learnt from and this job does not look at.
        cells: Cells it learns from and is judged by.
        grouped_by: What keeps cells together when they are split.
        data_sha256: Digest of the frozen cells.
    """

    folder: JobFolder
    job_id: str
    kind: JobKind
    model_id: str
    active_model: str
    active_sha256: str
    event: int
    site: str | None
    elsewhere: tuple[str, ...]
    cells: int
    grouped_by: str
    data_sha256: str


def job_of(folder: JobFolder) -> Job:
    """Read what a job is.

    Raises:
        UserError: If its description is damaged.
    """
    found = folder.document()
    champion = found.get("champion")
    named = champion if isinstance(champion, dict) else {}
    site = found.get("site")
    elsewhere = found.get("elsewhere")
    event, cells = (_whole(found.get(name)) for name in ("event", "cells"))
    return Job(
        folder=folder,
        job_id=folder.path.name,
        kind=JobKind(str(found["kind"])),
        model_id=str(found.get("model_id", "")),
        active_model=str(named.get("model_id", "")),
        active_sha256=str(named.get("model_sha256", "")),
        event=event,
        site=None if site is None else str(site),
        elsewhere=tuple(map(str, elsewhere)) if isinstance(elsewhere, list) else (),
        cells=cells,
        grouped_by=str(found.get("grouped_by", "cell")),
        data_sha256=str(found.get("data_sha256", "")),
    )


def unfinished(workspace: Workspace) -> tuple[Job, ...]:
    """Return the jobs whose end is not recorded yet, the oldest first; any thread.

    Such a job waits, runs, was broken off and can go on, or has ended while nobody looked and is to
    be judged: ``state`` says which. One whose folder was deleted is left out.
    """
    catalogue = workspace.catalogue
    ended = {event.payload.get("job") for event in catalogue.events.of_type(EventType.JOB_ENDED)}
    found = []
    for event in catalogue.events.of_type(EventType.JOB_STARTED):
        folder = JobFolder(workspace.folder / files.FOLDER / str(event.payload.get("job")))
        if event.payload.get("job") in ended or not (folder.path / SPEC_FILE).exists():
            continue
        found.append(_from_log(folder, event))
    return tuple(found)


def waiting(workspace: Workspace) -> tuple[Job, ...]:
    """Return the jobs that were never launched, the one that waits longest first; any thread."""
    return tuple(job for job in unfinished(workspace) if job.folder.state() is JobState.WAITING)


def launch(workspace: Workspace, job: Job) -> JobProcess:
    """Start the process of a job that waits or was broken off; returns once it is at work.

    It runs with lower priority, outlives this program, and goes on where it was broken off. In a
    worker: a process takes some tenths of a second to start.

    Args:
        workspace: The open workspace.
        job: Not running.

    Raises:
        JobRunningError: If a job of the workspace runs already.
        UserError: If it has ended, the model is missing, or the process cannot be started.
    """
    base, active = base_folder(), _active_folder(workspace, job)
    jobs = workspace.folder / files.FOLDER
    for _ in range(_LAUNCH_TRIES):
        with _launch_lock(jobs) as mine:
            if mine:
                _check_launchable(workspace, job)
                job.folder.set_flag(PAUSE_FILE, there=False)
                running = job_process.start_process(job.folder, base=base, active=active)
                _await_start(running)
                return running
        time.sleep(_POLL_S)
    raise JobRunningError("Another job is being started", job.job_id, "Try again in a moment.")


@contextmanager
def _launch_lock(jobs: Path) -> Iterator[bool]:
    """Hold the lock of the one launch that may go on; yield False where another does."""
    with ExitStack() as stack:
        with files.disk_errors(jobs):
            jobs.mkdir(parents=True, exist_ok=True)
            mine = stack.enter_context(hold_lock(jobs / _LAUNCH_LOCK))
        yield mine


def pause(job: Job) -> None:
    """Let a running job wait between two steps.

    Raises:
        UserError: If the disk refuses.
    """
    job.folder.set_flag(PAUSE_FILE, there=True)


def resume(workspace: Workspace, job: Job) -> JobProcess | None:
    """Let a job go on; one without a process gets a new one, which is returned. In a worker.

    Raises:
        UserError: As ``launch``.
    """
    job.folder.set_flag(PAUSE_FILE, there=False)
    return None if job.folder.running() else launch(workspace, job)


def cancel(job: Job) -> None:
    """End a job; its process is gone when this returns. In a worker: this may take a second.

    That it was cancelled is recorded by ``abandon_job``.

    Raises:
        UserError: If the disk refuses, or the process does not end.
    """
    job.folder.set_flag(CANCELLED_FILE, there=True)
    job_process.end_process(job.folder)
    job.folder.delete_work()


def interruption_error(process: JobProcess) -> UserError:
    """Say why a process ended without a result: through a fault of its own, or from outside."""
    name, log = process.folder.path.name, process.folder.log_tail(1)
    if process.poll() == _FAULT:
        return JobCrashedError(
            "The training failed", f"{name}: {log}", f"Its log tells more: {LOG_AT.format(name)}"
        )
    if process.poll() == _HALTED:
        return UserError(
            "The training was broken off",
            f"{name}: {log}" if log else name,
            "Make room on the disk, or close other programs; then start it again: it goes on.",
        )
    return UserError(
        "The training was broken off",
        name,
        "Something ended its process, or memory ran out. Start it again: it goes on.",
    )


def evaluate_job(workspace: Workspace, job: Job, taxonomy: Taxonomy) -> Evaluation:
    """Evaluate the candidate that a job has made, and open it once; in a worker.

    Args:
        workspace: The open workspace; only read.
        job: A finished one.
        taxonomy: Its leaves must be the classes of the candidate.

    Raises:
        JobFailedError: If it has failed, or what it made is damaged; the job is over then.
        UserError: If it has not ended yet, or was cancelled, or the workspace is damaged.
    """
    now = job.folder.state()
    if now is JobState.FAILED:
        said = job.folder.result()
        raise JobFailedError(said.title or "The training failed", said.detail, said.advice)
    if now is not JobState.FINISHED:
        raise UserError(
            "The training has made no model", f"{job.job_id} is {now.value}", "Start it again."
        )
    try:
        evaluation = evaluate_candidate(
            job.folder.path, grouped_by=job.grouped_by, elsewhere=job.elsewhere
        )
        check_candidate(job.folder.path, taxonomy)
    except UserError as error:
        raise JobFailedError(error.title, error.detail, error.advice) from error
    return against_active_model(workspace, job, evaluation)


def against_active_model(workspace: Workspace, job: Job, evaluation: Evaluation) -> Evaluation:
    """Return an evaluation beside the model that is in use now.

    Where another one came into use since the job was prepared, its candidate is not better,
    whatever it does: nobody has compared it with that one.

    Args:
        workspace: The open workspace; only read.
        job: The job.
        evaluation: Of its candidate.

    Raises:
        UserError: If the workspace is damaged.
    """
    active = active_ref(workspace.catalogue)
    if job.active_sha256 in ("", active.sha256):
        return evaluation
    return superseded(evaluation, active.model_id)


def finish_job(session: Session, job: Job, evaluation: Evaluation) -> ModelEntry:
    """Take the candidate into the workspace and record the end of its job.

    Args:
        session: Of the workspace; on its thread.
        job: A finished one.
        evaluation: Of ``evaluate_job``.

    Returns:
        The model, not promoted yet.

    Raises:
        UserError: If the candidate is damaged, or the disk refuses.
    """
    entry = register_candidate(session, job.folder.path, evaluation, site=job.site)
    session.record(EndJob(job=job.job_id, outcome=evaluation.outcome.value, model=job.model_id))
    job.folder.delete_checkpoint()  # another program may be judging the candidate as well
    return entry


def abandon_job(session: Session, job: Job, error: UserError | None = None) -> None:
    """Record that a job has ended without a model.

    Args:
        session: Of the workspace; on its thread.
        job: One that failed or was cancelled.
        error: Why it failed; None if a person cancelled it.
    """
    outcome = CANCELLED if error is None else FAILED
    why = "" if error is None else str(error)
    session.record(EndJob(job=job.job_id, outcome=outcome, model=job.model_id, why=why))
    job.folder.delete_work()


@dataclass(frozen=True, kw_only=True)
class EndJob:
    """Record the end of a job; nothing if it is recorded already.

    Attributes:
        job: Its id.
        outcome: better, not_better, failed or cancelled.
        model: Name of the model that it made, or was to make.
        why: Why it failed.
    """

    job: str
    outcome: str
    model: str
    why: str = ""

    def apply(self, context: Context) -> Changes:
        """Append the event."""
        for event in context.tx.catalogue.events.of_type(EventType.JOB_ENDED):
            if event.payload.get("job") == self.job:
                return Changes(Kind.NONE)
        text = f"{_ENDS.get(self.outcome, 'Ended')} {self.job}"
        payload: dict[str, Json] = {
            "job": self.job,
            "outcome": self.outcome,
            "model": self.model,
            "why": self.why,
            "text": text,
        }
        event = context.tx.append_event(context.reader, EventType.JOB_ENDED, payload)
        return Changes(Kind.MODELS, (), event.seq, text)


_ENDS = {FAILED: "Failed:", CANCELLED: "Cancelled", "better": "Finished", "not_better": "Finished"}


def _check_launchable(workspace: Workspace, job: Job) -> None:
    if job.folder.state() not in (JobState.WAITING, JobState.UNFINISHED, *_ALIVE):
        raise UserError("The job has ended", job.job_id, "Start a new one. No label is touched.")
    for folder in files.folders(workspace.folder):
        if folder.running():
            raise JobRunningError(
                "Another training is running",
                folder.path.name,
                "It is next when that one has ended; or cancel that one.",
            )


def _await_start(process: JobProcess) -> None:
    """Return when the process holds its lock, or has ended already."""
    until = time.monotonic() + _STARTED_WITHIN_S
    while not process.folder.running():
        if process.poll() is not None:
            return
        if time.monotonic() > until:
            job_process.end_process(process.folder, process)
            raise UserError(
                "The training does not start",
                str(process.folder.path / LOG_FILE),
                "The computer may be overloaded: try again later.",
            )
        time.sleep(_POLL_S)


def _active_folder(workspace: Workspace, job: Job) -> Path:
    """Return the folder of the model that a job is judged against."""
    if job.active_sha256 in ("", base_ref().sha256):
        return base_folder()
    return ModelFolders(workspace.folder).path(job.active_model)


def _from_log(folder: JobFolder, event: Event) -> Job:
    """Return a job; where its description is damaged, what the log says of it."""
    try:
        return job_of(folder)
    except UserError:
        payload = event.payload
        kind = str(payload.get("kind"))
        return Job(
            folder=folder,
            job_id=folder.path.name,
            kind=JobKind(kind) if kind in [*JobKind] else JobKind.ADAPT,
            model_id=str(payload.get("model", "")),
            active_model="",
            active_sha256="",
            event=_whole(payload.get("event")),
            site=str(payload.get("site")) or None,
            elsewhere=(),
            cells=_whole(payload.get("cells")),
            grouped_by=str(payload.get("grouped_by", "cell")),
            data_sha256=str(payload.get("data_sha256", "")),
        )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


_ALIVE = (JobState.RUNNING, JobState.PAUSED)
