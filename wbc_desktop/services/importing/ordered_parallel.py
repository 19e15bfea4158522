"""Work on many items by a few threads, results in order, memory bounded."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WORKERS = min(4, os.cpu_count() or 1)
_IN_FLIGHT = 8 * _WORKERS


def map_ordered(function: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
    """Yield ``function(item)`` for each item, in order, computed a little ahead.

    Reading and decoding release the interpreter's lock, so threads are enough. Closing the
    generator drops what is waiting and waits for what is running.

    Args:
        function: Called on several threads.
        items: Taken one at a time, on the calling thread.
    """
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="import")
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= _IN_FLIGHT:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
