"""Guards that fail a test for what it leaves behind: threads, timers, windows.

A thread or a timer that outlives its test makes a later one fail at random; the guard names it
at once and says where it stands or was started.
"""

import gc
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_GRACE_S = 3.0


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a Python thread running."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + _GRACE_S
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(timeout=max(0.0, until - time.monotonic()))
    alive = [thread for thread in left if thread.is_alive()]
    if alive:
        pytest.fail("\n".join(["this test left threads running:", *map(_where, alive)]))


@pytest.fixture(autouse=True)
def no_qt_object_left() -> Iterator[None]:
    """Fail a test that leaves a window open, a timer or a QThread running, or pool work queued."""
    if "PySide6.QtWidgets" not in sys.modules:
        yield
        return
    from PySide6.QtCore import QThread, QThreadPool, QTimer
    from PySide6.QtWidgets import QApplication

    started: list[tuple[Any, str]] = []
    before = set(QApplication.topLevelWidgets()) if QApplication.instance() else set()
    with pytest.MonkeyPatch.context() as patch:
        for kind in (QTimer, QThread):
            patch.setattr(kind, "start", _recording(kind.start, started))
        yield
    if QApplication.instance() is None:
        return
    QThreadPool.globalInstance().waitForDone(int(_GRACE_S * 1000))
    complaints = [f"a window is open: {_widget(w)}" for w in _open_windows(before)]
    complaints += [f"a window is alive: {_widget(w)}" for w in _living_windows(before)]
    complaints += [f"{place}" for ref, place in started if _is_active(ref())]
    if complaints:
        pytest.fail("\n".join(["this test left Qt objects behind:", *complaints]))


def _where(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    stack = "".join(traceback.format_stack(frame)[-3:]) if frame else "  (just ended)\n"
    return f"- {thread.name}, now at\n{stack}"


def _recording(original: Any, started: list[tuple[Any, str]]) -> Any:
    """Wrap a ``start`` method so that it notes who called it and from where."""

    def start(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = traceback.extract_stack(limit=2)[0]
        place = f"{type(self).__name__} started at {caller.filename}:{caller.lineno} still runs"
        started.append((weakref.ref(self), place))
        return original(self, *args, **kwargs)

    return start


def _is_active(thing: Any) -> bool:
    """Tell whether a QTimer or QThread is alive in Qt and running."""
    from shiboken6 import isValid

    if thing is None or not isValid(thing):
        return False
    running = thing.isActive if hasattr(thing, "isActive") else thing.isRunning
    return bool(running())


def _open_windows(before: "set[QWidget]") -> "list[QWidget]":
    from PySide6.QtWidgets import QApplication

    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w not in before]


def _living_windows(before: "set[QWidget]") -> "list[QWidget]":
    """What stays alive though everything that was to be deleted later is deleted now.

    Qt deletes it when control returns to the outermost event loop, and a test never returns there.
    Windows that pile up make every change of the style sheet slower, and so every later test.
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if _windows() - before:
        gc.collect()  # windows that only Python still holds, in a cycle
    return [*(_windows() - before)]


def _windows() -> "set[QWidget]":
    """Every living window; menus and lists that drop down go with what they belong to."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    popup = Qt.WindowType.Popup
    return {w for w in QApplication.topLevelWidgets() if w.windowType() != popup}


def _widget(widget: "QWidget") -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} {widget.windowTitle()!r}"
