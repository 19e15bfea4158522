"""Crops per second of ``wbc run`` against a plain timm + ImageFolder + DataLoader script.

Both read the same 2,000 JPEG crops and end with a CSV. Ours also checks, stores and thumbnails
each crop, keeps an audit log and finds the cell's scale. The headline counts the whole process,
as a person at a terminal would; a run on a single crop tells what start-up costs each side.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from model.rendering.renderer import DEMO_MIX, SITES, render_patient

N_CROPS = 2000
ROUNDS = 3
RIVAL = Path(__file__).with_name("plain_timm.py")
WBC = Path(sys.executable).with_name("wbc")


def measure(rounds: int | None = None) -> dict[str, float]:
    """Run both sides in turn and compare their medians.

    Args:
        rounds: How many times each side runs; 3 by default.

    Returns:
        Crops per second of the whole process (``ours_per_s``, ``rival_per_s``, ``ratio``), seconds
        for a single crop (``…_one_crop_s``), and crops per second beyond the first
        (``…_beyond_first_per_s``).
    """
    seconds: dict[str, list[float]] = {"ours": [], "rival": [], "ours_one": [], "rival_one": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, one = folder / "patient", folder / "single"
        write_crops(many / "slide-1", N_CROPS)
        write_crops(one / "slide-1", 1)
        for i in range(rounds or ROUNDS):
            seconds["ours"].append(_timed(_ours, many, folder / f"ours-{i}", n=N_CROPS))
            seconds["rival"].append(_timed(_rival, many, folder / f"rival-{i}", n=N_CROPS))
            seconds["ours_one"].append(_timed(_ours, one, folder / f"ours-one-{i}", n=1))
            seconds["rival_one"].append(_timed(_rival, one, folder / f"rival-one-{i}", n=1))
            print(f"round {i + 1}:", {side: round(times[-1], 1) for side, times in seconds.items()})
    median = {side: statistics.median(times) for side, times in seconds.items()}
    figures = {
        "ours_per_s": N_CROPS / median["ours"],
        "rival_per_s": N_CROPS / median["rival"],
        "ratio": median["rival"] / median["ours"],
        "ours_one_crop_s": median["ours_one"],
        "rival_one_crop_s": median["rival_one"],
        "ours_beyond_first_per_s": (N_CROPS - 1) / (median["ours"] - median["ours_one"]),
        "rival_beyond_first_per_s": (N_CROPS - 1) / (median["rival"] - median["rival_one"]),
    }
    return {name: round(value, 2) for name, value in figures.items()}


def write_crops(folder: Path, n: int) -> None:
    """Render ``n`` JPEG crops of 192 px into a folder."""
    folder.mkdir(parents=True)
    for i, (_, jpeg) in enumerate(render_patient(SITES["demo"], DEMO_MIX, n=n, seed=1)):
        (folder / f"{i:05d}.jpg").write_bytes(jpeg)


def _ours(crops: Path, out: Path) -> list[str | Path]:
    """Import, classify and export, keeping the workspace."""
    return [WBC, "run", crops, "--csv", out / "out.csv", "--workspace", out / "workspace"]


def _rival(crops: Path, out: Path) -> list[str | Path]:
    return [sys.executable, RIVAL, crops, out / "out.csv"]


def _timed(
    command: Callable[[Path, Path], list[str | Path]], crops: Path, out: Path, *, n: int
) -> float:
    """Seconds from the start of the process to its end; it must have written ``n`` rows."""
    out.mkdir()
    start = time.perf_counter()
    subprocess.run(command(crops, out), check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    with (out / "out.csv").open(encoding="utf-8") as lines:
        rows = sum(1 for _ in lines) - 1
    if rows != n:
        raise RuntimeError(f"{command.__name__} wrote {rows} rows for {n} crops")
    return seconds
