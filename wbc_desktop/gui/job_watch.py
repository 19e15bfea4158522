"""Looks after one job: starts its process, reads how far it is, and says when it has ended.

A job is a process that outlives the window; here is only a timer that reads its files, in a worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from wbc_desktop.domain.job import JobProgress, JobState
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.job_process import Running
    from wbc_desktop.services.jobs import Job
    from wbc_desktop.store.workspace import Workspace

_LOOK_MS = 200
_LEAVES_WITHIN_S = 10.0
_PLACE = "training"
TO_RESUME = (JobState.UNFINISHED, JobState.WAITING)
"""What can go on, although no process is at work on it."""


@dataclass(frozen=True)
class Look:
    """What was seen of a job: where it stands, what it reported, the end of its log."""

    state: JobState
    progress: Sequence[JobProgress]
    log: str


class JobWatch:
    """Watches at most one job.

    Args:
        workspace: Whose jobs.
        runner: Reads and starts in workers.
        parent: Owner of the timer.
        on_look: Told what is seen while the job is under way.
        on_end: Told once when it has ended; for good, or because its process is gone.
        on_error: Shows an error of any kind; the job is watched no more.
    """

    def __init__(
        self,
        *,
        workspace: "Workspace",
        runner: TaskRunner,
        parent: QObject,
        on_look: "Callable[[Job, Look], None]",
        on_end: "Callable[[Job, Look], None]",
        on_error: Callable[[Exception], None],
    ) -> None:
        self._workspace = workspace
        self._runner = runner
        self._on_look, self._on_end, self._on_error = on_look, on_end, on_error
        self._timer = QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._process: Running | None = None
        self._job: Job | None = None

    @property
    def job(self) -> "Job | None":
        """The job that is watched, or None."""
        return self._job

    def pick_up(self) -> None:
        """Take up what an earlier run of the program has left: under way, ended or broken off."""

        def look() -> "list[tuple[Job, JobState]]":
            from wbc_desktop.services import jobs

            return [(job, jobs.state(job)) for job in jobs.unfinished(self._workspace)]

        def found(left: "list[tuple[Job, JobState]]") -> None:
            # Under way first, then what has ended, then what can go on.
            left.sort(key=lambda one: (not one[1].alive, one[1] in TO_RESUME))
            if left and self._job is None:
                self._job = left[0][0]
                self._look()

        self._runner.call(look, on_result=found, on_error=self._fail, place=_PLACE)

    def start(self, job: "Job") -> None:
        """Start the process of a job, or take up one that was broken off, and watch it."""
        from wbc_desktop.services import jobs

        self._job = job
        self._runner.call(
            lambda: jobs.resume(self._workspace, job),
            on_result=self._started,
            on_error=self._fail,
            place=_PLACE,
        )

    def pause(self) -> None:
        """Let the job wait between two steps."""
        from wbc_desktop.services import jobs

        if (job := self._job) is not None:
            self._act(lambda: jobs.pause(job))

    def resume(self) -> None:
        """Let the job go on."""
        if (job := self._job) is not None:
            self.start(job)

    def cancel(self) -> None:
        """End the job; its end is told as any other."""
        from wbc_desktop.services import jobs

        if (job := self._job) is not None:
            self._act(lambda: jobs.cancel(job))

    def close(self) -> None:
        """Watch no more; the job goes on."""
        self._timer.stop()
        self._timer.deleteLater()
        if self._process is not None:
            self._process.let_go()
        self._job = self._process = None

    def _act(self, act: Callable[[], None]) -> None:
        self._timer.stop()
        self._runner.call(
            act, on_result=lambda _none: self._look(), on_error=self._fail, place=_PLACE
        )

    def _started(self, process: "Running | None") -> None:
        self._process = process or self._process
        self._look()

    def _look(self) -> None:
        job, process = self._job, self._process
        if job is None:
            return

        def read() -> Look:
            look = Look(job.folder.state(), job.folder.progress(), job.folder.log_tail())
            if process is not None and not look.state.alive:
                process.wait(_LEAVES_WITHIN_S)  # it has said all; now it leaves no zombie
                process.let_go()
            return look

        self._runner.call(read, on_result=self._take, on_error=self._fail, place=_PLACE)

    def _take(self, look: Look) -> None:
        job = self._job
        if job is None:
            return
        if look.state.alive:
            self._on_look(job, look)
            self._timer.start()
        else:
            self._job = self._process = None
            self._on_end(job, look)

    def _fail(self, error: Exception) -> None:
        self._job = None
        self._on_error(error)
