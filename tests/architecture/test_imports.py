"""What each door of the program loads. A subprocess each, because modules stay loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

QT = {"PySide6", "shiboken6", "pyqtgraph"}
HEAVY = {"torch", "torchvision", "timm", "onnxruntime", "h5py", "scipy"}


def loaded_by(code: str, *, timeout_s: float = 120) -> set[str]:
    """Run ``code`` in a fresh interpreter; return the top-level packages it left loaded."""
    report = "import sys as _s; print('LOADED', *{m.split('.')[0] for m in _s.modules})"
    child = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    return set(child.stdout.rsplit("LOADED", 1)[1].split())


def test_the_command_line_starts_light() -> None:
    assert not loaded_by("import wbc_desktop.cli") & (QT | HEAVY | {"PIL", "sqlalchemy"})


def test_the_window_is_up_before_anything_heavy_loads() -> None:
    window = "import wbc_desktop.__main__, wbc_desktop.app, wbc_desktop.gui.main_window"
    assert not loaded_by(window) & (HEAVY | {"pyqtgraph", "alembic"})


def test_the_model_library_knows_nothing_of_the_window() -> None:
    assert not loaded_by("import model.inference.predictor") & (QT | {"wbc_desktop", "torch"})


@pytest.mark.slow
def test_the_whole_job_runs_where_qt_is_not_installed(tmp_path: Path) -> None:
    """The demo imports, classifies and exports with PySide6 blocked, and on a CPU without torch."""
    code = f"""
import sys
sys.modules.update(dict.fromkeys(("PySide6", "pyqtgraph")))
from wbc_desktop.cli import main
try:
    main(["demo", "--out", {str(tmp_path / "demo")!r}])
except SystemExit as end:
    assert not end.code, end.code
for name in ("PySide6", "pyqtgraph"):
    assert sys.modules.pop(name) is None
"""
    loaded = loaded_by(code)
    assert not loaded & QT
    assert "onnxruntime" not in loaded or "torch" not in loaded
    assert (tmp_path / "demo" / "cells.csv").stat().st_size > 0
