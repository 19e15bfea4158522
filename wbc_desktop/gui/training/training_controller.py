"""Adapting and fine-tuning from the window: from the offer of a training to its evaluation.

What takes time runs in workers and in the job's own process (``job_monitor``); the session is
touched only to record that a job begins and how it ended. What becomes of the new model:
``active_model_controller``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobState
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.training.job_monitor import (
    RESUMABLE,
    JobEvaluation,
    JobMonitor,
    JobPreparation,
    JobStatus,
)
from wbc_desktop.gui.training.training_offer import TrainingOffer
from wbc_desktop.gui.training.training_presenter import PanelState, TrainingPresenter
from wbc_desktop.gui.training.training_text import progress_view, short_progress

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.domain.training.evaluation import Evaluation
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.store.workspace import Workspace

_BUSY = "A training is being prepared. Cancel it, or start another one in a moment."
_SHOW_RUN = "Show how far the training is (Ctrl+Shift+T)"
_NONE = "No training is under way."
_FINISHED = "Training finished: see the verdict"


class InterruptedJobs:
    """The trainings that were interrupted: kept until a person lets them go on or gives them up.

    They hold up nobody: what was started after them runs meanwhile. One is asked about at a time,
    the newest first.
    """

    def __init__(self, presenter: TrainingPresenter, offer: TrainingOffer) -> None:
        self._presenter, self._offer = presenter, offer
        self._left: list[tuple[Job, str]] = []

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._left)

    def add(self, job: "Job", log: str) -> None:
        """Keep one that was interrupted just now, with the end of its log."""
        self._left = [one for one in self._left if one[0].job_id != job.job_id]
        self._left.append((job, log))
        self._show_button()

    def show(self) -> None:
        """Ask what is to become of the newest."""
        self._presenter.show_interrupted(*self._left[-1])
        self._show_button()

    def pop(self) -> "Job | None":
        """Return the newest, which is decided on now; None if there is none."""
        return self._left.pop()[0] if self._left else None

    def _show_button(self) -> None:
        self._offer.show_instead("Training interrupted: go on", "Go on where it was broken off")


class EvaluationInbox:
    """The evaluations of trainings, one after another: the one shown, and those not read yet.

    A training that waited begins by itself, and may end while the panel still shows something else.

    Attributes:
        shown: The job whose evaluation the panel shows, until a person has decided; or None.

    Args:
        presenter: The panel.
        offer: The button that leads to an evaluation.
        promote: Makes a model the one in use: its id, a reason, and what to do once it is done.
        workspace: Says which model is in use when an evaluation is shown.
    """

    def __init__(
        self,
        *,
        presenter: TrainingPresenter,
        offer: TrainingOffer,
        promote: Callable[[str, str, Callable[[], None]], None],
        workspace: "Workspace",
    ) -> None:
        self._presenter, self._offer, self._promote = presenter, offer, promote
        self._workspace = workspace
        self._unread: list[tuple[Job, Evaluation]] = []
        self.shown: Job | None = None

    @property
    def unread(self) -> bool:
        """True if there are evaluations that nobody has seen."""
        return bool(self._unread)

    def add(self, job: "Job", evaluation: "Evaluation") -> None:
        """Keep an evaluation to be read."""
        self._unread.append((job, evaluation))
        self.show_button()

    def show_next(self) -> None:
        """Show the one that came first."""
        from wbc_desktop.services.training.jobs import against_active_model

        job, evaluation = self._unread.pop(0)
        self.shown = job
        self._presenter.show_evaluation(job, against_active_model(self._workspace, job, evaluation))

    def show_button(self) -> None:
        """Offer what is to be read, if there is something."""
        there = self.shown is not None or self.unread
        self._offer.show_instead(_FINISHED if there else "", "Show what came of it")

    def dismiss(self) -> None:
        """Show none; what was shown has been decided."""
        self.shown = None
        self.show_button()

    def promote(self, reason: str) -> None:
        """Promote the model whose evaluation is shown, with a reason where the rule is against."""
        if self.shown is not None:
            self._promote(self.shown.model_id, reason, self.dismiss)


class TrainingController(Controller):
    """Runs one training at a time; others wait in a queue.

    Attributes:
        offer: What can be learned from now.
        monitor: The job that is under way, and those that wait.
        interrupted: Those that can go on.
        evaluations: What came of the last ones.

    Args:
        context: The open workspace.
        presenter: What the panel shows.
        promote: Makes a model the one in use: its id, a reason, and what to do once it is done.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        presenter: TrainingPresenter,
        promote: Callable[[str, str, Callable[[], None]], None],
    ) -> None:
        super().__init__()
        self._context, self._notice = context, context.window.notice
        self._presenter = presenter
        self.offer = TrainingOffer(context, on_counted=self._show_counted)
        self.interrupted = InterruptedJobs(presenter, self.offer)
        self.evaluations = EvaluationInbox(
            presenter=presenter, offer=self.offer, promote=promote, workspace=context.workspace
        )
        self._preparation = JobPreparation(
            context,
            on_step=presenter.show_preparation,
            on_started=self._started,
            on_cancelled=self._go_idle,
            on_error=self._fail,
        )
        self.monitor = JobMonitor(
            context, on_status=self._take_status, on_end=self._end, on_error=self._fail
        )
        self._evaluation = JobEvaluation(
            context,
            on_evaluated=self._take_evaluation,
            on_abandoned=self._abandoned,
            on_error=self._fail,
        )
        for let_go in (self.offer.close, self.monitor.close, self._preparation.cancel):
            self.on_close(let_go)
        self._connect_panel()
        self._forbid_finetuning()
        self.monitor.find_unfinished()

    @property
    def running(self) -> bool:
        """True while a job is prepared, runs or is evaluated."""
        return self._preparation.running or self._evaluation.running or self.monitor.job is not None

    @property
    def can_pause(self) -> bool:
        """True while there is a training to pause or to go on with."""
        return self.monitor.job is not None or bool(self.interrupted)

    @property
    def can_cancel(self) -> bool:
        """True while there is one to end; also one that is being prepared, or waits."""
        return self._preparation.running or self.can_pause or bool(self.monitor.queue)

    def adapt(self) -> None:
        """Learn from the labels of the site; where there are too few, say so."""
        why_not = self.offer.why_not
        if self._preparation.running or not why_not:
            self._begin(JobKind.ADAPT)
            return
        self._go_idle()
        self._presenter.show()
        self._notice.warn(why_not)

    def fine_tune(self) -> None:
        """Ask whether to train the whole network."""
        from wbc_desktop.services.training.readiness import why_no_finetuning

        self._presenter.show()
        if self._preparation.running:
            self._notice.say(_BUSY)
        else:
            self._presenter.confirm_finetune(why_no_finetuning())

    def pause(self) -> None:
        """Let the training wait, or go on."""
        monitor = self.monitor
        if monitor.job is None and not self.interrupted:
            self._notice.say(_NONE)
        elif monitor.job is None:
            self._resume_interrupted()
        elif monitor.status.state is JobState.PAUSED:
            self._presenter.show()
            monitor.resume()
        elif monitor.status.waits_for:
            self._notice.say(progress_view(monitor.job, monitor.status).text)
        else:
            monitor.pause()

    def cancel(self) -> None:
        """End the training; also one that is still being prepared."""
        if self._preparation.running:
            self._preparation.cancel()
        elif self.monitor.job is not None:
            self.monitor.cancel()
        elif self.interrupted:
            self._evaluation.discard(self.interrupted.pop())
        elif self.monitor.queue:
            self._evaluation.discard(self.monitor.dequeue_last())
        else:
            self._notice.say(_NONE)

    def _connect_panel(self) -> None:
        window, presenter = self._context.window, self._presenter
        acts: dict[str, Callable[[], None]] = {
            "adapt": self.adapt,
            "finetune": self.fine_tune,
            "start_finetune": lambda: self._begin(JobKind.FINETUNE),
            "back": self._go_idle,
            "done": self._go_idle,
            "pause": self.monitor.pause,
            "resume": lambda: (
                self.monitor.resume() if presenter.replaceable else self._resume_interrupted()
            ),
            "cancel": self.cancel,
            "cancel_waiting": lambda: self._evaluation.discard(self.monitor.dequeue_last()),
            "discard": lambda: self._evaluation.discard(self.interrupted.pop()),
            "promote": lambda: self.evaluations.promote(""),
            "keep": self._keep,
            "roll_back": window.commands["roll_back"].trigger,
            "models": window.commands["models"].trigger,
        }
        panel = window.training
        self.connect(panel.button_pressed, lambda name: acts[name]())
        self.connect(panel.reason_given, self.evaluations.promote)
        self.connect(panel.closed, presenter.hide)
        self.connect(panel.escaped, window.focus_cells)
        self.connect(self._notice.offer_asked, self._take_offer)

    def _forbid_finetuning(self) -> None:
        """Say in the menu why fine-tuning cannot be done here, where it cannot."""
        from wbc_desktop.services.training.readiness import why_no_finetuning

        if why := why_no_finetuning():
            text = f"{why}. Adapting works without it."
            self._context.window.commands.forbid("finetune", text)

    def _take_offer(self) -> None:
        evaluations = self.evaluations
        if evaluations.unread and evaluations.shown is None and not self._preparation.running:
            self._go_idle()
            self._presenter.show()
        elif self.interrupted and self.monitor.job is None:
            self._resume_interrupted()
        elif self.running or evaluations.shown is not None:
            self._presenter.show()
        else:
            self.adapt()

    def _begin(self, kind: JobKind) -> None:
        self._presenter.show()
        if self._preparation.running:
            self._notice.say(_BUSY)
        elif self._context.ensure_reader():
            self.evaluations.dismiss()
            self._presenter.show_preparing(kind)
            self.offer.show_instead("Training …", _SHOW_RUN)
            self._preparation.begin(kind, self.offer.site)

    def _started(self, job: "Job", left_out: str) -> None:
        if left_out:
            self._notice.say(left_out)
        if self.monitor.job is None and not self._evaluation.running:
            self.monitor.start(job)
        else:
            self.monitor.enqueue(job)
        self._show_progress()

    def _show_progress(self) -> None:
        """Turn to the training that runs; what stood in the panel was read."""
        job, status = self.monitor.job, self.monitor.status
        if job is not None:
            self._presenter.show_progress(job, status, self.monitor.queue)
            self.offer.show_instead(short_progress(progress_view(job, status)), _SHOW_RUN)

    def _resume_interrupted(self) -> None:
        """Let a training that was interrupted go on, once none runs."""
        self._presenter.show()
        job = self.interrupted.pop()
        if job is not None and self.monitor.job is None:
            self.monitor.start(job)
        elif job is not None:
            self.monitor.enqueue(job)
        self._show_progress()

    def _take_status(self, job: "Job", status: JobStatus) -> None:
        if self._presenter.replaceable:
            self._presenter.show_progress(job, status, self.monitor.queue)
        if self.evaluations.shown is None and not self.evaluations.unread:
            self.offer.show_instead(short_progress(progress_view(job, status)), _SHOW_RUN)

    def _end(self, job: "Job", status: JobStatus) -> None:
        if status.state in RESUMABLE:
            self.interrupted.add(job, status.log)
            if self._presenter.replaceable:
                self.interrupted.show()
            if status.state is JobState.UNFINISHED:
                self.monitor.start_next()
        else:
            if self._presenter.replaceable:
                self._presenter.show_evaluating(job, status)
            self._evaluation.begin(job, status.state)

    def _take_evaluation(self, job: "Job", evaluation: "Evaluation") -> None:
        """Show an evaluation; where another one is still to be read, offer it."""
        self.evaluations.add(job, evaluation)
        if self._presenter.replaceable:
            self.evaluations.show_next()
        self._notice.say(f"{job.model_id}: {evaluation.headline.lower()}.")
        self.monitor.start_next()

    def _abandoned(self, job: "Job", error: UserError | None) -> None:
        if error is not None:
            self._fail(error)
        else:
            if self.evaluations.shown is None and not self._preparation.running:
                self._go_idle()
            self._notice.say(f"{job.job_id} is cancelled. Labels and model are as they were.")
        self.monitor.start_next()

    def _keep(self) -> None:
        self._go_idle()
        self._notice.say("Kept as a candidate; Model > Models lists it. The model in use stays.")

    def _go_idle(self) -> None:
        """Turn to what is next: an evaluation not read yet, a training, or the offer."""
        self.evaluations.dismiss()
        if self.evaluations.unread:
            self.evaluations.show_next()
        elif self.monitor.job is not None:
            self._show_progress()
        elif self.interrupted:
            self.interrupted.show()
        else:
            self._presenter.show_idle(self.offer.readiness, self.offer.site)

    def _show_counted(self) -> None:
        if self._presenter.state is PanelState.IDLE:
            self._presenter.show_idle(self.offer.readiness, self.offer.site)

    def _fail(self, error: Exception) -> None:
        self.evaluations.show_button()
        if isinstance(error, UserError):
            if self.evaluations.shown is None:
                self._presenter.show_failure(error)
            self._notice.warn(str(error))
        else:
            self._go_idle()
            self._context.on_error(error)
