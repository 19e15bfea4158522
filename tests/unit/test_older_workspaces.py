"""What version 0.1.0 made opens unchanged: workspaces, models, jobs and model files.

The workspace is ``tests/fixtures/workspace-0.1.0.zip``; beside it lies what 0.1.0 said of it. It
holds every type of event, two readers, changed classes, a job that was cancelled, one that was
killed half way, and a model that was promoted.
"""

import csv
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.wbc import Wbc, wbc
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
from wbc_desktop.services.export.cells_csv import final_label, given_label, label_source
from wbc_desktop.services.session.attribute_commands import vocabulary_of
from wbc_desktop.services.session.history import HistoryReader
from wbc_desktop.services.session.saved_views import saved_views
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

__all__ = ["wbc"]  # the fixture
FIXTURES = Path(__file__).parents[1] / "fixtures"
SAID: dict[str, Any] = json.loads((FIXTURES / "workspace-0.1.0.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(FIXTURES / "workspace-0.1.0.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path / "workspace"


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with Workspace.open(folder) as workspace:
        yield Session(workspace, reader="A. Maier", taxonomy=taxonomy_v1())


def test_the_log_verifies_and_ends_as_it_did(wbc: Wbc, folder: Path) -> None:
    assert wbc("verify", "--workspace", folder, "--json").document == SAID["verify"]


def test_every_cell_says_what_it_said(session: Session) -> None:
    found = {cell.cell_id: _cell(cell, session) for cell in session.workspace.catalogue.cells.all()}
    assert found == {cell_id: dict(cell) for cell_id, cell in SAID["cells"].items()}


def test_classes_attributes_views_and_references_are_there(session: Session) -> None:
    catalogue, taxonomy = session.workspace.catalogue, session.taxonomy
    own = [(c.id, taxonomy.counted_as[c.id], taxonomy.own(c.id)) for c in taxonomy.classes]
    assert own == [(c["id"], c["counted_as"], c["own"]) for c in SAID["taxonomy"]]
    assert [asdict(a) for a in vocabulary_of(catalogue).attributes] == SAID["vocabulary"]
    assert [asdict(view) for view in saved_views(catalogue)] == SAID["saved_views"]
    references = catalogue.references.references_for()
    assert {str(i): asdict(r) for i, r in references.items()} == SAID["references"]


def test_each_reader_finds_undo_redo_and_history(session: Session) -> None:
    for reader, texts in SAID["readers"].items():
        session.set_reader(reader)
        assert {"undo_text": session.undo_text, "redo_text": session.redo_text} == texts
    steps = HistoryReader(session.workspace.catalogue).next_page().steps
    told = [(step.seq, step.reader, step.text, step.n_cells) for step in steps]
    assert told == [(s["seq"], s["reader"], s["text"], s["n_cells"]) for s in SAID["history"]]


def test_models_and_the_one_in_use_are_the_same(wbc: Wbc, folder: Path) -> None:
    assert wbc("models", "--workspace", folder, "list", "--json").document == SAID["models"]
    info = wbc("info", "--workspace", folder, "--json").document
    assert (info["model_id"], info["model_sha256"]) == (
        SAID["info"]["model_id"],
        SAID["info"]["model_sha256"],
    )


def test_embeddings_serve_what_they_served(session: Session) -> None:
    embeddings = WorkspaceEmbeddings(session.workspace)
    rows = [cell["row_id"] for cell in SAID["cells"].values()]
    assert embeddings.missing(rows).tolist() == SAID["embeddings"]["missing"]
    ((probe, nearest),) = SAID["embeddings"]["nearest_labelled"].items()
    found = embeddings.nearest_labelled(int(probe))
    assert [cell for cell, _ in found] == [cell for cell, _ in nearest]
    assert [value for _, value in found] == pytest.approx([v for _, v in nearest], abs=0.005)


@pytest.mark.parametrize("what", ["cells", "audit"])
def test_exports_have_the_same_rows(wbc: Wbc, folder: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / f"{what}.csv"
    told = wbc("export", "--workspace", folder, "--what", what, "--csv", path)
    assert told.code == 0, told.err
    said = SAID["exports"][what]
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    keep = [i for i, name in enumerate(header) if name not in said["dropped_columns"]]
    table = [[row[i] for i in keep] for row in (header, *rows[: said["rows"]])]
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    assert table[0] == said["columns"]
    assert hashlib.sha256(text.encode()).hexdigest() == said["sha256"]


@pytest.mark.slow
def test_the_job_that_was_killed_goes_on(wbc: Wbc, folder: Path) -> None:
    told = wbc(
        *("retrain", "--workspace", folder, "--site", "Ward North"),
        *("--reviewer", "A. Maier", "--json"),
    )
    assert told.code == 0, told.err
    expected = {key: value for key, value in SAID["resumed"].items() if key != "verify_ok"}
    assert {key: told.document[key] for key in expected} == expected
    assert wbc("verify", "--workspace", folder, "--json").document["ok"]


def test_its_model_file_comes_into_a_new_workspace(wbc: Wbc, folder: Path, tmp_path: Path) -> None:
    Workspace.open(tmp_path / "new", create=True).close()
    file = folder.parent / SAID["wbcmodel"]["file"]
    told = wbc(
        *("models", "--workspace", tmp_path / "new", "import", file),
        *("--reviewer", "A. Maier", "--json"),
    )
    assert told.code == 0, told.err
    expected = SAID["wbcmodel"]["imported"]
    assert {key: told.document[key] for key in expected} == expected


def _cell(cell: CellRecord, session: Session) -> dict[str, Any]:
    """A cell in the words of the recorded JSON."""
    review = cell.review
    same = (
        *("site", "image_path", "image_sha256", "source_label", "um_per_px"),
        *("predicted", "model_id", "pred_set", "flagged", "note"),
    )
    return {
        **{name: getattr(cell, name) for name in same},
        "row_id": cell.id,
        "patient": cell.patient_code,
        "slide": cell.slide_code,
        "confidence": _rounded(cell.pred_prob),
        "ood_score": _rounded(cell.ood_score),
        "label": final_label(cell, session.taxonomy),
        "given_label": given_label(cell),
        "label_source": label_source(cell),
        "status": "unreviewed" if review is None else review.status.value,
        "reader": None if review is None else review.reviewer,
        "mode": None if review is None else review.mode.value,
        "reviewed_at": None if review is None else review.reviewed_at,
        "n_reviews": 0 if review is None else review.n_reviews,
        "attributes": list(cell.attributes),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
