"""The whole job: without Qt and torch, on the demo patient, and on real crops."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.cli.wbc import Wbc, folder, wbc
from wbc_desktop.services.support.demo import DemoFolder

__all__ = ["folder", "wbc"]

_WITHOUT_QT_OR_TORCH = """
import sys
blocked = ("PySide6", "shiboken6", "pyqtgraph", "torch", "torchvision", "timm")
sys.modules.update(dict.fromkeys(blocked))
from wbc_desktop.cli import main
folder, out = sys.argv[1:]
verbs = (
    ["run", folder, "--csv", f"{out}/cells.csv", "--workspace", f"{out}/w"],
    ["label", "--workspace", f"{out}/w", "--csv", f"{out}/cells.csv"],
    ["export", "--workspace", f"{out}/w", "--csv", f"{out}/d.csv", "--what", "differential"],
    ["verify", "--workspace", f"{out}/w"],
    ["info"],
)
for verb in verbs:
    try:
        main(verb)
    except SystemExit as end:
        assert not end.code, (verb, end.code)
assert all(sys.modules[name] is None for name in blocked)
"""


def test_the_command_line_needs_neither_qt_nor_torch(folder: Path, tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _WITHOUT_QT_OR_TORCH, str(folder), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert "Every label agrees" in child.stdout


@pytest.mark.slow
def test_the_demo_writes_what_it_says_and_can_be_run_again(wbc: Wbc, tmp_path: Path) -> None:
    demo = DemoFolder(tmp_path / "demo")
    first = wbc("demo", "--out", demo.folder)
    assert first.code == 0, first.err
    assert f"uv run wbc-desktop {demo.workspace}" in first.out
    assert "Leukocytes counted" in first.out
    with demo.cells_csv.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == 200
    assert {row["um_per_px"] for row in written} == {str(demo.um_per_px)}
    assert demo.report.read_text(encoding="utf-8").count("<img") == 200
    assert wbc("verify", "--workspace", demo.workspace).code == 0
    again = wbc("demo", "--out", demo.folder, "--json").document
    assert again["classify"]["classified"] == 200
    assert sum(row["n_own"] for row in again["differential"]) == 200


@pytest.mark.real_data
@pytest.mark.slow
def test_real_crops_agree_with_the_names_of_their_folders(
    wbc: Wbc, real_data: Path, tmp_path: Path
) -> None:
    """Most of these crops were in training: this checks the pipeline, not generalisation."""
    outcome = wbc("run", real_data / "bccd", "--csv", tmp_path / "out.csv")
    assert outcome.code == 0, outcome.err
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["image_path"].split("/")[0], _coarse(row)) for row in csv.DictReader(file)]
    assert len(pairs) == 351
    sizes = Counter(truth for truth, _ in pairs)
    scores = {truth: _f1(truth, pairs) for truth, n in sizes.items() if n >= 20}
    assert len(scores) == 4
    assert sum(scores.values()) / len(scores) >= 0.85, scores


def _coarse(row: dict[str, str]) -> str:
    return "neutrophil" if row["final_label"].startswith("neutrophil") else row["final_label"]


def _f1(label: str, pairs: list[tuple[str, str]]) -> float:
    hits = sum(truth == said == label for truth, said in pairs)
    return 2 * hits / sum((truth == label) + (said == label) for truth, said in pairs)
