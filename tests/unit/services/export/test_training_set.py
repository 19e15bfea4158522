"""Training sets for other programs: what is in them, what is not, and that they come back."""

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.services.small_workspace import (
    TAXONOMY,
    add_cells,
    crop_bytes,
    new_workspace,
    predict,
)
from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.label_split import SplitPart
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import Exported, export
from wbc_desktop.services.export.training_cells import COLUMNS, SPLIT_HEADER
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions, LabelsFrom
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.session.commands import Accept, Relabel
from wbc_desktop.services.session.session import Session

LABELS = ("lymphocyte", "monocyte", "neutrophil")
PER_PATIENT = 6


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def labelled(session: Session, *patients: str, first: int = 0) -> list[int]:
    """Patients of six labelled cells each, on two slides, some drawn, some accepted in bulk."""
    cells: list[int] = []
    for place, patient in enumerate(patients):
        start = first + PER_PATIENT * place
        ids = [
            *add_cells(session, range(start, start + 3), patient=patient, site="Ward 2"),
            *add_cells(session, range(start + 3, start + 6), patient=patient, slide="slide 2"),
        ]
        predict(session, ids, ["lymphocyte"] * PER_PATIENT)
        session.do(Accept((ids[0],), ReviewMode.SINGLE))
        session.do(Accept((ids[3],), ReviewMode.BULK))
        session.do(Relabel((ids[1], ids[4]), "monocyte", ReviewMode.QUEUE))
        session.do(Relabel((ids[2], ids[5]), "neutrophil", ReviewMode.DRAW))
        cells += ids
    return cells


def write(session: Session, path: Path, *, folders: bool = False) -> Exported:
    return export(
        session, path, what=ExportKind.TRAINING_FOLDERS if folders else ExportKind.TRAINING_HDF5
    )


def split_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "split.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def hdf5_rows(path: Path) -> list[dict[str, object]]:
    with h5py.File(path) as file:
        columns = {
            column.name: file[column.name].asstr()[()]
            if column.kind is str
            else file[column.name][()]
            for column in COLUMNS
        }
        n = len(file["images"])
    return [{name: values[i] for name, values in columns.items()} for i in range(n)]


def test_folders_hold_each_crop_byte_for_byte_under_its_class(
    session: Session, tmp_path: Path
) -> None:
    labelled(session, "P-1", "P-2", "P-3")
    exported = write(session, tmp_path / "set", folders=True)
    rows = split_rows(tmp_path / "set")
    assert exported.written.rows == len(rows) == 18
    assert tuple(rows[0]) == SPLIT_HEADER
    for row in rows:
        encoded = (tmp_path / "set" / row["image_path"]).read_bytes()
        assert hashlib.sha256(encoded).hexdigest() == row["image_sha256"]
        assert row["image_path"] == f"{row['label']}/{row['cell_id']}.png"
        assert row["patient_id"] not in row["image_path"]
    files = {p.relative_to(tmp_path / "set").as_posix() for p in (tmp_path / "set").rglob("*.*")}
    assert files == {row["image_path"] for row in rows} | {"split.csv", "split.csv.meta.json"}


def test_hdf5_and_folders_say_the_same(session: Session, tmp_path: Path) -> None:
    labelled(session, "P-1", "P-2", "=P-3")
    write(session, tmp_path / "set", folders=True)
    write(session, tmp_path / "set.h5")
    found, told = hdf5_rows(tmp_path / "set.h5"), split_rows(tmp_path / "set")
    for row, other in zip(found, told, strict=True):
        for column in COLUMNS:
            value = row[column.name]
            if column.kind is str:
                assert str(value) == other[column.name].removeprefix("'")
            elif column.kind is int:
                assert str(value) == other[column.name]
            else:
                assert np.isclose(
                    float(str(value)), float(other[column.name] or "nan"), equal_nan=True
                )
    with h5py.File(tmp_path / "set.h5") as file:
        for place, row in enumerate(found):
            sha256 = hashlib.sha256(file["images"][place].tobytes()).hexdigest()
            assert sha256 == row["image_sha256"]
        assert [*file.attrs["class_names"]] == sorted(LABELS)
        assert file.attrs["notice"] == RESEARCH_USE_ONLY


