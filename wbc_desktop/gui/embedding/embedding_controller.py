"""Computes the embeddings that are missing, and runs what needs them in a worker.

Similar cells, clusters and the map ask here. A classification keeps embeddings as it goes; what an
older program classified has none and is computed on demand: with its progress in the line at the
bottom, with Stop, and never twice.
"""

import os
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.context import WorkspaceContext

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.gui.tasks import Task
    from wbc_desktop.services.embeddings.embedding_fill import FillStep
    from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings

T = TypeVar("T")
UNDER_WAY = "Embeddings are being computed."
_SECONDS_PER_CELL = 0.008  # on one core; measured on crops of 360 pixels


def duration_text(cells: int) -> str:
    """Return in words how long the embeddings of some cells will take."""
    seconds = cells * _SECONDS_PER_CELL / min(os.cpu_count() or 1, 8) + 1
    return f"about {round(seconds)} s" if seconds < 90 else f"about {round(seconds / 60)} min"


class EmbeddingController:
    """The embeddings of the open workspace.

    Args:
        context: The workspace, its cells and the window.
        busy: True while a classification has the network.
    """

    def __init__(self, context: WorkspaceContext, *, busy: Callable[[], bool]) -> None:
        self._workspace = context.workspace
        self._browser = context.browser
        self._runner = context.runner
        self._window = context.window
        self._on_error = context.on_error
        self._busy = busy
        self._embeddings: WorkspaceEmbeddings | None = None
        self._unreadable_ids: NDArray[np.int64] = np.empty(0, np.int64)
        self._task: Task | None = None
        self._then: Callable[[], None] | None = None  # once the fill that runs has succeeded
        self._next: Callable[[], None] | None = None  # asked meanwhile, in its place
        self._listeners: list[Callable[[], None]] = []
        self._unreadable = 0

    @property
    def running(self) -> bool:
        """True while embeddings are computed."""
        return self._task is not None

    def embeddings(self) -> "WorkspaceEmbeddings":
        """Return the embeddings; from any thread.

        Raises:
            UserError: If the active model is missing or damaged.
        """
        from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings

        if self._embeddings is None:
            self._embeddings = WorkspaceEmbeddings(self._workspace)
        return self._embeddings

    def forget(self) -> None:
        """Take those of the model that is active now, the next time they are asked for."""
        self._embeddings = None

    def stored(self) -> tuple[str, ...]:
        """Return what changes whenever embeddings were stored: the names of their files."""
        return self.embeddings().store.names()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever nobody computes or keeps embeddings any more."""
        self._listeners.append(listener)

    def tell_idle(self) -> None:
        """Tell the listeners, if so: the map waits until no more embeddings come."""
        if not self.busy():
            for listener in self._listeners:
                listener()

    def busy(self) -> bool:
        """True while embeddings are computed, or kept by a classification."""
        return self.running or self._busy()

    def missing(self, cell_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cells without an embedding that can be computed, int64; in a worker."""
        lacking = self.embeddings().missing(cell_ids)
        return lacking[~np.isin(lacking, self._unreadable_ids)]

    def with_embeddings(self, act: Callable[[], None], *, what: str) -> None:
        """Do something once every cell has an embedding; compute what is missing first.

        While embeddings are computed it waits until they are there, and says so; of several things
        asked meanwhile the last one counts.

        Args:
            act: What to do.
            what: Its name, as the beginning of a sentence.
        """
        if self._task is not None:
            self._next = lambda: self.with_embeddings(act, what=what)
            self._window.notice.say(
                f"{UNDER_WAY} {what} follows when they are there; Ctrl+. stops it."
            )
            return
        cell_ids = self._browser.index.cell_id

        def found(missing: NDArray[np.int64]) -> None:
            if len(missing):
                self.fill(missing, then=act)
            else:
                act()

        self.call(lambda: self.missing(cell_ids), found, key="embeddings")

    def fill(self, cell_ids: NDArray[np.int64], *, then: Callable[[], None] = lambda: None) -> None:
        """Compute the embeddings of cells, then do something; never two at a time."""
        if self._task is not None:
            self._window.notice.say(f"{UNDER_WAY} Ctrl+. stops it.")
            return
        if self._busy():
            self._window.notice.warn(
                "Cells are being classified, and their embeddings kept. Try again after that."
            )
            return
        for damage in self.embeddings().damaged:
            self._window.notice.warn(damage)
        self._unreadable = 0
        cells = counted(len(cell_ids), "cell")
        self._window.notice.say(
            f"Computing the embeddings of {cells}, {duration_text(len(cell_ids))}."
        )
        self._window.status.show_progress("Opening the model", done=0, total=0)
        self._task = self._runner.run(
            lambda: self._steps(cell_ids),
            on_item=self._show,
            on_done=lambda: self._finish(then),
            on_error=self._fail,
            on_left=self._leave,
        )

    def stop(self) -> None:
        """Stop; what is computed stays, and what was to follow does not."""
        self._then = self._next = None
        if self._task is not None and not self._task.cancelled.is_set():
            self._task.cancel()
            self._window.notice.say("Stopped. The embeddings computed so far are kept.")

    def call(self, work: Callable[[], T], done: Callable[[T], None], *, key: str) -> None:
        """Run a function in a worker and hand its result over.

        Args:
            work: The function.
            done: Called with its result, unless another call for the same key came after it.
            key: What it is for.
        """
        self._runner.call(work, on_result=done, on_error=self._on_error, key=key)

    def _steps(self, cell_ids: NDArray[np.int64]) -> "Generator[FillStep, None, None]":
        """Runs in a worker."""
        from wbc_desktop.services.embeddings.embedding_fill import fill
        from wbc_desktop.services.models.registry import open_active

        predictor = open_active(self._workspace, self._browser.taxonomy)
        embeddings = self.embeddings()
        yield from fill(self._workspace, predictor, embeddings, cell_ids)
        # Asked for again and again, a crop that cannot be read would cost a start of the network.
        self._unreadable_ids = np.union1d(self._unreadable_ids, embeddings.missing(cell_ids))

    def _show(self, step: "FillStep") -> None:
        self._unreadable = step.unreadable
        self._window.status.show_progress(
            "Computing embeddings",
            done=step.done,
            total=step.total,
            rate=step.rate,
            eta_s=step.eta_s,
        )

    def _finish(self, then: Callable[[], None]) -> None:
        if self._unreadable:
            crops = counted(self._unreadable, "crop")
            self._window.notice.warn(f"{crops} could not be read and stay without an embedding.")
        else:
            self._window.notice.say("Every cell has its embedding.")
        self._then = then

    def _fail(self, error: Exception) -> None:
        self._next = None
        self._on_error(error)

    def _leave(self) -> None:
        self._task = None
        self._window.status.end_progress()
        act, self._then, self._next = self._next or self._then, None, None
        if act is not None:
            act()
        self.tell_idle()
