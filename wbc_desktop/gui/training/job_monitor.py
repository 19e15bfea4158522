"""The life of a job in the window: prepared, watched while it runs, evaluated when it has ended.

A job is a process that outlives the window; here are only workers and a timer that reads its
files. One job runs at a time in a workspace. What is started beside the one that is watched stands
in a queue; a job that has to wait for another program's is tried again until that one has ended.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobState, ProgressLine
from wbc_desktop.gui.context import WorkspaceContext

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.domain.training.evaluation import Evaluation
    from wbc_desktop.gui.tasks import Task
    from wbc_desktop.services.training.job_process import JobProcess
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.services.training.training_snapshot import SnapshotStep

_POLL_MS = 200
_LEAVES_WITHIN_S = 10.0
_KEY, _NEXT_KEY = "training", "next training"
RESUMABLE = (JobState.UNFINISHED, JobState.WAITING)
"""What can go on, although no process is at work on it."""


@dataclass(frozen=True)
class JobStatus:
    """What was seen of a job.

    Attributes:
        log: The end of its log.
        waits_for: The job of another program that has to end before it can begin, or empty.
    """

    state: JobState
    progress: Sequence[ProgressLine]
    log: str
    waits_for: str = ""

    @property
    def last(self) -> ProgressLine | None:
        """What it reported last, if anything."""
        return self.progress[-1] if self.progress else None


_STARTING = JobStatus(JobState.RUNNING, (), "")  # a process takes a moment to start


class JobPreparation:
    """Freezes the labels of one training at a time in a worker, then records that its job begins.

    Args:
        context: The open workspace.
        on_step: Told what is being done, cells dealt with and cells in all.
        on_started: Told the job, and in words which labels nothing is learned from.
        on_cancelled: Called when it was cancelled before the job began.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        on_step: Callable[[str, int, int], None],
        on_started: "Callable[[Job, str], None]",
        on_cancelled: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session, self._runner = context.session, context.runner
        self._on_step, self._on_started = on_step, on_started
        self._on_cancelled, self._on_error = on_cancelled, on_error
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """True until the job has begun."""
        return self._task is not None

    def begin(self, kind: JobKind, site: str | None) -> None:
        """Prepare a training of the labels of a site; None for all sites."""
        session = self._session

        def steps() -> "Generator[SnapshotStep, None, None]":
            from wbc_desktop.services.training.training_snapshot import freeze_labels

            yield from freeze_labels(session.workspace, session.taxonomy, kind=kind, site=site)

        self._task = self._runner.run(
            steps, on_item=self._take, on_error=self._on_error, on_left=self._leave
        )

    def cancel(self) -> None:
        """Stop; nothing of it stays."""
        if self._task is not None:
            self._task.cancel()

    def _take(self, step: "SnapshotStep") -> None:
        from wbc_desktop.services.training.training_snapshot import left_out_text, start_job

        if step.snapshot is None:
            self._on_step(step.what, step.done, step.total)
        else:
            job = start_job(self._session, step.snapshot)
            self._on_started(job, left_out_text(step.snapshot))

    def _leave(self) -> None:
        task, self._task = self._task, None
        if task is not None and task.cancelled.is_set():
            self._on_cancelled()


