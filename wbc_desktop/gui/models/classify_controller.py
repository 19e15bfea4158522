"""Runs the classification of new cells in a worker and streams its batches into the session."""

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.widgets.offer_strip import Offer

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.gui.tasks import Task
    from wbc_desktop.services.inference.classify import ClassifyStep
    from wbc_desktop.services.inference.reclassify import ReclassificationReport
    from wbc_desktop.services.session.system_commands import StoreSlideShifts


class ClassifyController(Controller):
    """Starts, stops and resumes classification.

    Results are saved batch by batch. They show on the tiles at once; groups and order follow at
    the end, when the reader asks, or when the reader changes the filter. Once all cells are done,
    their slides are assessed; a classification that was stopped leaves that to the next one. One
    that was cut short by the end of the program is offered at the next opening.

    Attributes:
        on_report: Told at the end which predictions of an earlier model have changed.

    Args:
        context: The open workspace.
        on_batch: Told the cells of each batch once they are taken.
    """

    def __init__(
        self, context: WorkspaceContext, *, on_batch: Callable[[Sequence[int]], None]
    ) -> None:
        super().__init__()
        self._context = context
        self._session, self._browser = context.session, context.browser
        self._runner, self._window = context.runner, context.window
        self._on_batch = on_batch
        self._listeners: list[Callable[[], None]] = []
        self._task: Task | None = None
        self._assessing: Task | None = None
        self._assess: Callable[[], StoreSlideShifts | None] | None = None
        self._skipped = 0
        self._total = 0
        self._again = False
        self._told: ReclassificationReport | None = None
        self._offer: Offer | None = None
        self.on_report: Callable[[ReclassificationReport], None] = lambda _told: None

    @property
    def running(self) -> bool:
        """True while a classification is under way, or the assessment of its slides."""
        return self._task is not None or self._assessing is not None

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a classification and its assessment have ended, in any way."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Classify every cell that the model has not seen, those of a later import included."""
        self._again = self._task is not None
        if self._again:
            return
        self._take_offer_back()
        self._skipped = 0
        self._total = 0
        self._window.status.show_progress("Opening the model", done=0, total=0)
        self._task = self._runner.run(
            self._steps,
            on_item=self._take,
            on_done=self._finish,
            on_error=self._context.on_error,
            on_left=self._leave,
        )

    def offer_to_go_on(self) -> None:
        """Offer to classify what waits for the model in use, and say whose classes it has now."""
        self._runner.call(
            self._waiting,
            on_result=self._offer_if_any,
            on_error=self._context.on_error,
            key="cells that wait",
        )

    def close(self) -> None:
        """Let go of the window."""
        self._take_offer_back()
        super().close()

    def stop(self) -> None:
        """Stop; what is classified stays and the next start goes on from there."""
        self._again = False
        if self._assessing is not None:
            self._assessing.cancel()
        if self._task is not None and not self._task.cancelled.is_set():
            self._task.cancel()
            self._window.notice.say("Classification stopped. Classify goes on from here.")

    def _waiting(self) -> str:
        """Runs in a worker: says which cells the model in use has not classified; empty if none."""
        from wbc_desktop.services.models.registry import active_ref

        catalogue = self._context.workspace.catalogue
        try:
            model = active_ref(catalogue)
        except UserError:
            return ""  # said as the workspace opened
        waiting = catalogue.predictions.waiting_by_model(model.sha256)
        return waiting_text(model.model_id, waiting)

    def _offer_if_any(self, text: str) -> None:
        if text and not self.running:
            self._offer = Offer(
                text=text, acts=(("&Classify now", self.start),), dismiss="&Not now"
            )
            self._window.offers.offer(self._offer)

    def _take_offer_back(self) -> None:
        if self._offer is not None:
            self._window.offers.take_back(self._offer)
            self._offer = None

    def _steps(self) -> "Generator[ClassifyStep | ReclassificationReport | str, None, None]":
        """Runs in a worker: the model's id first, then one step per batch, last a report."""
        from wbc_desktop.services.inference.reclassify import reclassify
        from wbc_desktop.services.inference.slide_assessment import assess_slides
        from wbc_desktop.services.models.registry import open_active

        taxonomy = self._browser.taxonomy
        predictor = open_active(self._context.workspace, taxonomy)
        self._assess = partial(assess_slides, self._context.workspace.catalogue, predictor)
        yield predictor.model_id
        yield from reclassify(self._context.workspace, predictor, taxonomy)

    def _take(self, item: "ClassifyStep | ReclassificationReport | str") -> None:
        from wbc_desktop.services.inference.reclassify import ReclassificationReport
        from wbc_desktop.services.session.system_commands import StaleModelError, StorePredictions

        if isinstance(item, str):
            self._window.status.show_model(item)
            return
        if isinstance(item, ReclassificationReport):
            self._told = item
            return
        batch = item.batch
        self._skipped += len(item.skipped)
        self._total = item.total
        if batch.cell_ids:
            try:
                self._session.record(StorePredictions(batch))
            except StaleModelError:
                self._begin_anew()
                return
            self._browser.take_predictions(batch)
            self._window.gallery.refresh_cells(batch.cell_ids)
            self._window.notice.show_waiting(self._browser.unsettled)
            self._on_batch(batch.cell_ids)
        self._window.status.show_progress(
            "Classifying", done=item.done, total=item.total, rate=item.rate, eta_s=item.eta_s
        )

    def _begin_anew(self) -> None:
        """Leave what the model of before was about; the active one goes on."""
        if self._task is not None:
            self._again = True
            self._task.cancel()

    def _finish(self) -> None:
        if not self._total:
            self._window.notice.say("Every cell is classified by this model already.")
        elif self._skipped:
            self._window.notice.warn(
                f"{self._total - self._skipped:,} cells classified; "
                f"{self._skipped:,} could not be read and stay without a class."
            )
        else:
            self._window.notice.say(f"{self._total:,} cells classified.")
        told, self._told = self._told, None
        if told is not None:
            self.on_report(told)
        if self._assess is not None and not self._again:
            self._assessing = self._runner.call(
                self._assess,
                on_result=self._store,
                on_error=self._context.on_error,
                on_left=self._leave_assessing,
            )

    def _store(self, assessed: "StoreSlideShifts | None") -> None:
        if assessed is not None:
            self._session.record(assessed)

    def _leave_assessing(self) -> None:
        self._assessing = None
        self._tell_idle()

    def _leave(self) -> None:
        self._task = None
        self._window.status.end_progress()
        if self._browser.unsettled:
            self._browser.settle()
        self._window.notice.show_waiting(0)
        if self._again:
            self.start()
        self._tell_idle()

    def _tell_idle(self) -> None:
        if not self.running:
            for listener in self._listeners:
                listener()


def waiting_text(model_id: str, waiting: Mapping[str, int]) -> str:
    """Say which cells a model has yet to classify; empty if there are none.

    Args:
        model_id: The model in use.
        waiting: Cells by the model that has classified them, "" for none.
    """
    if not waiting:
        return ""
    whose = [
        f"{n:,} with the class that {other} gave" if other else f"{n:,} without a class"
        for other, n in sorted(waiting.items())
    ]
    total = counted(sum(waiting.values()), "cell")
    return f"{model_id}, the model in use, has yet to classify {total}: {', '.join(whose)}."
