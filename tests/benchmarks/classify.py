"""Crops per second of ``wbc run`` against a plain timm + ImageFolder + DataLoader script.

Both read the same 2,000 JPEG crops and end with a CSV. Ours also checks, stores and thumbnails
each crop, keeps an audit log and finds the cell's scale. The headline counts the whole process,
as a person at a terminal would; the rates without start-up stand beside it.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from model.synthetic import DEMO_MIX, SITES, render_patient

N_CROPS = 2000
ROUNDS = 3
RIVAL = Path(__file__).with_name("plain_timm.py")
WBC = Path(sys.executable).with_name("wbc")


def measure(rounds: int | None = None) -> dict[str, float]:
    """Run both sides in turn and compare their medians.

    Args:
        rounds: How many times each side runs; 3 by default.

    Returns:
        Crops per second of the whole process (``ours_per_s``, ``rival_per_s``, ``ratio``) and
        without start-up (``…_inside_per_s``).
    """
    ours: list[tuple[float, float]] = []
    rivals: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n = write_crops(folder / "patient" / "slide-1", N_CROPS)
        for i in range(rounds or ROUNDS):
            workspace, csv = folder / f"workspace-{i}", folder / f"ours-{i}.csv"
            command: list[str | Path] = [
                WBC,
                "run",
                folder / "patient",
                "--csv",
                csv,
                "--workspace",
                workspace,
            ]
            ours.append(_timed([*command, "--json"], csv=csv, n=n))
            csv = folder / f"rival-{i}.csv"
            rivals.append(_timed([sys.executable, RIVAL, folder / "patient", csv], csv=csv, n=n))
            print(f"round {i + 1}: ours {ours[-1][0]:.1f} s, rival {rivals[-1][0]:.1f} s")
    ours_s, ours_inside = (statistics.median(column) for column in zip(*ours, strict=True))
    rival_s, rival_inside = (statistics.median(column) for column in zip(*rivals, strict=True))
    return {
        "ours_per_s": round(n / ours_s, 1),
        "rival_per_s": round(n / rival_s, 1),
        "ratio": round(rival_s / ours_s, 3),
        "ours_inside_per_s": round(n / ours_inside, 1),
        "rival_inside_per_s": round(n / rival_inside, 1),
        "ratio_inside": round(rival_inside / ours_inside, 3),
    }


def write_crops(folder: Path, n: int) -> int:
    """Render ``n`` JPEG crops of 192 px into a folder; return ``n``."""
    folder.mkdir(parents=True)
    for i, (_, jpeg) in enumerate(render_patient(SITES["demo"], DEMO_MIX, n=n, seed=1)):
        (folder / f"{i:05d}.jpg").write_bytes(jpeg)
    return n


def _timed(command: list[str | Path], *, csv: Path, n: int) -> tuple[float, float]:
    """Seconds of the whole process, and what it says it took without start-up.

    The last line of its output is a JSON object with ``seconds``.
    """
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    whole = time.perf_counter() - start
    with csv.open(encoding="utf-8") as lines:
        rows = sum(1 for _ in lines) - 1
    if rows != n:
        raise RuntimeError(f"{csv.name} has {rows} rows for {n} crops")
    return whole, float(json.loads(done.stdout.strip().splitlines()[-1])["seconds"])
