"""``wbc-desktop --self-check``: a line for each step, and the exit code of the first that fails."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source_tree import ROOT
from wbc_desktop.cli.self_check_job import FAILED, run_self_check

STEPS = ["render", "import", "classify", "label", "undo", "export", "verify", "adapt"]


def test_the_first_step_that_fails_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> str:
        raise OSError("libQt6Gui.so is missing")

    assert run_self_check(broken) == FAILED
    told = capsys.readouterr()
    assert told.out == "render    FAILED  OSError: libQt6Gui.so is missing\n"
    assert "Traceback" in told.err


@pytest.mark.slow
def test_the_program_checks_itself_without_a_display() -> None:
    bare = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    done = subprocess.run(
        [sys.executable, "-m", "wbc_desktop", "--self-check"],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == STEPS
    assert all(line.split()[1] == "ok" for line in lines)
    assert "painted" in lines[0]