class JobMonitor:
    """Watches at most one job.

    Attributes:
        status: What was last seen of the job that is watched.
        queue: The jobs that wait for it, the next one first.

    Args:
        context: The open workspace.
        on_status: Told what is seen while the job is under way.
        on_end: Told once when it has ended; for good, or because its process is gone.
        on_error: Shows an error of any kind; the job is watched no more.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        on_status: "Callable[[Job, JobStatus], None]",
        on_end: "Callable[[Job, JobStatus], None]",
        on_error: Callable[[Exception], None],
    ) -> None:
        self._workspace, self._runner = context.workspace, context.runner
        self._on_status, self._on_end, self._on_error = on_status, on_end, on_error
        self._timer = QTimer(context.window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_timer)
        self._process: JobProcess | None = None
        self._job: Job | None = None
        self.status = _STARTING
        self.queue: tuple[Job, ...] = ()

    @property
    def job(self) -> "Job | None":
        """The job that is watched, or None."""
        return self._job

    def find_unfinished(self) -> None:
        """Take up what an earlier run of the program has left: under way, ended or interrupted."""

        def look() -> "list[tuple[Job, JobState]]":
            from wbc_desktop.services.training import jobs

            return [(job, job.folder.state()) for job in jobs.unfinished(self._workspace)]

        def found(left: "list[tuple[Job, JobState]]") -> None:
            # Under way first, then what has ended, then what was interrupted, then what waits.
            left.sort(
                key=lambda one: (
                    not one[1].alive,
                    one[1] in RESUMABLE,
                    one[1] is JobState.WAITING,
                )
            )
            if left and self._job is None:
                self._job, self.status = left[0][0], _STARTING
                self.queue = tuple(job for job, now in left[1:] if now is JobState.WAITING)
                self._poll()

        self._runner.call(look, on_result=found, on_error=self._fail, key=_KEY)

    def start(self, job: "Job") -> None:
        """Start the process of a job, or take up one that was interrupted, and watch it."""
        self._job, self.status = job, _STARTING
        self._launch()

    def enqueue(self, job: "Job") -> None:
        """Let a job wait until ``start_next``."""
        self.queue = (*self.queue, job)

    def dequeue_last(self) -> "Job | None":
        """Take the job out that came last to the queue, and return it."""
        last = self.queue[-1] if self.queue else None
        self.queue = self.queue[:-1]
        return last

    def start_next(self) -> None:
        """Start the next job of the workspace; nothing while one is watched.

        That is one that was interrupted and shall go on, else the one that waits longest.
        """
        queue = self.queue

        def look() -> "tuple[Job, ...]":
            from wbc_desktop.services.training import jobs

            again = [job for job in queue if job.folder.state() is JobState.UNFINISHED]
            return (*again, *jobs.waiting(self._workspace))

        def found(waiting: "tuple[Job, ...]") -> None:
            if waiting and self._job is None:
                self.queue = waiting[1:]
                self.start(waiting[0])

        if self._job is None:
            self._runner.call(look, on_result=found, on_error=self._fail, key=_NEXT_KEY)

    def pause(self) -> None:
        """Let the job wait between two steps."""
        from wbc_desktop.services.training import jobs

        if (job := self._job) is not None:
            self._act(lambda: jobs.pause(job))

    def resume(self) -> None:
        """Let the job go on."""
        if (job := self._job) is not None:
            self.start(job)

    def cancel(self) -> None:
        """End the job; its end is told as any other."""
        from wbc_desktop.services.training import jobs

        if (job := self._job) is not None:
            self._act(lambda: jobs.cancel(job))

    def close(self) -> None:
        """Watch no more; the job goes on."""
        self._timer.stop()
        self._timer.deleteLater()
        if self._process is not None:
            self._process.detach()
        self._job = self._process = None
        self.queue = ()

    def _launch(self) -> None:
        job = self._job
        if job is None:
            return

        def launch() -> JobStatus | None:
            from wbc_desktop.services.training import jobs

            now = job.folder.state()
            if not now.alive and now not in RESUMABLE:
                return None  # another program has ended it while it waited
            try:
                # Kept at once: what this call returns is dropped if a button is pressed meanwhile.
                self._process = jobs.resume(self._workspace, job) or self._process
            except jobs.JobRunningError as error:
                return JobStatus(JobState.WAITING, (), "", waits_for=error.detail)
            return None

        self._runner.call(launch, on_result=self._launched, on_error=self._fail, key=_KEY)

    def _act(self, act: Callable[[], None]) -> None:
        self._timer.stop()
        self._runner.call(act, on_result=lambda _none: self._poll(), on_error=self._fail, key=_KEY)

    def _launched(self, waits: JobStatus | None) -> None:
        if waits is None:
            self._poll()
        else:
            self._take(waits)

    def _on_timer(self) -> None:
        if self.status.waits_for:
            self._launch()
        else:
            self._poll()

    def _poll(self) -> None:
        job, process = self._job, self._process
        if job is None:
            return

        def read() -> JobStatus:
            folder = job.folder
            status = JobStatus(folder.state(), folder.progress(), folder.log_tail())
            if process is not None and not status.state.alive:
                process.wait(_LEAVES_WITHIN_S)  # it has said all; now it leaves no zombie
                process.detach()
            return status

        self._runner.call(read, on_result=self._take, on_error=self._fail, key=_KEY)

    def _take(self, status: JobStatus) -> None:
        job = self._job
        if job is None:
            return
        self.status = status
        if status.state.alive or status.waits_for:
            self._on_status(job, status)
            self._timer.start()
        else:
            self._job = self._process = None
            self._on_end(job, status)

    def _fail(self, error: Exception) -> None:
        self._job = None
        self._on_error(error)


class JobEvaluation:
    """Evaluates in a worker what jobs have made, and records how each ended.

    Args:
        context: The open workspace.
        on_evaluated: Told job and evaluation once the model is among those of the workspace.
        on_abandoned: Told the job and why it made no model; None if it was cancelled.
        on_error: Shows an error of any kind; the job can be evaluated again later.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        on_evaluated: "Callable[[Job, Evaluation], None]",
        on_abandoned: "Callable[[Job, UserError | None], None]",
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session, self._runner = context.session, context.runner
        self._on_evaluated, self._on_abandoned = on_evaluated, on_abandoned
        self._on_error = on_error
        self._jobs: list[Job] = []

    @property
    def running(self) -> bool:
        """True while a job is evaluated or abandoned."""
        return bool(self._jobs)

    def begin(self, job: "Job", state: JobState) -> None:
        """Find out what came of a job that has ended, and record it."""
        from wbc_desktop.services.training.jobs import evaluate_job

        self._jobs.append(job)
        workspace, taxonomy = self._session.workspace, self._session.taxonomy
        if state is JobState.CANCELLED:
            self._abandon(job, None)
            return
        self._runner.call(
            lambda: evaluate_job(workspace, job, taxonomy),
            on_result=lambda evaluation: self._finish(job, evaluation),
            on_error=lambda error: self._fail(job, error),
        )

    def discard(self, job: "Job | None") -> None:
        """Give up a job that was interrupted, or waits."""
        from wbc_desktop.services.training import jobs

        if job is None:
            return
        self._jobs.append(job)
        self._runner.call(
            lambda: jobs.cancel(job),
            on_result=lambda _none: self._abandon(job, None),
            on_error=lambda error: self._fail(job, error),
        )

    def _finish(self, job: "Job", evaluation: "Evaluation") -> None:
        from wbc_desktop.services.training.jobs import finish_job

        finish_job(self._session, job, evaluation)
        self._jobs.remove(job)
        self._on_evaluated(job, evaluation)

    def _abandon(self, job: "Job", error: UserError | None) -> None:
        from wbc_desktop.services.training.jobs import abandon_job

        self._jobs.remove(job)
        try:
            abandon_job(self._session, job, error)
        except UserError as why:
            self._on_error(why)
            return
        self._on_abandoned(job, error)

    def _fail(self, job: "Job", error: Exception) -> None:
        from wbc_desktop.services.training.jobs import JobFailedError

        if isinstance(error, JobFailedError):
            self._abandon(job, error)
            return
        if job in self._jobs:  # what follows its end may fail as well
            self._jobs.remove(job)
        self._on_error(error)
