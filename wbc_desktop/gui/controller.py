"""What every controller does the same way: it connects to signals, and lets go of them at the end.

A controller lives as long as the workspace it acts on. Subclasses call ``connect`` where they would
connect a signal of the window, ``on_close`` for anything else that must be undone, and extend
``close`` only for what must happen before.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance


class Controller:
    """Keeps what it has connected, so that nothing of a closed workspace hears the window."""

    def __init__(self) -> None:
        self._to_undo: list[Callable[[], object]] = []

    def connect(self, signal: "SignalInstance", slot: Callable[..., object]) -> None:
        """Connect a signal that outlives this controller, until ``close``."""
        signal.connect(slot)
        self._to_undo.append(lambda: signal.disconnect(slot))

    def on_close(self, undo: Callable[[], object]) -> None:
        """Have ``undo`` called at the end, such as what ``Session.subscribe`` gave back."""
        self._to_undo.append(undo)

    def close(self) -> None:
        """Let go of everything, the last connected first. Closing twice does no harm."""
        while self._to_undo:
            self._to_undo.pop()()
