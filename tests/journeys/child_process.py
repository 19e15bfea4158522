"""One child process for the journeys of one file: it runs them in turn and tells how each ended.

The child is pytest again, with a screen. It writes a line of JSON for every test that has ended
(``told`` does), and the parent waits for the line of the test that it is at. So each test has its
own time and its own result, though the program's libraries load once for all of them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

REPORT_VARIABLE = "WBC_JOURNEY_REPORT"
PATIENCE_S = 560.0  # for one journey: below the limit in setup.cfg, so that the output is seen
LOOK_S = 0.02
_OF_THE_PARENT = ("PYTEST_", "WAYLAND_DISPLAY", "QT_SCALE_FACTOR", "QT_STYLE", "WBC_FAIL_ON_SKIP")

Ending: TypeAlias = tuple[str, str]  # passed, failed or skipped; and the words to it


class ChildProcess:
    """Runs some tests of one file, one after the other.

    Args:
        nodeids: The tests.
        root: Where pytest runs.
        display: The X display.
    """

    def __init__(self, nodeids: Sequence[str], *, root: Path, display: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wbc-journey-")
        self._report = Path(self._folder.name) / "report.jsonl"
        self._output = Path(self._folder.name) / "output.txt"
        self._report.touch()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_OF_THE_PARENT)}
        words = ["-q", "-rN", "-n0", "--durations=0", "-p", "no:cacheprovider"]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *words, *nodeids],
                cwd=root,
                env={
                    **kept,
                    "DISPLAY": display,
                    "QT_QPA_PLATFORM": "xcb",
                    "WBC_JOURNEY_CHILD": "1",
                    REPORT_VARIABLE: str(self._report),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ending(self, nodeid: str) -> Ending:
        """Wait until a test has ended, and say how."""
        until = time.monotonic() + PATIENCE_S
        while True:
            ended = self._process.poll() is not None  # asked first: the last line may come just now
            found = self._endings().get(nodeid)
            if found is not None:
                return found
            if ended:
                return "failed", f"the child process ended before:\n{self._said()}"
            if time.monotonic() > until:
                self._process.kill()
                return "failed", f"no end after {PATIENCE_S:.0f} s:\n{self._said()}"
            time.sleep(LOOK_S)

    def close(self) -> None:
        """End the child, if it is still there."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    def _endings(self) -> dict[str, Ending]:
        *lines, _unfinished = self._report.read_text(encoding="utf-8").split("\n")
        return {nodeid: (outcome, text) for nodeid, outcome, text in map(json.loads, lines)}

    def _said(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")


class Told:
    """The plugin of the child that writes down how its tests end."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._outcome, self._words = "passed", list[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a phase of a test said."""
        if report.failed:
            self._outcome = "failed"
            self._words += [report.longreprtext, *(text for _, text in report.sections)]
        elif report.skipped and self._outcome == "passed":
            self._outcome, self._words = "skipped", [report.longreprtext]

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell how a test has ended, once all its phases have."""
        line = json.dumps([nodeid, self._outcome, "\n".join(self._words)])
        with self._report.open("a", encoding="utf-8") as report:
            report.write(line + "\n")
        self._outcome, self._words = "passed", []