def test_only_labels_of_people_are_exported_and_merged_classes_count_as_what_they_are(
    session: Session, tmp_path: Path
) -> None:
    ids = labelled(session, "P-1", "P-2", "P-3")
    more = add_cells(session, [90, 91, 92], patient="P-4")
    predict(session, more, ["blast"] * 3)
    session.do(Relabel((more[0],), "unidentified", ReviewMode.SINGLE))
    session.do(Relabel((more[1],), "artefact", ReviewMode.SINGLE))
    exported = write(session, tmp_path / "set", folders=True)
    rows = split_rows(tmp_path / "set")
    assert len(rows) == len(ids) + 1
    assert [row["label"] for row in rows if row["patient_id"] == "P-4"] == ["artefact"]
    meta = json.loads(exported.meta.read_text(encoding="utf-8"))
    assert meta["undecided_left_out"] == 1
    assert meta["classes"]["neutrophil"] == {
        "name": "Neutrophil, not further specified",
        "parent": None,
        "cells": 6,
    }
    assert meta["models"] == {"drawn-model": "ab" * 32}
    assert meta["split"] == {
        part.value: sum(row["split"] == part.value for row in rows) for part in SplitPart
    }


def test_no_patient_stands_on_two_sides_and_drawn_cells_never_train(
    session: Session, tmp_path: Path
) -> None:
    labelled(session, *(f"P-{number}" for number in range(8)))
    write(session, tmp_path / "set", folders=True)
    parts: dict[str, set[str]] = {}
    for row in split_rows(tmp_path / "set"):
        assert (row["drawn"] == "1") == (row["review_mode"] == "draw")
        assert row["drawn"] == "0" or row["split"] in {"holdout", "test"}
        parts.setdefault(row["patient_id"], set()).add(row["split"])
    assert {frozenset(found) for found in parts.values()} == {
        frozenset({"train", "holdout"}),
        frozenset({"val", "holdout"}),
        frozenset({"test"}),
    }


def test_an_export_pins_the_log_and_is_recorded(session: Session, tmp_path: Path) -> None:
    labelled(session, "P-1", "P-2", "P-3")
    seq, head = session.workspace.catalogue.events.head()
    for folders, name in ((False, "set.h5"), (True, "set")):
        exported = write(session, tmp_path / name, folders=folders)
        meta = json.loads(exported.meta.read_text(encoding="utf-8"))
        file = tmp_path / name / "split.csv" if folders else tmp_path / name
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        event = list(session.workspace.catalogue.events.all())[-1]
        assert event.type is EventType.EXPORTED
        assert event.payload["sha256"] == sha256 == meta["sha256"]
        assert event.payload["what"] == exported.what.value == meta["what"]
        assert event.payload["head"] == meta["head_hash"]
        assert (exported.head_seq, exported.head_hash) == (meta["head_seq"], meta["head_hash"])
        if not folders:
            assert (meta["head_seq"], meta["head_hash"]) == (seq, head)


@pytest.mark.parametrize("way", ["hdf5", "folders", "split"])
def test_a_training_set_can_be_imported_again(session: Session, tmp_path: Path, way: str) -> None:
    labelled(session, "P-1", "P-2", "P-3")
    write(session, tmp_path / "set", folders=True)
    write(session, tmp_path / "set.h5")
    rows = split_rows(tmp_path / "set")
    source = {"hdf5": "set.h5", "folders": "set", "split": "set/split.csv"}[way]
    labels = LabelsFrom.FOLDER if way == "folders" else None
    other = new_workspace(tmp_path / "other")
    with other.workspace:
        execute_plan(read_plan([tmp_path / source], options=ImportOptions(labels=labels)), other)
        found = [*other.workspace.catalogue.cells.all()]
        assert {(c.image_sha256, c.source_label) for c in found} == {
            (row["image_sha256"], row["label"]) for row in rows
        }
        assert len(found) == len(rows)
        if way != "folders":  # class folders know no patient
            assert {(c.image_sha256, c.patient_code, c.slide_code) for c in found} == {
                (row["image_sha256"], row["patient_id"], row["slide_id"]) for row in rows
            }


