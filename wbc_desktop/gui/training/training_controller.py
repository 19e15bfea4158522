"""Adapting and fine-tuning from the window: from the offer to the verdict, in the training panel.

What takes time runs in workers and in the job's own process; the session is touched only to record
that a job begins and how it ended. What becomes of the new model: ``model_controller``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobState
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.training.broken_off import BrokenOff
from wbc_desktop.gui.training.job_monitor import TO_RESUME, JobWatch, Look
from wbc_desktop.gui.training.training_end import TrainingEnd
from wbc_desktop.gui.training.training_offer import TrainingOffer
from wbc_desktop.gui.training.training_pages import Page, TrainingPages
from wbc_desktop.gui.training.training_start import TrainingStart
from wbc_desktop.gui.training.training_text import run_of, short_run
from wbc_desktop.gui.training.verdicts import Verdicts

if TYPE_CHECKING:  # the window is painted before these load
    from PySide6.QtCore import SignalInstance

    from wbc_desktop.domain.training.verdict import Verdict
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.services.training.jobs import Job

_BUSY = "A training is being prepared. Cancel it, or start another one in a moment."
_SHOW_RUN = "Show how far the training is (Ctrl+Shift+T)"
_NONE = "No training is under way."


class TrainingController:
    """Runs one training at a time; others stand in line.

    Attributes:
        pages: What the panel shows.
        offer: What can be learned from now.
        watch: The job that is under way, and those that wait.
        broken_off: Those that can go on.
        verdicts: What came of the last ones.

    Args:
        session: Of the open workspace.
        browser: Knows which patients are chosen.
        runner: Runs workers.
        window: Panel and notice line.
        pages: As above.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
        promote: Makes a model the one in use: its id, a reason, and what to do once it is done.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        *,
        session: "Session",
        browser: CellBrowser,
        runner: TaskRunner,
        window: MainWindow,
        pages: TrainingPages,
        ensure_reader: Callable[[], bool],
        promote: Callable[[str, str, Callable[[], None]], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session, self._runner = session, runner
        self._panel, self._notice = window.training, window.notice
        self._ensure_reader, self._on_error = ensure_reader, on_error
        self.pages = pages
        self.offer = TrainingOffer(
            session=session,
            browser=browser,
            runner=runner,
            window=window,
            on_ready=self._show_ready,
            on_error=on_error,
        )
        self.broken_off = BrokenOff(pages, self.offer)
        self.verdicts = Verdicts(
            pages=pages, offer=self.offer, promote=promote, workspace=session.workspace
        )
        self._start = TrainingStart(
            session=session,
            runner=runner,
            on_step=self.pages.show_draft_step,
            on_started=self._started,
            on_cancelled=self._go_idle,
            on_error=self._fail,
        )
        self.watch = JobWatch(
            workspace=session.workspace,
            runner=runner,
            parent=window,
            on_look=self._look,
            on_end=self._end,
            on_error=self._fail,
        )
        self._ending = TrainingEnd(
            session=session,
            runner=runner,
            on_verdict=self._take_verdict,
            on_gone=self._gone,
            on_error=self._fail,
        )
        self._connect(window)
        self.watch.pick_up()

    @property
    def running(self) -> bool:
        """True while a job is prepared, runs or is judged."""
        return self._start.running or self._ending.running or self.watch.job is not None

    @property
    def can_pause(self) -> bool:
        """True while there is a training to pause or to go on with."""
        return self.watch.job is not None or bool(self.broken_off)

    @property
    def can_cancel(self) -> bool:
        """True while there is one to end; also one that is being prepared, or waits."""
        return self._start.running or self.can_pause or bool(self.watch.line)

    def adapt(self) -> None:
        """Learn from the labels of the site; where there are too few, say so."""
        why_not = self.offer.refusal
        if self._start.running or not why_not:
            self._begin(JobKind.ADAPT)
            return
        self._go_idle()
        self.pages.show()
        self._notice.warn(why_not)

    def fine_tune(self) -> None:
        """Ask whether to train the whole network."""
        from wbc_desktop.services.training.requirements import why_not

        self.pages.show()
        if self._start.running:
            self._notice.say(_BUSY)
        else:
            self.pages.ask_finetune(why_not())

    def pause(self) -> None:
        """Let the training wait, or go on."""
        if self.watch.job is None and not self.broken_off:
            self._notice.say(_NONE)
        elif self.watch.job is None:
            self._go_on()
        elif self.watch.seen.state is JobState.PAUSED:
            self.pages.show()
            self.watch.resume()
        elif self.watch.seen.waits_for:
            self._notice.say(run_of(self.watch.job, self.watch.seen).text)
        else:
            self.watch.pause()

    def cancel(self) -> None:
        """End the training; also one that is still being prepared."""
        if self._start.running:
            self._start.cancel()
        elif self.watch.job is not None:
            self.watch.cancel()
        elif self.broken_off:
            self._ending.discard(self.broken_off.take())
        elif self.watch.line:
            self._ending.discard(self.watch.leave_line())
        else:
            self._notice.say(_NONE)

    def close(self) -> None:
        """Let go of the window; a job goes on."""
        for signal, slot in self._connections:
            signal.disconnect(slot)
        self._start.cancel()
        self.watch.close()
        self.offer.close()

    def _connect(self, window: MainWindow) -> None:
        acts: dict[str, Callable[[], None]] = {
            "adapt": self.adapt,
            "finetune": self.fine_tune,
            "start_finetune": lambda: self._begin(JobKind.FINETUNE),
            "back": self._go_idle,
            "done": self._go_idle,
            "pause": self.watch.pause,
            "resume": lambda: self.watch.resume() if self.pages.free else self._go_on(),
            "cancel": self.cancel,
            "cancel_waiting": lambda: self._ending.discard(self.watch.leave_line()),
            "discard": lambda: self._ending.discard(self.broken_off.take()),
            "promote": lambda: self.verdicts.use(""),
            "keep": self._keep,
            "roll_back": window.commands["roll_back"].trigger,
            "models": window.commands["models"].trigger,
        }

        self._connections: list[tuple[SignalInstance, Callable[..., None]]] = [
            (self._panel.asked, lambda name: acts[name]()),
            (self._panel.reasoned, self.verdicts.use),
            (self._panel.closed, self.pages.hide),
            (self._panel.left, window.focus_cells),
            (self._notice.offer_asked, self._take_offer),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)

    def _take_offer(self) -> None:
        if self.verdicts.unread and self.verdicts.shown is None and not self._start.running:
            self._go_idle()
            self.pages.show()
        elif self.broken_off and self.watch.job is None:
            self._go_on()
        elif self.running or self.verdicts.shown is not None:
            self.pages.show()
        else:
            self.adapt()

    def _begin(self, kind: JobKind) -> None:
        self.pages.show()
        if self._start.running:
            self._notice.say(_BUSY)
        elif self._ensure_reader():
            self.verdicts.put_away()
            self.pages.show_drafting(kind)
            self.offer.press("Training …", _SHOW_RUN)
            self._start.begin(kind, self.offer.site)

    def _started(self, job: "Job", left_out: str) -> None:
        if left_out:
            self._notice.say(left_out)
        if self.watch.job is None and not self._ending.running:
            self.watch.start(job)
        else:
            self.watch.stand_in_line(job)
        self._show_run()

    def _show_run(self) -> None:
        """Turn to the training that runs; what stood in the panel was read."""
        job, look = self.watch.job, self.watch.seen
        if job is not None:
            self.pages.show_run(job, look, self.watch.line)
            self.offer.press(short_run(run_of(job, look)), _SHOW_RUN)

    def _go_on(self) -> None:
        """Let a training that was broken off go on, once none runs."""
        self.pages.show()
        job = self.broken_off.take()
        if job is not None and self.watch.job is None:
            self.watch.start(job)
        elif job is not None:
            self.watch.stand_in_line(job)
        self._show_run()

    def _look(self, job: "Job", look: Look) -> None:
        if self.pages.free:
            self.pages.show_run(job, look, self.watch.line)
        if self.verdicts.shown is None and not self.verdicts.unread:
            self.offer.press(short_run(run_of(job, look)), _SHOW_RUN)

    def _end(self, job: "Job", look: Look) -> None:
        if look.state in TO_RESUME:
            self.broken_off.add(job, look.log)
            if self.pages.free:
                self.broken_off.show()
            if look.state is JobState.UNFINISHED:
                self.watch.take_next()
        else:
            if self.pages.free:
                self.pages.show_judging(job, look)
            self._ending.judge(job, look.state)

    def _take_verdict(self, job: "Job", verdict: "Verdict") -> None:
        """Show a verdict; where another page is still to be read, offer it."""
        self.verdicts.add(job, verdict)
        if self.pages.free:
            self.verdicts.show_next()
        self._notice.say(f"{job.model_id}: {verdict.headline.lower()}.")
        self.watch.take_next()

    def _gone(self, job: "Job", error: UserError | None) -> None:
        if error is not None:
            self._fail(error)
        else:
            if self.verdicts.shown is None and not self._start.running:
                self._go_idle()
            self._notice.say(f"{job.job_id} is cancelled. Labels and model are as they were.")
        self.watch.take_next()

    def _keep(self) -> None:
        self._go_idle()
        self._notice.say("Kept as a candidate; Model > Models lists it. The model in use stays.")

    def _go_idle(self) -> None:
        """Turn to what is next: a verdict not read yet, a training, or the offer."""
        self.verdicts.put_away()
        if self.verdicts.unread:
            self.verdicts.show_next()
        elif self.watch.job is not None:
            self._show_run()
        elif self.broken_off:
            self.broken_off.show()
        else:
            self.pages.show_idle(self.offer.ready, self.offer.site)

    def _show_ready(self) -> None:
        if self.pages.page is Page.IDLE:
            self.pages.show_idle(self.offer.ready, self.offer.site)

    def _fail(self, error: Exception) -> None:
        self.verdicts.offer()
        if isinstance(error, UserError):
            if self.verdicts.shown is None:
                self.pages.show_failure(error)
            self._notice.warn(str(error))
        else:
            self._go_idle()
            self._on_error(error)
