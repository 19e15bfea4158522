"""An X server and a window manager of our own, so that journeys never touch the user's screen."""

import os
import subprocess
from types import TracebackType
from typing import Self


class XDisplay:
    """Xvfb on a free display with openbox in it.

    Use as a context manager. The server picks its own number, so that several runs can go on at
    once.

    Attributes:
        name: What belongs into ``DISPLAY``, such as ``:99``.
    """

    def __init__(self, *, size: str = "1920x1080") -> None:
        reading, writing = os.pipe()
        screen = ["-screen", "0", f"{size}x24", "-dpi", "96", "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), *screen],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.name = f":{answer.readline().strip()}"  # comes once the server accepts clients
        if self.name == ":":
            raise RuntimeError(f"Xvfb did not start (exit code {self._server.wait()})")
        self._manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": self.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End the window manager and the server."""
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