def test_the_scale_and_the_kind_of_file_come_back(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path / "P-1", {"a.png": drawn_crops.jpeg(1), "b.png": drawn_crops.png(2)})
    session, other = new_workspace(tmp_path / "one"), new_workspace(tmp_path / "two")
    with session.workspace, other.workspace:
        plan = read_plan([tmp_path / "P-1"], options=ImportOptions(um_per_px=0.125))
        execute_plan(plan, session)
        session.do(Relabel((1, 2), "blast", ReviewMode.SINGLE))
        write(session, tmp_path / "set.h5")
        execute_plan(read_plan([tmp_path / "set.h5"], options=ImportOptions()), other)
        found = [*other.workspace.catalogue.cells.all()]
        code = session.workspace.code
        assert [cell.um_per_px for cell in found] == [0.125, 0.125]
        assert [cell.image_path for cell in found] == [f"{code}-0000001.jpg", f"{code}-0000002.png"]


def test_two_cells_of_one_crop_are_two_rows_on_one_side(session: Session, tmp_path: Path) -> None:
    labelled(session, *"ABCDEFGH")
    twins = [*add_cells(session, [500], patient="A"), *add_cells(session, [500], patient="B")]
    session.do(Relabel(tuple(twins), "blast", ReviewMode.SINGLE))
    write(session, tmp_path / "set", folders=True)
    rows = [row for row in split_rows(tmp_path / "set") if row["label"] == "blast"]
    assert len({row["image_path"] for row in rows}) == 2
    assert len({row["group"] for row in rows}) == len({row["split"] for row in rows}) == 1


def test_what_was_drawn_first_stays_held_out_whatever_is_said_later(
    session: Session, tmp_path: Path
) -> None:
    cells = labelled(session, *"ABCDEFGH")
    session.do(Relabel(tuple(cells[2::PER_PATIENT]), "blast", ReviewMode.SINGLE))  # drawn before
    session.do(Relabel(tuple(cells[1::PER_PATIENT]), "blast", ReviewMode.DRAW))  # too late
    write(session, tmp_path / "set", folders=True)
    rows = [row for row in split_rows(tmp_path / "set") if row["label"] == "blast"]
    ids = {f"{session.workspace.code}-{cell:07d}" for cell in cells[2::PER_PATIENT]}
    assert {row["cell_id"] for row in rows if row["drawn"] == "1"} == ids
    assert "train" in {row["split"] for row in rows if row["review_mode"] == "draw"}


def test_a_twin_of_a_drawn_picture_never_trains(session: Session, tmp_path: Path) -> None:
    labelled(session, *"ABCDEFGH")
    twins = [*add_cells(session, [2], patient="I"), *add_cells(session, [8], patient="J")]
    session.do(Relabel(tuple(twins), "blast", ReviewMode.SINGLE))
    write(session, tmp_path / "set", folders=True)
    for row in split_rows(tmp_path / "set"):
        if row["label"] == "blast":
            assert (row["drawn"], row["split"] in {"holdout", "test"}) == ("0", True)


def refused(session: Session, path: Path, *, folders: bool = True) -> str:
    """The refusal, after which nothing may have been recorded."""
    before = session.workspace.catalogue.events.head()
    with pytest.raises(UserError) as error:
        write(session, path, folders=folders)
    assert session.workspace.catalogue.events.head() == before
    return str(error.value)


def test_nothing_labelled_is_refused(session: Session, tmp_path: Path) -> None:
    cells = add_cells(session, range(2))
    assert "No cell has a label of a person" in refused(session, tmp_path / "set")
    session.do(Relabel(tuple(cells), "unidentified", ReviewMode.SINGLE))
    assert "2 were seen and left undecided" in refused(session, tmp_path / "a.h5", folders=False)
    assert names(tmp_path) == ["workspace"]


