"""A slide unlike the training sites: the window says so, cell by cell and as a whole."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.hands import Script, play, press
from tests.journeys.reviewer import Reviewer
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.patients.slide_quality import ALARM_TITLE

pytestmark = pytest.mark.needs_display


def slide_quality(reader: Reviewer) -> Script:
    """Press Q and wait for the answer."""
    press("q")
    yield reader.window.banner.isVisible


def test_a_reader_is_warned_of_a_shifted_slide(
    start: Callable[[Path], Reviewer], green_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "workspace")
    reader.import_folder(green_patient)
    banner = reader.window.banner
    assert banner.isVisible()
    assert banner.title == ALARM_TITLE
    assert "P-green, slide 1: " in banner.text
    assert "times the alarm threshold" in banner.toolTip()

    cells = reader.cells()
    told = reader.rest_on(next(iter(cells.values())))
    assert "Could be: " in told

    reader.click(banner.dismiss_button)
    assert not banner.isVisible()
    play(slide_quality(reader))
    assert banner.title == ALARM_TITLE

    out = tmp_path / "cells.csv"
    reader.export_cells(out)
    reader.close()
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(cells) == 24
    for row in rows:
        best = max(taxonomy_v1().leaves, key=lambda leaf: float(row[f"prob_{leaf}"]))
        assert row["pred_set"].split(";")[0] == best
        assert 0 <= float(row["ood_score"]) <= 1
        assert float(row["slide_shift"]) > 1
    (one_slide,) = {row["slide_shift"] for row in rows}
    assert len(one_slide.partition(".")[2]) == 2
