"""The one way from a thread to Qt.

A task is a generator (or a function) that runs in a worker thread; what it yields is handled on the
thread of the window, one item at a time. Workers own no Qt object and touch none. Items of a task
that was cancelled or replaced are dropped by its number, so a late result never lands in a view
that has moved on. A worker runs at most a few items ahead of the window, so memory stays bounded.
"""

import itertools
import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")
_MAX_QUEUED = 4  # items a worker may be ahead of the window
_WORKERS = 6  # an import, a classification, thumbnails, the inspector


@dataclass(eq=False)
class Task:
    """One piece of work under way.

    Attributes:
        number: Its generation: later tasks have larger numbers.
        cancelled: Set once nobody waits for its results any more.
        room: How many more items the worker may hand over before the window has caught up.
        finished: Set once the worker has left the work.
    """

    number: int
    cancelled: threading.Event = field(default_factory=threading.Event)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_MAX_QUEUED))
    finished: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Stop as soon as the next item is ready; nothing more reaches the window."""
        self.cancelled.set()
        self.room.release()

    @property
    def running(self) -> bool:
        """True until the worker has left the work, cancelled or not."""
        return not self.finished.is_set()


@dataclass(frozen=True, kw_only=True)
class _Calls:
    on_item: Callable[[Any], None]
    on_done: Callable[[], None]
    on_error: Callable[[Exception], None]
    on_left: Callable[[], None]


class TaskRunner(QObject):
    """Runs work in threads and brings its results to the thread that made the runner.

    Signals:
        _arrived: A worker has put something into the queue.
    """

    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="wbc-task")
        self._tasks: set[Task] = set()
        self._by_key: dict[str, Task] = {}
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Generator[T, None, None]],
        *,
        on_item: Callable[[T], None],
        on_done: Callable[[], None] = lambda: None,
        on_error: Callable[[Exception], None],
        on_left: Callable[[], None] = lambda: None,
        key: str = "",
    ) -> Task:
        """Start a generator in a worker.

        Args:
            work: Makes the generator; called in the worker, so that its first lines run there.
            on_item: Called on this thread with each item.
            on_done: Called on this thread after the last item.
            on_error: Called on this thread with what the work or ``on_item`` raised; the task
                ends there and ``on_done`` is not called.
            on_left: Called on this thread when the worker has left the work, however it ended.
            key: A task started with the same key replaces this one.
        """
        task = Task(next(self._numbers))
        if key:
            if key in self._by_key:
                self._by_key[key].cancel()
            self._by_key[key] = task
        self._tasks.add(task)
        calls = _Calls(on_item=on_item, on_done=on_done, on_error=on_error, on_left=on_left)
        self._pool.submit(self._work, task, work, calls)
        return task

    def call(
        self,
        function: Callable[[], T],
        *,
        on_result: Callable[[T], None],
        on_error: Callable[[Exception], None],
        on_left: Callable[[], None] = lambda: None,
        key: str = "",
    ) -> Task:
        """Start a function in a worker and hand over its one result; else as ``run``."""

        def once() -> Generator[T, None, None]:
            yield function()

        return self.run(once, on_item=on_result, on_error=on_error, on_left=on_left, key=key)

    def wait(self) -> None:
        """Cancel everything and wait until every worker has left its work; more may be run."""
        waited_for = tuple(self._tasks)
        for task in waited_for:
            task.cancel()
        for task in waited_for:
            task.finished.wait()
        while not self._inbox.empty():  # nothing of them may arrive after this
            self._deliver()

    def shut_down(self) -> None:
        """Cancel everything and wait until no worker is left."""
        self.wait()
        self._pool.shutdown(wait=True)

    def _work(
        self, task: Task, work: Callable[[], Generator[Any, None, None]], calls: _Calls
    ) -> None:
        try:
            if task.cancelled.is_set():
                return
            generator = work()
            try:
                for item in generator:
                    task.room.acquire()
                    if task.cancelled.is_set():
                        return
                    self._post(task, partial(self._hand_over, task, calls, item))
            finally:
                generator.close()  # in this thread: it may hold a connection of its own
            self._post(task, calls.on_done)
        except Exception as error:  # noqa: BLE001 - handed to on_error, nothing is swallowed
            self._post(task, partial(calls.on_error, error))
        finally:
            self._inbox.put(partial(self._leave, task, calls))
            task.finished.set()
            self._arrived.emit()

    def _hand_over(self, task: Task, calls: _Calls, item: Any) -> None:  # noqa: ANN401 - any item
        try:
            calls.on_item(item)
        except Exception as error:  # noqa: BLE001 - handed to on_error, nothing is swallowed
            task.cancel()
            calls.on_error(error)
        finally:
            task.room.release()

    def _leave(self, task: Task, calls: _Calls) -> None:
        self._tasks.discard(task)
        calls.on_left()

    def _post(self, task: Task, action: Callable[[], None]) -> None:
        def deliver() -> None:
            if not task.cancelled.is_set():
                action()

        self._inbox.put(deliver)
        self._arrived.emit()

    def _deliver(self) -> None:
        # One item for one signal: input events get their turn in between.
        try:
            action = self._inbox.get_nowait()
        except queue.Empty:
            return
        action()
