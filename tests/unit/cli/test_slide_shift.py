"""What the command line tells of slides unlike the training sites."""

import csv
from pathlib import Path

import pytest

from tests.unit.cli.wbc import Wbc, wbc
from tests.unit.services.small_workspace import crop_bytes

__all__ = ["wbc"]


@pytest.fixture
def discs(tmp_path: Path) -> Path:
    """A patient whose slides hold 20 and 2 drawn discs, unlike any real cell."""
    patient = tmp_path / "P-1"
    for number in range(22):
        slide = patient / ("many" if number < 20 else "two")
        slide.mkdir(parents=True, exist_ok=True)
        (slide / f"c{number}.png").write_bytes(crop_bytes(number))
    return patient


def test_every_slide_is_told_with_its_alarm_or_why_there_is_none(
    wbc: Wbc, discs: Path, tmp_path: Path
) -> None:
    out, workspace = tmp_path / "out.csv", tmp_path / "w"
    outcome = wbc("run", discs, "--csv", out, "--workspace", workspace, "--json")
    many, two = outcome.document["classify"]["slide_shift"]
    assert (many["patient"], many["slide"], many["cells"]) == ("P-1", "many", 20)
    assert (many["assessed_cells"], many["alarm"]) == (20, True)
    assert many["score"] > 1
    assert many["statistic"]
    assert many["text"]
    assert many["advice"]
    assert (two["score"], two["statistic"], two["alarm"]) == (None, None, False)
    assert "too few cells" in two["text"]

    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert {(row["slide_id"], row["slide_shift"]) for row in rows} == {
        ("many", f"{many['score']:.2f}"),
        ("two", ""),
    }
    assert all(row["pred_set"] and row["ood_score"] for row in rows)

    info = wbc("info", "--workspace", workspace, "--json").document
    assert info["workspace"]["slide_shift"] == [many, two]
    assert "1 of 2 slides with an alarm" in wbc("info", "--workspace", workspace).out
    assert wbc("verify", "--workspace", workspace).code == 0


def test_people_are_warned_in_a_line(wbc: Wbc, discs: Path, tmp_path: Path) -> None:
    outcome = wbc("run", discs, "--csv", tmp_path / "out.csv")
    (warning,) = [line for line in outcome.out.splitlines() if line.startswith("Warning")]
    assert "slide many of patient P-1 is unlike the training sites" in warning
    assert "times the alarm threshold" in warning
    assert warning.partition("overstated. ")[2][:1].isupper()
