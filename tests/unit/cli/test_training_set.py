"""``wbc export --what training-…``: labelled crops for other programs, and their way back."""

from pathlib import Path

from tests.unit.cli.wbc import Wbc, folder, wbc

__all__ = ["folder", "wbc"]


def labelled(wbc: Wbc, folder: Path, workspace: Path) -> None:
    """Import six cells and label four of them."""
    assert wbc("import", folder, "--workspace", workspace, "--um-per-px", "0.1").code == 0
    code = wbc("info", "--workspace", workspace, "--json").document["workspace"]["code"]
    labels = workspace.parent / "labels.csv"
    lines = [f"{code}-{number:07d},blast" for number in range(1, 5)]
    labels.write_text("\n".join(["cell_id,label", *lines, f"{code}-0000005,unidentified"]))
    assert wbc("label", "--workspace", workspace, "--csv", labels).code == 0


def test_both_forms_are_written_told_and_come_back(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    labelled(wbc, folder, workspace)
    for what, out, source in (
        ("training-hdf5", tmp_path / "set.h5", tmp_path / "set.h5"),
        ("training-folders", tmp_path / "set", tmp_path / "set" / "split.csv"),
    ):
        told = wbc("export", "-w", workspace, "--what", what, "--out", out)
        assert told.code == 0, told.err
        assert "Wrote 4 rows" in told.out
        assert "Split by cell: " in told.out
        assert "1 undecided cell left out" in told.out
        document = wbc("import", source, "-w", tmp_path / f"{what}-back", "--json").document
        assert (document["imported"], document["labels"]) == (4, {"blast": 4})
    again = wbc(
        "export", "-w", workspace, "--what", "training-hdf5", "--out", out / "no.h5", "--json"
    )
    assert again.code == 0
    assert again.document["training_set"] == str(out / "no.h5")
    assert again.document["rows"] == 4
    assert "csv" not in again.document
    assert wbc("verify", "--workspace", workspace).code == 0


def test_a_refusal_is_one_line_that_says_what_to_do(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    assert wbc("import", folder, "--workspace", workspace).code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept.txt").write_text("mine")
    for out, words in (
        (tmp_path / "set", "No cell has a label of a person yet"),
        (tmp_path / "mine", "is there already"),
        (workspace / "set", "must not lie inside the workspace"),
    ):
        outcome = wbc("export", "-w", workspace, "--what", "training-folders", "--out", out)
        assert outcome.code == 1
        assert words in outcome.err
        assert outcome.err.count("\n") == 1
    assert not (tmp_path / "set").exists()
