"""Prepares a training: freezes the labels in a worker, then records that the job begins."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.gui.tasks import Task, TaskRunner

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.services.training.training_draft import DraftStep


class TrainingStart:
    """Prepares one training at a time.

    Args:
        session: Records that the job begins.
        runner: Runs the worker.
        on_step: Told what is being done, cells dealt with and cells in all.
        on_started: Told the job, and in words which labels nothing is learned from.
        on_cancelled: Called when it was cancelled before the job began.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        *,
        session: "Session",
        runner: TaskRunner,
        on_step: Callable[[str, int, int], None],
        on_started: "Callable[[Job, str], None]",
        on_cancelled: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session, self._runner = session, runner
        self._on_step, self._on_started = on_step, on_started
        self._on_cancelled, self._on_error = on_cancelled, on_error
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """True until the job has begun."""
        return self._task is not None

    def begin(self, kind: JobKind, site: str | None) -> None:
        """Prepare a training.

        Args:
            kind: What it does.
            site: Only labels of this site; None for all.
        """
        session = self._session

        def steps() -> "Generator[DraftStep, None, None]":
            from wbc_desktop.services.training.training_draft import draft

            yield from draft(session.workspace, session.taxonomy, kind=kind, site=site)

        self._task = self._runner.run(
            steps, on_item=self._take, on_error=self._on_error, on_left=self._leave
        )

    def cancel(self) -> None:
        """Stop; nothing of it stays."""
        if self._task is not None:
            self._task.cancel()

    def _take(self, step: "DraftStep") -> None:
        from wbc_desktop.services.training.training_draft import left_out_text, start

        if step.draft is None:
            self._on_step(step.what, step.done, step.total)
        else:
            job = start(self._session, step.draft)
            self._on_started(job, left_out_text(step.draft))

    def _leave(self) -> None:
        task, self._task = self._task, None
        if task is not None and task.cancelled.is_set():
            self._on_cancelled()
