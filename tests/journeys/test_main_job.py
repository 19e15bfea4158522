"""A technician reviews a patient: import, labels by key and by drag, undo, restart, export."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.reviewer import READER, Reviewer
from wbc_desktop.domain.review.review import status_of
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.store.records import CellRecord

pytestmark = pytest.mark.needs_display

KEYS = ("4", "6", "8", "7", "Y")  # monocyte, basophil, blast, reactive lymphocyte, erythroblast


def test_a_patient_folder_becomes_a_reviewed_csv(
    start: Callable[[Path], Reviewer], rendered_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "workspace")
    reader.import_folder(rendered_patient)
    cells = reader.cells()
    assert len(cells) == 48
    assert all(cell.predicted and cell.review is None for cell in cells.values())

    by_key = dict(zip(list(cells)[:5], KEYS, strict=True))
    for path, key in by_key.items():
        reader.label_by_key(cells[path], key)
    by_drag = list(cells)[-3:]
    reader.drag_to_palette(cells[by_drag[0]], "plasma_cell")
    reader.drag_to_palette(cells[by_drag[1]], "smudge_cell")
    group = reader.drag_to_another_group(cells[by_drag[2]])
    assert labels(reader.cells()) == {
        **expected_labels(by_key),
        **dict(zip(by_drag, ("plasma_cell", "smudge_cell", group), strict=True)),
    }

    reader.undo()
    reader.undo()
    assert labels(reader.cells()) == {**expected_labels(by_key), by_drag[0]: "plasma_cell"}
    reader.close()

    again = start(tmp_path / "workspace")
    assert labels(again.cells()) == {**expected_labels(by_key), by_drag[0]: "plasma_cell"}
    again.undo()
    out = tmp_path / "reviewed.csv"
    again.export_cells(out)
    again.close()

    assert_csv_holds(out, cells, expected_labels(by_key))
    assert_chain_verifies(tmp_path / "workspace")


def expected_labels(by_key: dict[str, str]) -> dict[str, str]:
    """The label that each key gives."""
    classes = {c.hotkey: c.id for c in taxonomy_v1().classes}
    return {path: classes[key] for path, key in by_key.items()}


def labels(cells: dict[str, CellRecord]) -> dict[str, str]:
    """The human labels, by path."""
    return {path: cell.review.label for path, cell in cells.items() if cell.review is not None}


def assert_csv_holds(path: Path, cells: dict[str, CellRecord], human: dict[str, str]) -> None:
    """The file holds every cell once, these human labels, and the model's for all others."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row["image_path"]: row for row in csv.DictReader(file)}
    assert rows.keys() == cells.keys()
    for image_path, row in rows.items():
        predicted = cells[image_path].predicted
        assert row["pred_label"] == predicted
        label = human.get(image_path)
        if label is None:
            assert (row["final_label"], row["label_source"]) == (predicted, "model")
            assert (row["status"], row["reviewer_id"]) == ("unreviewed", "")
        else:
            assert (row["final_label"], row["label_source"]) == (label, "human")
            assert row["status"] == status_of(label, predicted=predicted)
            assert (row["reviewer_id"], row["review_mode"]) == (READER, "single")


def assert_chain_verifies(workspace: Path) -> None:
    """``wbc verify`` finds nothing wrong."""
    wbc = Path(sys.executable).with_name("wbc")
    done = subprocess.run(
        [wbc, "verify", "--workspace", workspace, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"]
