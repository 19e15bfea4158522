import threading
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.tasks import TaskRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.shut_down()


def test_items_arrive_in_order_on_the_thread_of_the_window(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    seen: list[tuple[int, bool]] = []
    ended: list[str] = []

    def work() -> Generator[int, None, None]:
        yield from range(20)

    runner.run(
        work,
        on_item=lambda i: seen.append((i, threading.current_thread() is threading.main_thread())),
        on_done=lambda: ended.append("done"),
        on_error=lambda error: ended.append(str(error)),
        on_left=lambda: ended.append("left"),
    )
    qtbot.waitUntil(lambda: ended == ["done", "left"])
    assert seen == [(i, True) for i in range(20)]


def test_the_work_runs_in_another_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    names: list[str] = []
    runner.call(
        lambda: threading.current_thread().name,
        on_result=names.append,
        on_error=lambda error: names.append(str(error)),
    )
    qtbot.waitUntil(lambda: bool(names))
    assert names[0].startswith("wbc-task")


def test_nothing_of_a_cancelled_task_arrives(qtbot: QtBot, runner: TaskRunner) -> None:
    go_on = threading.Event()
    seen: list[int] = []
    ended: list[str] = []

    def work() -> Generator[int, None, None]:
        yield 1
        go_on.wait()
        yield 2

    task = runner.run(
        work,
        on_item=seen.append,
        on_done=lambda: ended.append("done"),
        on_error=lambda error: ended.append(str(error)),
        on_left=lambda: ended.append("left"),
    )
    qtbot.waitUntil(lambda: seen == [1])
    task.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: ended == ["left"])
    assert seen == [1]


def test_a_cancelled_generator_is_closed_in_its_own_thread(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    closed_in: list[str] = []
    left: list[bool] = []

    def work() -> Generator[int, None, None]:
        try:
            while True:
                yield 0
        finally:
            closed_in.append(threading.current_thread().name)

    task = runner.run(
        work,
        on_item=lambda _: task.cancel(),
        on_error=lambda _: None,
        on_left=lambda: left.append(True),
    )
    qtbot.waitUntil(lambda: left == [True])
    assert closed_in[0].startswith("wbc-task")


def test_a_later_task_for_the_same_place_replaces_the_earlier(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    go_on = threading.Event()
    seen: list[str] = []

    def slow() -> str:
        go_on.wait()
        return "late"

    def fail(error: Exception) -> None:
        seen.append(str(error))

    first = runner.call(slow, on_result=seen.append, on_error=fail, key="inspector")
    runner.call(lambda: "present", on_result=seen.append, on_error=fail, key="inspector")
    qtbot.waitUntil(lambda: seen == ["present"])
    go_on.set()
    qtbot.waitUntil(lambda: not first.running)
    runner.wait()
    assert seen == ["present"]


def test_an_error_of_the_work_is_handed_over(qtbot: QtBot, runner: TaskRunner) -> None:
    errors: list[Exception] = []

    def fail() -> int:
        raise ValueError("bad crop")

    runner.call(fail, on_result=lambda _: None, on_error=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "bad crop"


def test_an_error_of_the_window_ends_the_work(qtbot: QtBot, runner: TaskRunner) -> None:
    errors: list[str] = []
    seen: list[int] = []

    def work() -> Generator[int, None, None]:
        yield from range(1000)

    def take(item: int) -> None:
        seen.append(item)
        raise ValueError("cannot be recorded")

    task = runner.run(work, on_item=take, on_error=lambda error: errors.append(str(error)))
    qtbot.waitUntil(lambda: not task.running and errors == ["cannot be recorded"])
    assert seen == [0]


def test_a_worker_does_not_run_far_ahead_of_the_window(qtbot: QtBot, runner: TaskRunner) -> None:
    made: list[int] = []
    ahead: list[int] = []

    def work() -> Generator[int, None, None]:
        for i in range(100):
            made.append(i)
            yield i

    runner.run(work, on_item=lambda i: ahead.append(len(made) - i), on_error=lambda _: None)
    qtbot.waitUntil(lambda: len(ahead) == 100)
    assert max(ahead) <= 8


def test_after_waiting_nothing_is_left_to_arrive(qtbot: QtBot, runner: TaskRunner) -> None:
    ended: list[str] = []
    seen: list[int] = []

    def work() -> Generator[int, None, None]:
        while True:
            yield 0

    runner.run(
        work,
        on_item=seen.append,
        on_error=lambda _: None,
        on_left=lambda: ended.append("left"),
    )
    runner.wait()
    assert ended == ["left"]
    seen.clear()
    qtbot.wait(1)
    assert seen == []
