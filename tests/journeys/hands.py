"""Keys and mouse through the X server, and scripts that go on inside dialogs and drags.

A script is a generator: it sends events and yields conditions to wait for. ``play`` moves it on
by a timer, which also runs in the loops that Qt starts for a dialog or a drag.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QDialog

Condition: TypeAlias = Callable[[], object]
Script: TypeAlias = Iterator[Condition]

TICK_MS = 15
PATIENCE_S = 240.0


def press(*keys: str) -> None:
    """Press keys or chords, such as ``ctrl+z``."""
    _xdotool("key", *keys)


def write(text: str) -> None:
    """Type a line."""
    _xdotool("type", "--delay", "1", text)


def mouse(*words: str | QPoint) -> None:
    """Send mouse commands; a point stands for its two numbers."""
    flat: list[str] = []
    for word in words:
        flat += [word] if isinstance(word, str) else [str(word.x()), str(word.y())]
    _xdotool(*flat)


def modal() -> QDialog | None:
    """The dialog that holds the keyboard, or None."""
    widget = QApplication.activeModalWidget()
    return widget if isinstance(widget, QDialog) else None


def until(condition: Condition) -> Script:
    """Wait for one thing."""
    yield condition


def play(script: Script, *, patience_s: float = PATIENCE_S) -> None:
    """Run a script while the application lives on.

    Args:
        script: What to do.
        patience_s: How long it may take in all.

    Raises:
        TimeoutError: If a condition does not come true; says which.
    """
    _Player(script, patience_s).run()


class _Player:
    """Moves a script on, inside whatever loop Qt runs at the moment."""

    def __init__(self, script: Script, patience_s: float) -> None:
        self._script = script
        self._condition: Condition = lambda: True
        self._error: Exception | None = None
        self._loop = QEventLoop()
        self._deadline = time.monotonic() + patience_s

    def run(self) -> None:
        timer = QTimer(self._loop)
        timer.timeout.connect(self._tick)
        timer.start(TICK_MS)
        self._loop.exec()
        timer.stop()
        if self._error is not None:
            raise self._error

    def _tick(self) -> None:
        try:
            if self._condition():
                self._condition = next(self._script)
            elif time.monotonic() > self._deadline:
                self._end(TimeoutError(f"still waiting for {self._where()}"))
        except StopIteration:
            self._end(None)
        except Exception as error:  # noqa: BLE001 - raised again in run, outside Qt
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._error = error
        dialog = modal()
        if error is not None and dialog is not None:
            dialog.reject()
        self._loop.quit()

    def _where(self) -> str:
        code = getattr(self._condition, "__code__", None)
        return f"line {code.co_firstlineno} of {code.co_filename}" if code else "a condition"


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True, timeout=20)
