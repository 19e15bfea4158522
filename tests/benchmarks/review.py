"""How many keys a perfect reviewer needs for the 200 cells of the demo patient.

The real window, maximised on a screen of 1366 × 768 that is only in memory, driven by key events
only (``perfect_reviewer.py``). First sure groups are accepted, each after a look at every tile that
is marked, and the queue takes the rest. The other order is measured too: there the queue comes
first and draws its sample from all cells.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ORDERS = ("groups-first", "queue-first")
READER = {"reader": "A perfect reviewer"}
SCREEN = {  # the smallest the window is made for
    "name": "small",
    "x": 0,
    "y": 0,
    "width": 1366,
    "height": 768,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}


def measure(rounds: int | None = None) -> Mapping[str, object]:
    """Review the demo patient once in either order; more rounds change nothing but the times.

    Args:
        rounds: How often each order is reviewed; 1 by default. The last round counts.

    Returns:
        Of the first order: ``cells``, ``reviewed``, ``wrong_labels_left``, ``keystrokes``, ``keys``
        by name, ``threshold`` in percent, ``program_ms_per_key`` and ``program_ms_slowest_key`` by
        the clock on the wall, ``cpu_ms_per_key`` of the window's thread; and
        ``keystrokes_queue_first``.
    """
    figures: dict[str, dict[str, object]] = {}
    for _ in range(rounds or 1):
        for order in ORDERS:
            with tempfile.TemporaryDirectory() as name:
                figures[order] = _reviewed(Path(name), order)
            print(f"{order}: {figures[order]}")
    first, other = (figures[order] for order in ORDERS)
    return {**first, "keystrokes_queue_first": other["keystrokes"]}


def _reviewed(folder: Path, order: str) -> dict[str, object]:
    """Render and classify the demo patient, then review it in a process of its own."""
    wbc = Path(sys.executable).with_name("wbc")
    subprocess.run([wbc, "demo", "--out", folder / "demo"], check=True, stdout=subprocess.DEVNULL)
    (folder / "settings.json").write_text(json.dumps(READER), encoding="utf-8")
    screen = folder / "screen.json"
    screen.write_text(json.dumps({"screens": [SCREEN]}), encoding="utf-8")
    environment = {
        "QT_QPA_PLATFORM": f"offscreen:configfile={screen}",
        "WBC_CONFIG_DIR": str(folder),
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.benchmarks.perfect_reviewer"),
            *(str(folder / "demo" / "workspace"), order),
        ],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found
