"""What the training panel shows at each step of a training; decides nothing.

Each page is one method: what it says and which buttons it has.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.training import training_text as words
from wbc_desktop.gui.training.job_monitor import Look
from wbc_desktop.gui.training.training_values import Ask, ChangeReport, RunView
from wbc_desktop.gui.training.verdict_text import verdict_view

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.domain.training.verdict import Verdict
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.services.training.readiness import Readiness

_COUNTING = "The labels are being counted."


class Page(Enum):
    """What the panel is about."""

    IDLE = auto()
    ASKING = auto()
    DRAFTING = auto()
    RUNNING = auto()
    ENDED = auto()


class TrainingPages:
    """Fills the panel.

    Attributes:
        page: What it is about now.

    Args:
        window: The panel.
        taxonomy: Names the classes.
    """

    def __init__(self, window: MainWindow, *, taxonomy: Taxonomy) -> None:
        self._window, self._panel = window, window.training
        self._taxonomy = taxonomy
        self.page = Page.IDLE
        self._panel.clear()
        self.show_idle(None, None)

    @property
    def free(self) -> bool:
        """True if the page may be turned: it asks nothing and tells nothing to be read first."""
        return self.page in (Page.IDLE, Page.RUNNING)

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

    def close(self) -> None:
        """Put the panel away with its workspace."""
        self._window.show_beside(self._panel, shown=False)
        self._panel.clear()

    def show_idle(self, ready: "Readiness | None", site: str | None) -> None:
        """Say what there is to learn from.

        Args:
            ready: What an adaption would learn from; None while that is not known.
            site: Whose labels.
        """
        self.page = Page.IDLE
        text = _COUNTING if ready is None else words.ready_text(ready, site)
        can = ready is not None and ready.ready
        self._panel.clear()
        self._panel.show_text(
            f"Adapt to {words.place_text(ready, site)}",
            text,
            (
                Ask(id="adapt", enabled=can, why_not="" if ready is None else ready.reason),
                Ask(id="finetune"),
                Ask(id="models"),
            ),
        )

    def ask_finetune(self, why_not: str) -> None:
        """Ask whether to train the whole network.

        Args:
            why_not: Why it cannot be done here; empty if it can.
        """
        self.page = Page.ASKING
        self._panel.clear()
        text = f"{why_not}. Adapting works without it." if why_not else words.FINETUNE
        start = Ask(id="start_finetune", enabled=not why_not, why_not=why_not)
        self._panel.show_text(
            "Fine-tune the whole network", text, (start, Ask(id="back")), warning=bool(why_not)
        )

    def show_drafting(self, kind: JobKind) -> None:
        """Show that a job is being prepared."""
        self.page = Page.DRAFTING
        self._panel.clear()
        self._title = "Adapt" if kind is JobKind.ADAPT else "Fine-tune"
        self.show_draft_step("Freezing the labels", 0, 0)

    def show_draft_step(self, what: str, done: int, total: int) -> None:
        """Show how far the preparation is."""
        text = f"{what}, {done:,} of {total:,} cells" if total else what
        run = RunView(title=self._title, text=text, done=done, total=total)
        self._panel.show_run(run, (Ask(id="cancel"),))

    def show_run(self, job: "Job", look: Look, line: Sequence["Job"] = ()) -> None:
        """Show how far a job is.

        Args:
            job: The job.
            look: What was seen of it.
            line: The jobs that wait for it.
        """
        self.page = Page.RUNNING
        run = words.run_of(job, look)
        asks = [Ask(id="resume" if run.paused else "pause"), Ask(id="cancel")]
        if run.queued:
            del asks[0]
        if line:
            run = replace(run, text=f"{run.text}\n{words.line_text(line)}")
            asks.append(Ask(id="cancel_waiting"))
        self._panel.show_run(run, asks)
        self._show_report(look)

    def show_judging(self, job: "Job", look: Look) -> None:
        """Show that what a job made is being judged."""
        self.page = Page.RUNNING
        self._panel.show_run(RunView(title=words.job_title(job), text="Judging"), ())
        self._show_report(look)

    def show_broken_off(self, job: "Job", log: str) -> None:
        """Say that a job was broken off and can go on."""
        self.page = Page.ENDED
        self._panel.show_text(
            words.job_title(job),
            "It was broken off: the program or the computer was switched off, or the process was "
            f"ended. It can go on where it stopped. {words.STAYS}",
            (Ask(id="resume"), Ask(id="discard")),
        )
        self._panel.show_log(log)

    def show_verdict(self, job: "Job", verdict: "Verdict") -> None:
        """Show what came of a job."""
        self.page = Page.ENDED
        use = "promote" if verdict.better else "promote_anyway"
        self._panel.show_verdict(
            job.model_id,
            words.judged_text(job),
            verdict_view(verdict, self._taxonomy),
            (Ask(id=use), Ask(id="keep")),
        )

    def show_failure(self, error: UserError) -> None:
        """Say what went wrong, and what to do."""
        self.page = Page.ENDED
        text = "\n".join(filter(None, (error.detail, error.advice)))
        self._panel.show_text(error.title, text, (Ask(id="back"),), warning=True)

    def show_changing(self, model_id: str, *, can_roll_back: bool) -> None:
        """Say that the cells without a label are being classified by another model."""
        self.page = Page.ENDED
        asks = (Ask(id="roll_back"),) if can_roll_back else ()
        self._panel.clear()
        self._panel.show_text(
            f"In use: {model_id}",
            "Cells without a label are being classified anew. You can go on reviewing.",
            (*asks, Ask(id="done")),
        )

    def show_changed(self, report: ChangeReport, *, can_roll_back: bool) -> None:
        """Say which predictions a change of the model has changed."""
        self.page = Page.ENDED
        asks = (Ask(id="roll_back"),) if can_roll_back else ()
        self._panel.clear()
        self._panel.show_text(f"In use: {report.model_id}", "", (*asks, Ask(id="done")))
        self._panel.show_report(report)

    def _show_report(self, look: Look) -> None:
        self._panel.show_curves(words.curve_points(look.progress))
        self._panel.show_log(look.log)
