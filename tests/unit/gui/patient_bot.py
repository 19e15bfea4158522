"""pytest-qt's bot with the patience that a busy machine takes.

Its own five seconds are a wager on the speed of the machine. A test that waits for something that
comes does not get slower by more patience; one whose wait is in vain fails a little later.
"""

from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

PATIENCE_MS = 120_000


class PatientBot(QtBot):
    """Waits long, unless a test says how long."""

    def waitUntil(self, callback: Callable[[], Any], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        """Wait until something is so."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **words: Any) -> Any:  # noqa: N802
        """Wait for a signal."""
        return super().waitSignal(signal, timeout=timeout, **words)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **words: Any) -> Any:  # noqa: N802
        """Wait for several signals."""
        return super().waitSignals(signals, timeout=timeout, **words)

    def waitExposed(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        """Wait until a window is on the screen."""
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        """Wait until a window has the keyboard."""
        return super().waitActive(widget, timeout=timeout)
