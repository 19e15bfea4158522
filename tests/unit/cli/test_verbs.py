"""The verbs: what they do, what they print, and how they fail."""

import csv
import json
import sqlite3
import tempfile
from pathlib import Path

import pytest

from tests.unit.cli.wbc import Wbc, folder, wbc
from tests.unit.services.small_workspace import crop_bytes
from wbc_desktop import RESEARCH_USE_ONLY, __version__

__all__ = ["folder", "wbc"]

VERBS = (
    *("demo", "import", "classify", "embed", "label", "export", "report", "run", "verify", "info"),
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_run_makes_a_csv_of_a_folder_and_leaves_nothing_else(
    wbc: Wbc, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    outcome = wbc("run", folder, "--csv", tmp_path / "out.csv")
    assert outcome.code == 0, outcome.err
    assert "Wrote 6 rows" in outcome.out
    assert "head hash" in outcome.out
    written = rows(tmp_path / "out.csv")
    assert [row["image_path"] for row in written] == [
        f"slide {number // 3 + 1}/c{number}.png" for number in range(6)
    ]
    assert {row["patient_id"] for row in written} == {"P-1"}
    assert all(row["final_label"] and row["model_id"] for row in written)
    assert list(scratch.iterdir()) == []


def test_run_keeps_a_workspace_that_is_named_and_tells_the_folders_patients_only(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    other = tmp_path / "P-2"
    other.mkdir()
    (other / "x.png").write_bytes(crop_bytes(99))
    assert wbc("run", folder, "--csv", tmp_path / "a.csv", "--workspace", workspace).code == 0
    assert wbc("run", other, "--csv", tmp_path / "b.csv", "--workspace", workspace).code == 0
    assert [row["patient_id"] for row in rows(tmp_path / "b.csv")] == ["P-2"]
    again = wbc("run", folder, "--csv", tmp_path / "c.csv", "--workspace", workspace, "--json")
    assert again.document["import"]["imported"] == 0
    assert again.document["classify"]["classified"] == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "c.csv").read_bytes()


def test_the_job_step_by_step_takes_folder_or_file_and_verifies(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    file = workspace / "workspace.wbc"
    out = tmp_path / "cells.csv"
    imported = wbc("import", folder, "--workspace", workspace, "--site", "Ward 2", "--json")
    assert (imported.document["imported"], imported.document["other_files"]) == (6, 1)
    assert wbc("classify", "--workspace", file, "--json").document["classified"] == 6
    assert wbc("classify", "--workspace", file, "--json").document["classified"] == 0
    assert wbc("classify", "--workspace", file, "--again", "--json").document["classified"] == 6
    assert wbc("export", "--workspace", workspace, "--csv", out).code == 0
    first = rows(out)[0]
    assert first["site_id"] == "Ward 2"

    labels = tmp_path / "labels.csv"
    labels.write_text(f"cell_id,label,comment\n{first['cell_id']},blast,=look\n")
    labelled = wbc("label", "-w", workspace, "--csv", labels, "--reviewer", "Dr B", "--json")
    assert (labelled.document["labelled"], labelled.document["commented"]) == (1, 1)
    assert wbc("export", "-w", workspace, "--csv", out).code == 0
    first = rows(out)[0]
    assert (first["final_label"], first["reviewer_id"], first["comment"]) == (
        "blast",
        "Dr B",
        "'=look",
    )
    for what in ("differential", "audit"):
        exported = wbc(
            "export", "-w", workspace, "--csv", tmp_path / "x.csv", "--what", what, "--json"
        )
        assert exported.document["rows"] == len(rows(tmp_path / "x.csv"))

    assert wbc("verify", "--workspace", workspace, "--json").document["ok"]
    head = json.loads((tmp_path / "cells.csv.meta.json").read_text())["head_hash"]
    assert wbc("verify", "--workspace", workspace, "--head", head).code == 0
    assert wbc("verify", "--workspace", workspace, "--head", "00" * 32).code == 1


def test_verify_names_the_cell_whose_label_was_changed_behind_its_back(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    out = tmp_path / "cells.csv"
    wbc("run", folder, "--csv", out, "--workspace", workspace)
    cell = rows(out)[4]["cell_id"]
    labels = tmp_path / "labels.csv"
    labels.write_text("cell_id,label\n" + "".join(f"{r['cell_id']},blast\n" for r in rows(out)))
    assert wbc("label", "-w", workspace, "--csv", labels).code == 0
    connection = sqlite3.connect(workspace / "workspace.wbc")
    with connection:
        connection.execute(
            "UPDATE review SET label = 'monocyte' WHERE cell_id = ?", (int(cell.split("-")[1]),)
        )
    connection.close()
    outcome = wbc("verify", "--workspace", workspace)
    assert outcome.code == 1
    assert cell in outcome.err
    assert len(outcome.err.splitlines()) == 1
    told = wbc("verify", "--workspace", workspace, "--json")
    assert (told.code, told.document["ok"]) == (1, False)
    assert cell in told.document["problems"][0]


def test_a_dry_run_tells_and_writes_nothing(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG broken")
    workspace = tmp_path / "workspace"
    outcome = wbc("import", folder, "--workspace", workspace, "--dry-run")
    assert outcome.code == 0
    assert "6 new cells" in outcome.out
    assert "broken.png" in outcome.out
    assert not workspace.exists()
    wbc("import", folder, "--workspace", workspace)
    again = wbc("import", folder, "--workspace", workspace, "--dry-run", "--json").document
    assert (again["new_cells"], len(again["duplicates"])) == (0, 6)


@pytest.mark.parametrize("name", ["w", "w/workspace.wbc"])
def test_a_new_workspace_is_made_only_when_there_is_something_to_import(
    wbc: Wbc, folder: Path, tmp_path: Path, name: str
) -> None:
    workspace = tmp_path / name
    (tmp_path / "empty").mkdir()
    for wrong in (
        ("import", tmp_path / "nowhere", "-w", workspace),
        ("import", tmp_path / "empty", "-w", workspace),
        ("import", folder, "-w", workspace, "--labels", "csv"),
        ("import", folder, "-w", workspace, "--site", "\udcff"),
        ("import", folder, "-w", workspace, "--reviewer", "\udcff"),
        ("run", tmp_path / "nowhere", "-w", workspace, "--csv", tmp_path / "o.csv"),
    ):
        outcome = wbc(*wrong)
        assert outcome.code == 1
        assert len(outcome.err.splitlines()) == 1
        assert not (tmp_path / "w").exists()
    assert wbc("import", folder, "-w", workspace, "--dry-run").code == 0
    assert not (tmp_path / "w").exists()
    assert wbc("import", folder, "-w", workspace).code == 0
    assert (tmp_path / "w" / "workspace.wbc").is_file()


def test_a_place_for_a_workspace_is_judged_before_the_images_are_read(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for place, said in ((file / "w", "is a file"), (folder, "The folder is not empty")):
        outcome = wbc("import", tmp_path / "nowhere", "-w", place)
        assert (outcome.code, said in outcome.err) == (1, True)


def test_a_report_is_written_and_recorded(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    wbc("import", folder, "-w", tmp_path / "w")
    outcome = wbc("report", "-w", tmp_path / "w", "--html", tmp_path / "r.html", "--json")
    assert outcome.document["cells"] == 6
    assert "P-1" in (tmp_path / "r.html").read_text(encoding="utf-8")
    wbc("export", "-w", tmp_path / "w", "--csv", tmp_path / "audit.csv", "--what", "audit")
    assert any("r.html" in row["payload"] for row in rows(tmp_path / "audit.csv"))


def test_a_demo_that_was_reviewed_is_kept(wbc: Wbc, tmp_path: Path) -> None:
    demo, labels = tmp_path / "demo", tmp_path / "labels.csv"
    assert wbc("demo", "--out", demo).code == 0
    cell = rows(demo / "cells.csv")[0]["cell_id"]
    labels.write_text(f"cell_id,label\n{cell},monocyte\n", encoding="utf-8")
    assert wbc("label", "-w", demo / "workspace", "--csv", labels).code == 0
    outcome = wbc("demo", "--out", demo)
    assert (outcome.code, "has been reviewed" in outcome.err) == (1, True)
    assert "Reviewed     1" in wbc("info", "-w", demo / "workspace").out


def test_an_export_whose_json_cannot_be_written_writes_no_csv_either(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    wbc("import", folder, "-w", tmp_path / "w")
    (tmp_path / "o.csv.meta.json").mkdir()
    outcome = wbc("export", "-w", tmp_path / "w", "--csv", tmp_path / "o.csv")
    assert (outcome.code, len(outcome.err.splitlines())) == (1, 1)
    assert not (tmp_path / "o.csv").exists()


def test_a_damaged_prediction_is_told_and_nothing_is_written(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    workspace, out = tmp_path / "w", tmp_path / "o.csv"
    wbc("import", folder, "-w", workspace)
    wbc("classify", "-w", workspace)
    for bad in (b"0", b"0000"):
        connection = sqlite3.connect(workspace / "workspace.wbc")
        with connection:
            connection.execute("UPDATE prediction SET probs = ? WHERE cell_id = 2", (bad,))
        connection.close()
        outcome = wbc("export", "-w", workspace, "--csv", out)
        assert (outcome.code, len(outcome.err.splitlines())) == (1, 1)
        assert "-0000002" in outcome.err
        assert not out.exists()


def test_a_batch_holds_a_folder_for_each_patient(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "batch").mkdir()
    folder.rename(tmp_path / "batch" / "P-1")
    other = tmp_path / "batch" / "P-2"
    other.mkdir()
    (other / "x.png").write_bytes(crop_bytes(99))
    outcome = wbc("import", tmp_path / "batch", "-w", tmp_path / "w", "--batch", "--json")
    assert outcome.document["patients"] == {"P-1": 6, "P-2": 1}


def test_labels_of_folders_stand_beside_and_are_not_taken_for_a_review(
    wbc: Wbc, tmp_path: Path
) -> None:
    for name, number in (("SNE", 1), ("lymphocytes", 2)):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / "a.png").write_bytes(crop_bytes(number))
    wbc("import", tmp_path / "set", "-w", tmp_path / "w", "--labels", "folder")
    wbc("export", "-w", tmp_path / "w", "--csv", tmp_path / "out.csv")
    written = rows(tmp_path / "out.csv")
    assert {row["source_label"] for row in written} == {"neutrophil_segmented", "lymphocyte"}
    assert {row["final_label"] for row in written} == {""}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "{tmp}/nowhere", "--csv", "{tmp}/o.csv"), "nowhere"),
        (("run", "{tmp}/empty", "--csv", "{tmp}/o.csv"), "There are no crops to import"),
        (("classify", "--workspace", "{tmp}/nowhere"), "not a workspace"),
        (("export", "--workspace", "{tmp}/empty", "--csv", "{tmp}/o.csv"), "not a workspace"),
        (("run", "{folder}", "--csv", "{tmp}/no/o.csv"), "does not exist"),
        (("run", "{folder}", "--csv", "{tmp}"), "A folder has the name of the file"),
        (("run", "{manifest}", "--csv", "{manifest}"), "would replace what is imported"),
        (("run", "{folder}", "--csv", "{tmp}/o.csv", "--um-per-px", "-1"), "scale"),
        (("demo", "--out", "{folder}"), "not made by a demo"),
        (("info", "--workspace", "{folder}/notes.txt"), "workspace"),
    ],
)
def test_an_error_of_the_users_is_one_line_and_exit_code_1(
    wbc: Wbc, folder: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("image_path\nP-1/slide 1/c0.png\n")
    filled = [a.format(tmp=tmp_path, folder=folder, manifest=manifest) for a in arguments]
    outcome = wbc(*filled)
    assert outcome.code == 1
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not list(tmp_path.glob("*.part"))
    told = wbc(*filled, "--json")
    assert told.code == 1
    assert told.document["error"]["title"]
    assert manifest.read_text().startswith("image_path")


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("run",),
        ("run", "folder"),
        ("export", "--workspace", "w", "--csv", "o.csv", "--what", "everything"),
        ("import", "folder", "--workspace", "w", "--labels", "dreams"),
        ("run", "folder", "--csv", "o.csv", "--um-per-px", "wide"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(wbc: Wbc, arguments: tuple[str, ...]) -> None:
    assert wbc(*arguments).code == 2


def test_every_verb_helps_and_speaks_json(wbc: Wbc) -> None:
    overview = wbc("--help").out
    assert RESEARCH_USE_ONLY in overview
    for verb in VERBS:
        assert verb in overview
        outcome = wbc(verb, "--help")
        assert outcome.code == 0
        assert "--json" in outcome.out


def test_info_names_version_model_and_what_a_workspace_holds(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    assert wbc("--version").out.strip() == f"wbc {__version__}"
    wbc("import", folder, "--workspace", tmp_path / "w")
    outcome = wbc("info", "--workspace", tmp_path / "w")
    assert RESEARCH_USE_ONLY in outcome.out
    document = wbc("info", "--workspace", tmp_path / "w", "--json").document
    assert (document["version"], document["engine"]) == (__version__, "onnx")
    held = document["workspace"]
    assert (held["patients"], held["slides"], held["cells"], held["reviewed"]) == (1, 2, 6, 0)


def test_embed_computes_what_is_missing_and_mends_what_is_damaged(
    wbc: Wbc, folder: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "ws"
    assert wbc("import", folder, "--workspace", workspace).code == 0
    first = json.loads(wbc("embed", "--workspace", workspace, "--json").out)
    assert (first["cells"], first["computed"], first["damaged"]) == (6, 6, [])
    again = json.loads(wbc("embed", "--workspace", workspace, "--json").out)
    assert (again["computed"], again["unreadable"]) == (0, 0)
    (file,) = (workspace / "embeddings").glob("*/*.emb")
    file.write_bytes(file.read_bytes()[:-9])
    mended = json.loads(wbc("embed", "--workspace", workspace, "--json").out)
    assert mended["computed"] == 6
    assert file.name in mended["damaged"][0]
    assert "already" in wbc("embed", "--workspace", workspace).out