def names(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_place_that_is_taken_or_inside_the_workspace_is_refused(
    session: Session, tmp_path: Path
) -> None:
    labelled(session, "P-1")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    assert "The folder is there already" in refused(session, tmp_path / "full")
    assert "A file has the name" in refused(session, tmp_path / "file")
    assert "does not exist" in refused(session, tmp_path / "no" / "set")
    assert "inside the workspace" in refused(session, tmp_path / "workspace" / "models" / "x")
    assert "inside the workspace" in refused(session, tmp_path / "workspace")
    assert "inside" in refused(session, tmp_path / "workspace" / "workspace.wbc", folders=False)
    assert "A folder has the name" in refused(session, tmp_path / "full", folders=False)
    assert names(tmp_path) == ["file", "full", "workspace"]
    assert names(tmp_path / "full") == ["mine.txt"]


def test_an_empty_folder_is_filled_and_a_file_replaced(session: Session, tmp_path: Path) -> None:
    labelled(session, "P-1")
    (tmp_path / "set").mkdir()
    (tmp_path / "set.h5").write_bytes(b"old")
    write(session, tmp_path / "set", folders=True)
    write(session, tmp_path / "set.h5")
    assert len(split_rows(tmp_path / "set")) == len(hdf5_rows(tmp_path / "set.h5")) == PER_PATIENT
    assert names(tmp_path) == ["set", "set.h5", "set.h5.meta.json", "workspace"]


@pytest.mark.parametrize("folders", [True, False])
def test_a_crop_that_is_gone_leaves_nothing_half_written(
    session: Session, tmp_path: Path, folders: bool
) -> None:
    cells = labelled(session, "P-1")
    (tmp_path / "set.h5").write_bytes(b"old")
    sha256 = session.workspace.catalogue.cells.shas(cells[-1:])[0]
    with session.workspace.crops._borrowed() as connection:
        connection.execute("DROP TRIGGER crop_is_never_deleted")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM crop WHERE sha256 = ?", (bytes.fromhex(sha256),))
    target = tmp_path / ("set" if folders else "set.h5")
    assert "A crop is missing" in refused(session, target, folders=folders)
    assert names(tmp_path) == ["set.h5", "workspace"]
    assert (tmp_path / "set.h5").read_bytes() == b"old"


@pytest.mark.parametrize("folders", [True, False])
def test_a_full_disk_is_told_in_plain_words_and_leaves_nothing(
    session: Session, tmp_path: Path, folders: bool
) -> None:
    resource = pytest.importorskip("resource")
    cells = add_cells(session, [1])
    big = session.workspace.crops.add(crop_bytes(1, side=900) + os.urandom(300_000)).sha256
    assert big
    add_big(session, big)
    session.do(Relabel((*cells, cells[0] + 1), "blast", ReviewMode.SINGLE))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        text = refused(session, tmp_path / "set", folders=folders)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "could not be written" in text
    assert "File too large" in text
    assert names(tmp_path) == ["workspace"]


def add_big(session: Session, sha256: str) -> None:
    from tests.unit.services.small_workspace import ImportCells
    from wbc_desktop.store.records import NewCell

    cell = NewCell(slide="s", image_path="big.png", image_sha256=sha256)
    session.record(ImportCells("P-1", (cell,)))


def test_labels_at_any_depth_keep_their_depth(session: Session, tmp_path: Path) -> None:
    cells = add_cells(session, range(3))
    for cell, label in zip(cells, ("neutrophil", "neutrophil_band", "blast"), strict=True):
        session.do(Relabel((cell,), label, ReviewMode.SINGLE))
    write(session, tmp_path / "set.h5")
    assert {row["label"] for row in hdf5_rows(tmp_path / "set.h5")} == {
        "neutrophil",
        "neutrophil_band",
        "blast",
    }
    assert TAXONOMY.by_id["neutrophil_band"].parent == "neutrophil"
