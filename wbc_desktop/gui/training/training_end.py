"""Ends a training: judges what it made, in a worker, and records how it ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.gui.tasks import TaskRunner

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.domain.training.verdict import Verdict
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.services.training.jobs import Job


class TrainingEnd:
    """Judges jobs, and gives up those that make no model.

    Args:
        session: Records the end.
        runner: Judges in a worker.
        on_verdict: Told job and verdict once the model is among those of the workspace.
        on_gone: Told the job and why it made no model; None if it was cancelled.
        on_error: Shows an error of any kind; the job can be judged again later.
    """

    def __init__(
        self,
        *,
        session: "Session",
        runner: TaskRunner,
        on_verdict: "Callable[[Job, Verdict], None]",
        on_gone: "Callable[[Job, UserError | None], None]",
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session, self._runner = session, runner
        self._on_verdict, self._on_gone, self._on_error = on_verdict, on_gone, on_error
        self._jobs: list[Job] = []

    @property
    def running(self) -> bool:
        """True while a job is judged or given up."""
        return bool(self._jobs)

    def judge(self, job: "Job", state: JobState) -> None:
        """Find out what came of a job that has ended, and record it."""
        from wbc_desktop.services.training.job_end import verdict_of

        self._jobs.append(job)
        workspace, taxonomy = self._session.workspace, self._session.taxonomy
        if state is JobState.CANCELLED:
            self._give_up(job, None)
            return
        self._runner.call(
            lambda: verdict_of(workspace, job, taxonomy),
            on_result=lambda verdict: self._finish(job, verdict),
            on_error=lambda error: self._fail(job, error),
        )

    def discard(self, job: "Job | None") -> None:
        """Give up a job that was broken off, or waits."""
        from wbc_desktop.services.training import jobs

        if job is None:
            return
        self._jobs.append(job)
        self._runner.call(
            lambda: jobs.cancel(job),
            on_result=lambda _none: self._give_up(job, None),
            on_error=lambda error: self._fail(job, error),
        )

    def _finish(self, job: "Job", verdict: "Verdict") -> None:
        from wbc_desktop.services.training.job_end import finish

        finish(self._session, job, verdict)
        self._jobs.remove(job)
        self._on_verdict(job, verdict)

    def _give_up(self, job: "Job", error: UserError | None) -> None:
        from wbc_desktop.services.training.job_end import give_up

        self._jobs.remove(job)
        try:
            give_up(self._session, job, error)
        except UserError as why:
            self._on_error(why)
            return
        self._on_gone(job, error)

    def _fail(self, job: "Job", error: Exception) -> None:
        from wbc_desktop.services.training.job_end import JobFailedError

        if isinstance(error, JobFailedError):
            self._give_up(job, error)
            return
        if job in self._jobs:  # what follows its end may fail as well
            self._jobs.remove(job)
        self._on_error(error)
