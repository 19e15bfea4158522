"""``wbc taxonomy``: from one workspace to another, and what cannot be used."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.wbc import Wbc, wbc
from tests.unit.filled_workspace import filled, reopened
from wbc_desktop.domain.taxonomy.edits import ClassUpdate, NewClass
from wbc_desktop.services.session.taxonomy_commands import AddClass, ChangeClass

__all__ = ["wbc"]


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a renamed and a new class."""
    session = filled(tmp_path / "lab")
    session.do(ChangeClass("blast", ClassUpdate(name="Blast cell")))
    session.do(AddClass(NewClass(name="Hairy cell", code="HCL", hotkey="B")))
    session.workspace.close()
    return session.workspace.folder


def test_classes_go_from_one_workspace_to_another(wbc: Wbc, lab: Path, tmp_path: Path) -> None:
    other = filled(tmp_path / "other")
    file = tmp_path / "classes.json"
    written = wbc("taxonomy", "export", file, "--workspace", lab, "--json")
    assert written.document == {"file": str(file), "classes": 20}
    taken = wbc("taxonomy", "import", file, "-w", tmp_path / "other", "--json")
    assert taken.document == {"file": str(file), "classes": 20, "changed": 2}
    again = wbc("taxonomy", "import", file, "-w", tmp_path / "other", "--reviewer", "Zoë")
    assert again.out == "All classes are as the file says already.\n"
    session = reopened(other)
    assert session.taxonomy.by_id["blast"].name == "Blast cell"
    assert session.taxonomy.by_id["hairy_cell"].hotkey == "B"
    session.workspace.close()
    assert wbc("verify", "-w", tmp_path / "other").code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "its format is wbc-classes"),
        (b"\xff", "not UTF-8"),
        (b"[" * 2_000_000, "too large"),
        (None, "could not be read"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    wbc: Wbc, lab: Path, tmp_path: Path, content: bytes | None, message: str
) -> None:
    file = tmp_path / "classes.json"
    if content is not None:
        file.write_bytes(content)
    outcome = wbc("taxonomy", "import", file, "-w", lab, "--json")
    assert outcome.code == 1
    assert message in json.dumps(outcome.document, ensure_ascii=False)


def test_a_folder_that_is_not_there_is_told(wbc: Wbc, lab: Path, tmp_path: Path) -> None:
    outcome = wbc("taxonomy", "export", tmp_path / "no" / "classes.json", "-w", lab)
    assert outcome.code == 1
    assert "does not exist" in outcome.err
