"""The first start: a welcome with a way to begin, and a plain word where there is no screen."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.reviewer import Reviewer

pytestmark = pytest.mark.needs_display


def test_a_newcomer_tries_the_demo_patient(start: Callable[..., Reviewer]) -> None:
    newcomer = start()
    assert not newcomer.cells()
    newcomer.try_the_demo()
    assert len(newcomer.cells()) == 200
    assert newcomer.window.gallery.isVisible()
    newcomer.close()


def test_what_was_open_last_is_open_at_the_next_start(
    start: Callable[..., Reviewer], rendered_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "ward 2")
    reader.import_folder(rendered_patient)
    reader.close()
    again = start()
    assert again.open_workspace.workspace.folder == tmp_path / "ward 2"
    assert len(again.cells()) == 48
    again.close()


def test_without_a_display_it_names_the_command_line_and_ends() -> None:
    variables = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [Path(sys.executable).with_name("wbc-desktop")],
        env={k: v for k, v in os.environ.items() if k not in variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "wbc run" in done.stderr
    assert "wbc demo" in done.stderr
