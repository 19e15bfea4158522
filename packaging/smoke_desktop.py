"""A desktop of its own for the acceptance run: screen, window manager, keys, mouse, pictures.

Everything goes through the X server, as from a person's hands; the program under test is looked at
from outside only.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

LOOK_S = 0.2
PATIENCE_S = 180.0
_PICTURE = """\
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
picture = app.primaryScreen().grabWindow(0)
sys.exit(not picture.save(sys.argv[1]))
"""
_TOOLS = ("Xvfb", "openbox", "xdotool", "gio")


class SmokeError(Exception):
    """A step did not end as it must; the message is the line that is shown."""


def await_that(
    condition: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S
) -> None:
    """Look again and again until something is so.

    Raises:
        SmokeError: If it never is.
    """
    until = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > until:
            raise SmokeError(f"waited {patience_s:.0f} s in vain: {what}")
        time.sleep(LOOK_S)


class Desktop:
    """An X server with openbox, and a person in front of it.

    Args:
        home: The person's home folder.
        pictures: Folder that takes the screenshots.
        size: Of the screen in pixels.
    """

    def __init__(self, home: Path, *, pictures: Path, size: str = "1366x768") -> None:
        missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
        if missing:
            raise SmokeError(f"not installed: {', '.join(missing)}")
        self.home, self._pictures, self._size = home, pictures, size
        self._number = 0
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start the screen."""
        reading, writing = os.pipe()
        screen = ["-screen", "0", f"{self._size}x24", "-dpi", "96", "-nolisten", "tcp", "-ac"]
        self._start(["Xvfb", "-displayfd", str(writing), *screen, "-noreset"], pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.display = f":{answer.readline().strip()}"
        self._start(["openbox", "--sm-disable"], env={**os.environ, "DISPLAY": self.display})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what was started, the screen last."""
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=20)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of a session of this person: no Python, no virtual environment."""
        return {
            "HOME": str(self.home),
            "USER": "smoke",
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "DISPLAY": self.display,
            "XDG_CURRENT_DESKTOP": "X-Generic",
            "XDG_DATA_DIRS": "/usr/local/share:/usr/share",
        }

    def run(self, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as the person, to its end."""
        done = subprocess.run(
            [*_as_a_person(), *map(str, words)],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
        )
        if check and done.returncode:
            line = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise SmokeError(f"{shlex.join(map(str, words))}: {' '.join(line)}")
        return done

    def launch(self, *words: str | Path) -> None:
        """Start a command as the person and leave it running."""
        self._start(
            [*_as_a_person(), *map(str, words)], env=dict(self.environment), cwd=str(self.home)
        )

    def press(self, *keys: str) -> None:
        """Press keys or chords, such as ``ctrl+i``."""
        self._xdotool("key", "--delay", "60", *keys)

    def write(self, text: str) -> None:
        """Type a line."""
        self._xdotool("type", "--delay", "8", text)

    def click(self, place: tuple[int, int]) -> None:
        """Click at a place of the screen."""
        self._xdotool("mousemove", *map(str, place), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int], *, steps: int = 12) -> None:
        """Drag from one place to another."""
        self._xdotool("mousemove", *map(str, start), "mousedown", "1")
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step // steps for a, b in zip(start, end, strict=True))
            self._xdotool("mousemove", str(x), str(y))
            time.sleep(0.05)
        self._xdotool("mouseup", "1")

    def active(self) -> str:
        """Number of the active window, empty if there is none."""
        return self._xdotool("getactivewindow", check=False)

    def windows(self) -> list[str]:
        """Numbers of the visible windows of the program."""
        return self._xdotool(
            "search", "--onlyvisible", "--classname", "^wbc-desktop$", check=False
        ).split()

    def title(self, window: str) -> str:
        """What stands above a window."""
        return self._xdotool("getwindowname", window, check=False)

    def photograph(self, name: str) -> Path:
        """Keep a picture of the screen."""
        self._number += 1
        self._pictures.mkdir(parents=True, exist_ok=True)
        file = self._pictures / f"{self._number:02d}-{name}.png"
        screen = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}
        subprocess.run([sys.executable, "-c", _PICTURE, str(file)], env=screen, check=True)
        return file

    def _xdotool(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if check and done.returncode:
            raise SmokeError(f"xdotool {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _start(
        self,
        command: list[str],
        *,
        env: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] | list[int] = (),
        cwd: str | None = None,
    ) -> None:
        self._started.append(
            subprocess.Popen(
                command,
                env=env,
                pass_fds=tuple(pass_fds),
                cwd=cwd,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )


def _as_a_person() -> list[str]:
    """Whoever may install packages need not be who works: root becomes nobody."""
    if os.geteuid():
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
