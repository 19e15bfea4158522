"""What the training panel shows at each step of a training; decides nothing.

Each page is one method: what it says and which buttons it has.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.training import training_text as words
from wbc_desktop.gui.training.job_monitor import JobStatus
from wbc_desktop.gui.training.view_models import PanelButton, ProgressView, ReclassificationView

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.domain.training.evaluation import Evaluation
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.services.training.readiness import Readiness

_COUNTING = "The labels are being counted."


class PanelState(Enum):
    """What the panel is about."""

    IDLE = auto()
    CONFIRMING = auto()
    PREPARING = auto()
    RUNNING = auto()
    ENDED = auto()


class TrainingPresenter(Controller):
    """Fills the panel.

    Attributes:
        state: What it is about now.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__()
        self._window, self._panel = context.window, context.window.training
        self._taxonomy = context.taxonomy
        self.state = PanelState.IDLE
        self._panel.clear()
        self.show_idle(None, None)
        self.on_close(self._put_away)

    @property
    def replaceable(self) -> bool:
        """True if something else may be shown: it buttons nothing and has been read."""
        return self.state in (PanelState.IDLE, PanelState.RUNNING)

    def show(self) -> None:
        """Show the panel; the keyboard stays where it is."""
        self._window.show_beside(self._panel, shown=True)

    def toggle(self) -> None:
        """Show the panel, or hide it."""
        if self._panel.isVisible():
            self.hide()
        else:
            self.show()

    def hide(self) -> None:
        """Hide the panel; the keyboard goes back to the cells."""
        self._window.show_beside(self._panel, shown=False)
        self._window.focus_cells()

    def _put_away(self) -> None:
        self._window.show_beside(self._panel, shown=False)
        self._panel.clear()

    def show_idle(self, ready: "Readiness | None", site: str | None) -> None:
        """Say what there is to learn from.

        Args:
            ready: What an adaption would learn from; None while that is not known.
            site: Whose labels.
        """
        self.state = PanelState.IDLE
        text = _COUNTING if ready is None else words.readiness_text(ready, site)
        can = ready is not None and ready.ready
        self._panel.clear()
        self._panel.show_text(
            f"Adapt to {words.site_text(ready, site)}",
            text,
            (
                PanelButton(id="adapt", enabled=can, why_not="" if ready is None else ready.reason),
                PanelButton(id="finetune"),
                PanelButton(id="models"),
            ),
        )

    def confirm_finetune(self, why_not: str) -> None:
        """Ask whether to train the whole network.

        Args:
            why_not: Why it cannot be done here; empty if it can.
        """
        self.state = PanelState.CONFIRMING
        self._panel.clear()
        text = f"{why_not}. Adapting works without it." if why_not else words.FINETUNE
        start = PanelButton(id="start_finetune", enabled=not why_not, why_not=why_not)
        self._panel.show_text(
            "Fine-tune the whole network",
            text,
            (start, PanelButton(id="back")),
            warning=bool(why_not),
        )

    def show_preparing(self, kind: JobKind) -> None:
        """Show that a job is being prepared."""
        self.state = PanelState.PREPARING
        self._panel.clear()
        self._title = "Adapt" if kind is JobKind.ADAPT else "Fine-tune"
        self.show_preparation("Freezing the labels", 0, 0)

    def show_preparation(self, what: str, done: int, total: int) -> None:
        """Show how far the preparation is."""
        text = f"{what}, {done:,} of {total:,} cells" if total else what
        progress = ProgressView(title=self._title, text=text, done=done, total=total)
        self._panel.show_progress(progress, (PanelButton(id="cancel"),))

    def show_progress(self, job: "Job", status: JobStatus, queue: Sequence["Job"] = ()) -> None:
        """Show how far a job is.

        Args:
            job: The job.
            status: What was seen of it.
            queue: The jobs that wait for it.
        """
        self.state = PanelState.RUNNING
        progress = words.progress_view(job, status)
        buttons = [
            PanelButton(id="resume" if progress.paused else "pause"),
            PanelButton(id="cancel"),
        ]
        if progress.queued:
            del buttons[0]
        if queue:
            progress = replace(progress, text=f"{progress.text}\n{words.queue_text(queue)}")
            buttons.append(PanelButton(id="cancel_waiting"))
        self._panel.show_progress(progress, buttons)
        self._show_curves_and_log(status)

    def show_evaluating(self, job: "Job", status: JobStatus) -> None:
        """Show that what a job made is being judged."""
        self.state = PanelState.RUNNING
        self._panel.show_progress(ProgressView(title=words.job_title(job), text="Judging"), ())
        self._show_curves_and_log(status)

    def show_interrupted(self, job: "Job", log: str) -> None:
        """Say that a job was broken off and can go on."""
        self.state = PanelState.ENDED
        self._panel.show_text(
            words.job_title(job),
            "It was broken off: the program or the computer was switched off, or the process was "
            f"ended. It can go on where it stopped. {words.STAYS}",
            (PanelButton(id="resume"), PanelButton(id="discard")),
        )
        self._panel.show_log(log)

    def show_evaluation(self, job: "Job", evaluation: "Evaluation") -> None:
        """Show what came of a job."""
        self.state = PanelState.ENDED
        use = "promote" if evaluation.better else "promote_anyway"
        self._panel.show_evaluation(
            job.model_id,
            words.evaluation_basis(job),
            words.evaluation_view(evaluation, self._taxonomy),
            (PanelButton(id=use), PanelButton(id="keep")),
        )

    def show_failure(self, error: UserError) -> None:
        """Say what went wrong, and what to do."""
        self.state = PanelState.ENDED
        text = "\n".join(filter(None, (error.detail, error.advice)))
        self._panel.show_text(error.title, text, (PanelButton(id="back"),), warning=True)

    def show_reclassifying(self, model_id: str, *, can_roll_back: bool) -> None:
        """Say that the cells without a label are being classified by another model."""
        self.state = PanelState.ENDED
        buttons = (PanelButton(id="roll_back"),) if can_roll_back else ()
        self._panel.clear()
        self._panel.show_text(
            f"In use: {model_id}",
            "Cells without a label are being classified anew. You can go on reviewing.",
            (*buttons, PanelButton(id="done")),
        )

    def show_reclassified(self, view: ReclassificationView, *, can_roll_back: bool) -> None:
        """Say which predictions a change of the model has changed."""
        self.state = PanelState.ENDED
        buttons = (PanelButton(id="roll_back"),) if can_roll_back else ()
        self._panel.clear()
        self._panel.show_text(f"In use: {view.model_id}", "", (*buttons, PanelButton(id="done")))
        self._panel.show_reclassification(view)

    def _show_curves_and_log(self, status: JobStatus) -> None:
        self._panel.show_curves(words.curve_points(status.progress))
        self._panel.show_log(status.log)
