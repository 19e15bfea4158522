"""Looks after one job: starts its process, reads how far it is, and says when it has ended.

A job is a process that outlives the window; here is only a timer that reads its files, in a worker.
One job runs at a time in a workspace. What is started beside the one that is watched stands in
line; a job that has to wait for another program's is tried again until that one has ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from wbc_desktop.domain.training.job import JobProgress, JobState
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.training.job_process import Running
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.store.workspace import Workspace

_LOOK_MS = 200
_LEAVES_WITHIN_S = 10.0
_PLACE, _NEXT_PLACE = "training", "next training"
TO_RESUME = (JobState.UNFINISHED, JobState.WAITING)
"""What can go on, although no process is at work on it."""
_WAITS = (JobState.WAITING,)


@dataclass(frozen=True)
class Look:
    """What was seen of a job.

    Attributes:
        state: Where it stands.
        progress: What it reported.
        log: The end of its log.
        waits_for: The job of another program that has to end before it can begin, or empty.
    """

    state: JobState
    progress: Sequence[JobProgress]
    log: str
    waits_for: str = ""


_BEGINS = Look(JobState.RUNNING, (), "")  # a process takes a moment to start


class JobWatch:
    """Watches at most one job.

    Attributes:
        seen: What was last seen of the job that is watched.
        line: The jobs that wait for it, the next one first.

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
        self._timer.timeout.connect(self._go_on)
        self._process: Running | None = None
        self._job: Job | None = None
        self.seen = _BEGINS
        self.line: tuple[Job, ...] = ()

    @property
    def job(self) -> "Job | None":
        """The job that is watched, or None."""
        return self._job

    def pick_up(self) -> None:
        """Take up what an earlier run of the program has left: under way, ended or broken off."""

        def look() -> "list[tuple[Job, JobState]]":
            from wbc_desktop.services.training import jobs

            return [(job, jobs.state(job)) for job in jobs.unfinished(self._workspace)]

        def found(left: "list[tuple[Job, JobState]]") -> None:
            # Under way first, then what has ended, then what was broken off, then what waits.
            left.sort(key=lambda one: (not one[1].alive, one[1] in TO_RESUME, one[1] in _WAITS))
            if left and self._job is None:
                self._job, self.seen = left[0][0], _BEGINS
                self.line = tuple(job for job, now in left[1:] if now is JobState.WAITING)
                self._look()

        self._runner.call(look, on_result=found, on_error=self._fail, place=_PLACE)

    def start(self, job: "Job") -> None:
        """Start the process of a job, or take up one that was broken off, and watch it."""
        self._job, self.seen = job, _BEGINS
        self._begin()

    def stand_in_line(self, job: "Job") -> None:
        """Let a job wait until ``take_next``."""
        self.line = (*self.line, job)

    def leave_line(self) -> "Job | None":
        """Take the job out that came last to the line, and return it."""
        last = self.line[-1] if self.line else None
        self.line = self.line[:-1]
        return last

    def take_next(self) -> None:
        """Start the next job of the workspace; nothing while one is watched.

        That is one that was broken off and shall go on, else the one that waits longest.
        """
        line = self.line

        def look() -> "tuple[Job, ...]":
            from wbc_desktop.services.training import jobs

            again = [job for job in line if jobs.state(job) is JobState.UNFINISHED]
            return (*again, *jobs.waiting(self._workspace))

        def found(waiting: "tuple[Job, ...]") -> None:
            if waiting and self._job is None:
                self.line = waiting[1:]
                self.start(waiting[0])

        if self._job is None:
            self._runner.call(look, on_result=found, on_error=self._fail, place=_NEXT_PLACE)

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
            self._process.let_go()
        self._job = self._process = None
        self.line = ()

    def _begin(self) -> None:
        job = self._job
        if job is None:
            return

        def begin() -> Look | None:
            from wbc_desktop.services.training import jobs

            now = jobs.state(job)
            if not now.alive and now not in TO_RESUME:
                return None  # another program has ended it while it waited
            try:
                # Kept at once: what this call returns is dropped if a button is pressed meanwhile.
                self._process = jobs.resume(self._workspace, job) or self._process
            except jobs.JobRunningError as error:
                return Look(JobState.WAITING, (), "", waits_for=error.detail)
            return None

        self._runner.call(begin, on_result=self._begun, on_error=self._fail, place=_PLACE)

    def _act(self, act: Callable[[], None]) -> None:
        self._timer.stop()
        self._runner.call(
            act, on_result=lambda _none: self._look(), on_error=self._fail, place=_PLACE
        )

    def _begun(self, waits: Look | None) -> None:
        if waits is None:
            self._look()
        else:
            self._take(waits)

    def _go_on(self) -> None:
        if self.seen.waits_for:
            self._begin()
        else:
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
        self.seen = look
        if look.state.alive or look.waits_for:
            self._on_look(job, look)
            self._timer.start()
        else:
            self._job = self._process = None
            self._on_end(job, look)

    def _fail(self, error: Exception) -> None:
        self._job = None
        self._on_error(error)
