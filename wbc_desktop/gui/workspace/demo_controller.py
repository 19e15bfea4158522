"""The demo patient: rendered in a worker, then opened in a workspace of its own."""

from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.gui.context import AppContext

if TYPE_CHECKING:  # the window is painted before the renderer loads
    from collections.abc import Callable, Generator

    from wbc_desktop.gui.tasks import Task
    from wbc_desktop.services.support.demo import DemoFolder


class DemoController:
    """Renders the demo patient once at a time.

    Args:
        folder: Where the demo lies.
        context: The window.
        on_ready: Called with the demo once its cells are written.
    """

    def __init__(
        self,
        folder: Path,
        context: AppContext,
        *,
        on_ready: "Callable[[DemoFolder], None]",
    ) -> None:
        self._folder = folder
        self._runner, self._on_error = context.runner, context.on_error
        self._status = context.window.status
        self._on_ready = on_ready
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """True while it is being rendered."""
        return self._task is not None

    def start(self) -> None:
        """Open the demo; render it first if it is not there."""
        if self._task is None:
            self._status.show_progress("Drawing the demo patient", done=0, total=0)
            self._task = self._runner.run(
                self._render, on_item=self._take, on_error=self._on_error, on_left=self._leave
            )

    def stop(self) -> None:
        """Stop rendering."""
        if self._task is not None:
            self._task.cancel()

    def _render(self) -> "Generator[tuple[int, int] | DemoFolder, None, None]":
        """Runs in a worker."""
        from wbc_desktop.services.support.demo import DemoFolder

        demo = DemoFolder(self._folder)
        if not demo.workspace.exists():
            demo.begin()
            yield from demo.render()
        yield demo

    def _take(self, item: "tuple[int, int] | DemoFolder") -> None:
        if isinstance(item, tuple):
            done, total = item
            self._status.show_progress("Drawing the demo patient", done=done, total=total)
        else:
            self._on_ready(item)

    def _leave(self) -> None:
        self._task = None
        self._status.end_progress()
