"""Jobs of a workspace: which there are, how far they are, and starting, pausing and ending them.

A job is a process of its own, so that a window that is closed does not end it and a training that
dies does not end the window. All that is known of it stands in its folder and in the audit log, so
any window may look after it. ``launch`` is the one place that starts a process; one job runs at a
time in a workspace, the others wait. To change how a process is started, see ``job_process``.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop.domain.audit.events import Event, EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobProgress, JobState
from wbc_desktop.services.models.registry import base_folder, base_ref
from wbc_desktop.services.training import job_process
from wbc_desktop.services.training.job_process import Running
from wbc_desktop.store import job_folder as files
from wbc_desktop.store.job_folder import JobFolder
from wbc_desktop.store.model_registry import ModelFolders
from wbc_desktop.store.workspace import Workspace

LOG_AT = "jobs/{}/log.txt in the workspace"
_FAULT, _HALTED = 1, 5  # exit codes: an exception that nobody caught; the disk was full, say
_LAUNCH_LOCK = "launch.lock"
_STARTED_WITHIN_S = 60.0
_LOOK_S = 0.02
_LAUNCH_TRIES = 250


class JobRunningError(UserError):
    """Another job of the workspace is at work."""


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
        champion: Name of the model it is judged against.
        champion_sha256: Its digest.
        event: The labels are those after this event.
        site: Only labels of this site, or None.
        elsewhere: Sites that the champion has learnt from and this job does not look at.
        cells: Cells it learns from and is judged by.
        grouped_by: What keeps cells together when they are split.
        data_sha256: Digest of the frozen cells.
    """

    folder: JobFolder
    job_id: str
    kind: JobKind
    model_id: str
    champion: str
    champion_sha256: str
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
        champion=str(named.get("model_id", "")),
        champion_sha256=str(named.get("model_sha256", "")),
        event=event,
        site=None if site is None else str(site),
        elsewhere=tuple(map(str, elsewhere)) if isinstance(elsewhere, list) else (),
        cells=cells,
        grouped_by=str(found.get("grouped_by", "cell")),
        data_sha256=str(found.get("data_sha256", "")),
    )


def state(job: Job) -> JobState:
    """Return where a job stands; any thread."""
    return job.folder.state()


def progress(job: Job) -> tuple[JobProgress, ...]:
    """Return what a job has reported so far, the last line last; any thread."""
    return job.folder.progress()


def unfinished(workspace: Workspace) -> tuple[Job, ...]:
    """Return the jobs whose end is not recorded yet, the oldest first; any thread.

    Such a job waits, runs, was broken off and can go on, or has ended while nobody looked and is to
    be judged: ``state`` says which. One whose folder was deleted is left out.
    """
    catalogue = workspace.reader()
    ended = {event.payload.get("job") for event in catalogue.events_of(EventType.JOB_ENDED)}
    found = []
    for event in catalogue.events_of(EventType.JOB_STARTED):
        folder = JobFolder(workspace.folder / files.FOLDER / str(event.payload.get("job")))
        if event.payload.get("job") in ended or not (folder.path / files.JOB).exists():
            continue
        found.append(_as_recorded(folder, event))
    return tuple(found)


def waiting(workspace: Workspace) -> tuple[Job, ...]:
    """Return the jobs that were never launched, the one that waits longest first; any thread."""
    return tuple(job for job in unfinished(workspace) if state(job) is JobState.WAITING)


def launch(workspace: Workspace, job: Job) -> Running:
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
    base, champion = base_folder(), _champion(workspace, job)
    jobs = workspace.folder / files.FOLDER
    for _ in range(_LAUNCH_TRIES):
        with files.held(jobs / _LAUNCH_LOCK) as mine:
            if mine:
                _refuse(workspace, job)
                job.folder.mark(files.PAUSE, there=False)
                running = job_process.start(job.folder, base=base, champion=champion)
                _await_start(running)
                return running
        time.sleep(_LOOK_S)
    raise JobRunningError("Another job is being started", job.job_id, "Try again in a moment.")


def pause(job: Job) -> None:
    """Let a running job wait between two steps.

    Raises:
        UserError: If the disk refuses.
    """
    job.folder.mark(files.PAUSE, there=True)


def resume(workspace: Workspace, job: Job) -> Running | None:
    """Let a job go on; one without a process gets a new one, which is returned. In a worker.

    Raises:
        UserError: As ``launch``.
    """
    job.folder.mark(files.PAUSE, there=False)
    return None if job.folder.running() else launch(workspace, job)


def cancel(job: Job) -> None:
    """End a job; its process is gone when this returns. In a worker: this may take a second.

    That it was cancelled is recorded by ``job_endings.give_up``.

    Raises:
        UserError: If the disk refuses, or the process does not end.
    """
    job.folder.mark(files.CANCELLED, there=True)
    job_process.end(job.folder)
    job.folder.drop_work()


def broken_off(running: Running) -> UserError:
    """Say why a process ended without a result: through a fault of its own, or from outside."""
    name, log = running.folder.path.name, running.folder.log_tail(1)
    if running.poll() == _FAULT:
        return JobCrashedError(
            "The training failed", f"{name}: {log}", f"Its log tells more: {LOG_AT.format(name)}"
        )
    if running.poll() == _HALTED:
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


def _refuse(workspace: Workspace, job: Job) -> None:
    if state(job) not in (JobState.WAITING, JobState.UNFINISHED, *_ALIVE):
        raise UserError("The job has ended", job.job_id, "Start a new one. No label is touched.")
    for folder in files.folders(workspace.folder):
        if folder.running():
            raise JobRunningError(
                "Another training is running",
                folder.path.name,
                "It is next when that one has ended; or cancel that one.",
            )


def _await_start(running: Running) -> None:
    """Return when the process holds its lock, or has ended already."""
    until = time.monotonic() + _STARTED_WITHIN_S
    while not running.folder.running():
        if running.poll() is not None:
            return
        if time.monotonic() > until:
            job_process.end(running.folder, running)
            raise UserError(
                "The training does not start",
                str(running.folder.path / files.LOG),
                "The computer may be overloaded: try again later.",
            )
        time.sleep(_LOOK_S)


def _champion(workspace: Workspace, job: Job) -> Path:
    """Return the folder of the model that a job is judged against."""
    if job.champion_sha256 in ("", base_ref().sha256):
        return base_folder()
    return ModelFolders(workspace.folder).path(job.champion)


def _as_recorded(folder: JobFolder, event: Event) -> Job:
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
            champion="",
            champion_sha256="",
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
