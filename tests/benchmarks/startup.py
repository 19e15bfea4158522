"""Time from process start to a painted window, against an empty PySide6 window.

Both run on the same X server where there is one (Xvfb with openbox), else off the screen, say
``painted`` after their first paint and end. The clock runs in this process, from before the start
of theirs. Ours paints its whole window first and opens the workspace after that; the second part
is not measured here.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.x_display import XDisplay
from tests.system_packages import missing_display_tools

ROUNDS = 7
EMPTY = Path(__file__).with_name("empty_window.py")


def measure(rounds: int | None = None) -> dict[str, float]:
    """Start both in turn and compare their medians.

    Args:
        rounds: How many times each side starts; 7 by default, after one unmeasured start each.

    Returns:
        Seconds to the first paint (``window_s``, ``empty_qt_s``) and their ``ratio``.
    """
    windows: list[float] = []
    empties: list[float] = []
    with tempfile.TemporaryDirectory() as name, _screen() as variables:
        environment = {**os.environ, **variables, "WBC_CONFIG_DIR": name}
        for i in range((rounds or ROUNDS) + 1):
            window = _painted_after([sys.executable, "-m", "wbc_desktop"], environment)
            empty = _painted_after([sys.executable, str(EMPTY)], environment)
            if i:  # the first start fills the disk cache
                windows.append(window)
                empties.append(empty)
                print(f"round {i}: window {window:.3f} s, empty Qt window {empty:.3f} s")
    window_s, empty_s = statistics.median(windows), statistics.median(empties)
    return {
        "window_s": round(window_s, 3),
        "empty_qt_s": round(empty_s, 3),
        "ratio": round(window_s / empty_s, 3),
    }


@contextmanager
def _screen() -> Iterator[dict[str, str]]:
    """Give the environment of a screen of our own."""
    if missing_display_tools():
        print("no X server here: measured off the screen")
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    with XDisplay() as display:
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display.name}


def _painted_after(command: list[str], environment: dict[str, str]) -> float:
    """Seconds until the program says that its window is painted; it ends by itself."""
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "WBC_STARTUP_TIMING": "1"},
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("painted"):
                seconds = time.perf_counter() - start
                child.communicate(timeout=60)
                return seconds
    raise RuntimeError(f"{command} ended without a painted window (exit code {child.returncode})")
