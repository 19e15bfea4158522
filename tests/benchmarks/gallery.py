"""A gallery of a million cells: opening, first screen, scrolling, filters, orders, groups, labels.

Each side runs in a process of its own, off the screen on the raster platform, with nothing drawn by
a graphics card: the real window on a workspace on disk, and a ``QListView`` in icon mode with as
many items and tiles of the same size. Building the workspace is not counted,
nor is compiling Python modules, which an installed program does once.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.big_workspace import big_workspace

CELLS = 1_000_000
_COMPILED = Path("runs") / "gallery" / "compiled"
ROUNDS = 3
WINDOW = Path(__file__).with_name("gallery_window.py")
RIVAL = Path(__file__).with_name("gallery_rival.py")
_WARM_UP = 30_000
_COUNTS = ("frames_measured", "thumbs_decoded")


def measure(rounds: int | None = None, *, cells: int | None = None) -> Mapping[str, float]:
    """Run both sides in turn and give the medians.

    Args:
        rounds: How many times each side runs; 3 by default.
        cells: Cells of the workspace; a million by default.

    Returns:
        Seconds to open, milliseconds of each act, MB at the peak; see ``docs/benchmarks.md``.
    """
    n = cells or CELLS
    folder = big_workspace(n)
    _run(WINDOW, big_workspace(min(n, _WARM_UP)))  # compiles our modules, as an installation would
    ours: list[dict[str, float]] = []
    rival: list[float] = []
    for i in range(rounds or ROUNDS):
        ours.append(_run(WINDOW, folder))
        rival.append(_run(RIVAL, n, ours[-1].pop("tile"))["first_show_ms"])
        print(f"round {i + 1}:", ours[-1], "QListView first show", rival[-1])
    figures: dict[str, float] = {"cells": n}
    for name in ours[0]:
        median = statistics.median(run[name] for run in ours)
        figures[name] = int(median) if name in _COUNTS else round(median, 3)
    figures["qlistview_first_show_ms"] = round(statistics.median(rival), 1)
    ratio = figures["qlistview_first_show_ms"] / figures["first_show_ms"]
    return figures | {"speedup_vs_qlistview": round(ratio, 1)}


def _run(script: Path, *arguments: object) -> dict[str, float]:
    """Run one side and return what its last line says."""
    with tempfile.TemporaryDirectory() as settings:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.benchmarks.{script.stem}", *map(str, arguments)],
            env={
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "WBC_CONFIG_DIR": settings,
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": str(_COMPILED.absolute()),
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    last: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return last
