"""The history of a cell after acts on all cells: 100,000 accepted, undone, done again.

The real window, in a process of its own and off the screen. An arrow key shows the next cell; what
it costs the window until it can take the next one is counted, and how long the history takes to
stand beside the cell, which a worker reads.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree

import numpy as np
from PySide6.QtWidgets import QApplication

from tests.benchmarks.big_workspace import big_workspace
from tests.benchmarks.gallery_window import Answers
from wbc_desktop.app import build
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.session.commands import Accept
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

CELLS = 100_000
SHOWN = 200
_PATIENCE = 60  # seconds


def measure(rounds: int | None = None) -> Mapping[str, float]:
    """Show the history of random cells.

    Args:
        rounds: How often the acts are undone and done again; once by default.

    Returns:
        Milliseconds for each cell: ``window`` until the window is free, ``told`` until its history
        is there, the first one apart. ``window_cpu`` is processor time of the window's thread,
        which other load does not lengthen.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "copy"
        copytree(big_workspace(CELLS), folder)
        _accept_all(folder, rounds=rounds or 1)
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.history", str(folder)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "WBC_CONFIG_DIR": name},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _accept_all(folder: Path, *, rounds: int) -> None:
    with Workspace.open(folder, create=False) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=taxonomy_v1())
        session.do(Accept(tuple(range(1, CELLS + 1)), ReviewMode.BULK))
        for _ in range(rounds):
            session.undo()
            session.redo()


def main() -> None:
    """Measure one workspace and print one JSON object."""
    app = QApplication(sys.argv[:1])
    window, controller = build(app, dialogs=Answers())
    window.show()
    controller.open(Path(sys.argv[1]), create=False)
    opened = controller.open_workspace
    assert opened is not None
    inspector = window.inspector
    window_ms, window_cpu_ms, told_ms = [], [], []
    for cell_id in np.random.default_rng(1).integers(1, CELLS, SHOWN).tolist():
        app.processEvents()
        start, start_cpu = time.perf_counter(), time.thread_time()
        opened.inspector.show(cell_id)
        window_ms.append(1000 * (time.perf_counter() - start))
        window_cpu_ms.append(1000 * (time.thread_time() - start_cpu))
        while "imported" not in inspector.history_text:
            if time.perf_counter() - start > _PATIENCE:
                raise RuntimeError("the history did not come")
            app.processEvents()
        told_ms.append(1000 * (time.perf_counter() - start))
    window.close()
    figures = {"cells": CELLS, "shown": SHOWN, "first_told_ms": round(told_ms[0], 1)}
    for name, times in (
        ("window", window_ms),
        ("window_cpu", window_cpu_ms),
        ("told", told_ms),
    ):
        figures[f"{name}_median_ms"] = round(float(np.median(times)), 2)
        figures[f"{name}_p99_ms"] = round(float(np.percentile(times, 99)), 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
