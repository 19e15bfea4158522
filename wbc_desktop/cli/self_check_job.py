"""The work of ``wbc-desktop --self-check``: the steps in a folder of their own, a line for each."""

import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from wbc_desktop.services.support.self_check import SelfCheck

FAILED = 1


def run_self_check(paint: Callable[[], str]) -> int:
    """Run every step until one fails.

    Args:
        paint: Paints the window off the screen and returns a line about it.

    Returns:
        0 if every step succeeded, else 1.
    """
    # A name as people have it: what works here works in any home folder.
    with (
        tempfile.TemporaryDirectory(prefix="WBC Desktop Prüfung ä ") as name,
        closing(SelfCheck(Path(name), paint=paint)) as check,
    ):
        for step, act in check.steps:
            started = time.perf_counter()
            try:
                told = act()
            except Exception as error:  # noqa: BLE001  # whatever it is, the line names the step
                _say(f"{step:<9} FAILED  {type(error).__name__}: {error}")
                traceback.print_exc()
                return FAILED
            _say(f"{step:<9} ok  {time.perf_counter() - started:5.1f} s  {told}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
