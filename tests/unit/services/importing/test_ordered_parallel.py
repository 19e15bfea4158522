"""Work ahead in threads: order, bounds, and a clean end."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from wbc_desktop.services.importing.ordered_parallel import map_ordered


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(map_ordered(lambda n: n * n, range(500))) == [n * n for n in range(500)]


def test_only_a_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10_000):
            taken.append(n)
            yield n

    with closing(map_ordered(lambda n: n, items())) as results:
        assert next(results) == 0
    assert len(taken) < 100


def test_an_error_reaches_the_caller() -> None:
    def fail(n: int) -> int:
        raise ValueError(str(n))

    with pytest.raises(ValueError, match="0"):
        list(map_ordered(fail, range(3)))


def test_closing_early_leaves_no_thread() -> None:
    before = threading.active_count()
    with closing(map_ordered(lambda n: n, range(1000))) as results:
        next(results)
        assert threading.active_count() > before
    assert threading.active_count() == before
