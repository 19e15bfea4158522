"""Tables and plots of rows, of an older version too, whose rows lack figures."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.__main__ import main
from model.artifacts.card import read_card, render_card
from model.benchmark.plots import dot_plot, write_plots
from model.benchmark.run import read_rows
from model.benchmark.tables import render_tables
from model.inference.predictor import find_model

KEPT = Path("docs/benchmarks/ood.jsonl")


def result(macro_f1: float, **f1: float) -> dict[str, Any]:
    return {
        "n": 40,
        "macro_f1": macro_f1,
        "interval": [macro_f1 - 0.1, macro_f1 + 0.1],
        "balanced_accuracy": 0.6,
        "worst_class": "monocyte",
        "f1": f1 or {"monocyte": macro_f1, "lymphocyte": 0.9},
        "by_count": {"many": 0.7, "few": 0.2},
        "ece": 0.1,
    }


def row(method: str, seed: int, *, bccd: float, jiangxi: float, **more: Any) -> dict[str, Any]:
    key = {"protocol": "A1s", "fold": 0, "method": method, "seed": seed, "steps": 8, "size": 96}
    targets = {"bccd": result(bccd), "jiangxi_tecom": result(jiangxi)}
    return key | {"targets": targets, "seconds": 60.0} | more


def line_of(text: str, start: str, *, table: str) -> list[str]:
    """Cells of the line of a method in the table whose first head is `table`."""
    body = text[text.index(f"| {table} |") :].split("\n\n", maxsplit=1)[0]
    (found,) = [one for one in body.splitlines() if one.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_seeds_give_mean_and_deviation_and_the_widest_interval() -> None:
    rows = [row("erm", 0, bccd=0.4, jiangxi=0.6), row("erm", 1, bccd=0.5, jiangxi=0.8)]
    cells = line_of(render_tables(rows), "erm", table="macro-F1")
    assert cells[1] == "0.450 ± 0.071 (0.30 to 0.60)"
    assert cells[3] == "0.575 ± 0.106"  # of 0.50 and 0.65, each a seed's mean over the domains
    assert cells[4:] == ["bccd 0.450", "2", "60"]


def test_one_seed_has_no_deviation_and_a_missing_domain_no_mean() -> None:
    one = row("erm", 0, bccd=0.4, jiangxi=0.6)
    assert line_of(render_tables([one]), "erm", table="macro-F1")[3] == "0.500"
    del one["targets"]["bccd"]
    cells = line_of(render_tables([one]), "erm", table="macro-F1")
    assert cells[1:5] == ["not run", "0.600 (0.50 to 0.70)", "", ""]
    assert line_of(render_tables([one]), "erm", table="mean over domains")[1] == "1"


def test_detail_tells_shots_and_the_worst_class_with_its_domain() -> None:
    text = render_tables([row("erm", 0, bccd=0.4, jiangxi=0.2)])
    cells = line_of(text, "erm", table="mean over domains")
    assert cells[1:] == [
        "2",
        "0.600",
        "0.700",
        "",
        "0.200",
        "0.100",
        "monocyte in jiangxi_tecom 0.20",
    ]
    assert "Not run: erm_frozen_bn," in text
    assert "### B\n\nNot run." in text


def test_rows_without_newer_figures_leave_their_tables_out() -> None:
    old = row("erm", 0, bccd=0.4, jiangxi=0.2)
    assert "| honesty |" not in render_tables([old])
    part = {"ece": {"source": {"before": 0.3, "after": None}}}
    mixed = {
        k: {"barcelona_pbc": {"macro_f1": f, "f1": {}}}
        for k, f in (("without", 0.8), ("with", 0.5))
    }
    new = row("robust", 0, bccd=0.4, jiangxi=0.2, honesty={"bccd": part}, sources_all_classes=mixed)
    text = render_tables([old, new])
    assert line_of(text, "robust", table="honesty")[1:4] == ["0.300", "", ""]
    assert line_of(text, "robust", table="all classes")[1:] == ["0.800", "0.500"]
    assert "| erm |" not in text[text.index("| honesty |") :]


def test_the_kept_rows_can_be_printed_and_drawn(tmp_path: Path) -> None:
    rows = read_rows(KEPT)
    assert "### A1: 160 steps at 96 px" in render_tables(rows)
    assert write_plots(rows, tmp_path)


def test_plots_are_small_svg_the_same_for_the_same_rows(tmp_path: Path) -> None:
    rows = [row("erm", 0, bccd=0.25, jiangxi=0.6), row("robust", 0, bccd=0.5, jiangxi=0.75)]
    first = write_plots(rows, tmp_path / "one")
    again = write_plots(rows, tmp_path / "two")
    assert [path.name for path in first] == [
        "ood-A1s-8-steps-96-px.svg",
        "ood-A1s-8-steps-96-px-classes.svg",
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    (axes,) = dot_plot(rows, "").axes
    assert [[*map(float, np.asarray(line.get_xdata()))] for line in axes.lines] == [
        [0.25, 0.5],
        [0.6, 0.75],
    ]
    told = set(re.findall(r">([^<]+)</text>", first[1].read_text()))
    assert {"erm", "robust", "bccd: monocyte", "0.25", "0.50"} <= told
    assert max(path.stat().st_size for path in first) < 20_000


def test_the_command_line_draws_without_running(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["benchmark", "--out", str(KEPT), "--table", "--plots", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out.startswith("### A1")
    assert [*tmp_path.glob("ood-A1-*.svg")]
    assert len(said.err.splitlines()) == len([*tmp_path.iterdir()])


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["benchmark", "--out", str(KEPT), "--plots", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "matplotlib" in said
    assert "uv sync" in said
    assert not [*tmp_path.iterdir()]


def test_the_scores_go_into_a_card(tmp_path: Path) -> None:
    shutil.copy(find_model(Path("resources/models")) / "card.json", tmp_path)
    assert main(["benchmark", "--out", str(KEPT), "--card", str(tmp_path)]) == 0
    text = render_card(read_card(tmp_path))
    assert "## The recipe on domains left out of training" in text
    assert "### A1: 160 steps at 96 px" in text
    assert "| honesty |" not in text
