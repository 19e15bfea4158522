"""``wbc models``: one workspace from a candidate to a promoted model, back, and to another lab."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.wbc import Wbc, folder, wbc
from tests.unit.services.small_workspace import TAXONOMY
from tests.unit.services.workspace_models import ADAPTED, registered
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.evaluation import Outcome
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

__all__ = ["folder", "wbc"]

BASE = "wbc-robust-1"


@pytest.fixture
def lab(tmp_path: Path, folder: Path, wbc: Wbc) -> Path:
    """A classified workspace of six cells, one of them labelled, with a candidate."""
    place = tmp_path / "lab"
    assert wbc("run", folder, "--workspace", place, "--csv", tmp_path / "out.csv").code == 0
    with Workspace.open(place) as workspace:
        session = Session(workspace, reader="Tester", taxonomy=TAXONOMY)
        session.do(Relabel((1,), "monocyte", ReviewMode.SINGLE))
        registered(session, outcome=Outcome.NOT_BETTER)
    return place


def test_a_model_is_listed_promoted_and_rolled_back(lab: Path, wbc: Wbc) -> None:
    listed = wbc("models", "--workspace", lab, "--json").document
    assert listed["active"] == BASE
    assert [model["model_id"] for model in listed["models"]] == [BASE, ADAPTED]
    said = listed["models"][1]["verdict"]
    assert (said["outcome"], said["macro_f1"]) == ("not_better", {"old": 0.5, "new": 0.625})

    refused = wbc("models", "--workspace", lab, "promote", ADAPTED, "--json")
    assert refused.code == 1
    assert "written reason" in refused.document["error"]["title"]
    done = wbc("models", "-w", lab, "promote", ADAPTED, "--reason", "We looked.", "--json").document
    assert (done["model_id"], done["before"]) == (ADAPTED, BASE)
    assert (done["reclassified"], done["skipped"]) == (5, 0)
    assert done["changed"] == sum(change["n"] for change in done["changes"]) == 5
    shipped, adapted = wbc("models", "-w", lab, "list", "--json").document["models"]
    assert shipped["reason"] is None
    assert adapted["reason"]["text"] == "We looked."
    assert adapted["reason"]["by"]
    assert adapted["reason"]["at"]
    info = wbc("info", "--workspace", lab, "--json").document
    assert (info["model_id"], info["workspace"]["classified"][ADAPTED]) == (ADAPTED, 5)

    back = wbc("models", "rollback", "--workspace", lab, "--json").document
    assert (back["model_id"], back["changed"]) == (BASE, 5)
    assert wbc("verify", "--workspace", lab).code == 0
    again = wbc("models", "rollback", "--workspace", lab)
    assert again.code == 1
    assert "no earlier model" in again.err


def test_people_read_tables_and_sentences(lab: Path, wbc: Wbc) -> None:
    shown = wbc("models", "--workspace", lab).out
    assert ADAPTED in shown
    assert "not better" in shown
    side = wbc("models", "--workspace", lab, "compare", BASE, ADAPTED).out
    assert "F1 of monocyte" in side
    assert "was not judged" not in side
    told = wbc("models", "--workspace", lab, "promote", ADAPTED, "--reason", "We looked.").out
    assert "classified 5 unreviewed cells again: 5 predictions changed" in told


def test_a_model_travels_to_another_workspace(
    lab: Path, wbc: Wbc, tmp_path: Path, folder: Path
) -> None:
    file = tmp_path / "site.wbcmodel"
    sent = wbc("models", "--workspace", lab, "export", ADAPTED, file, "--json").document
    assert sent["bytes"] == file.stat().st_size
    other = tmp_path / "other"
    assert wbc("import", folder, "--workspace", other).code == 0
    came = wbc("models", "--workspace", other, "import", file, "--json").document
    assert (came["model_id"], came["imported_from"], came["verdict"]) == (ADAPTED, file.name, None)
    twice = wbc("models", "--workspace", other, "import", file)
    assert "has this model already" in twice.err
    assert wbc("models", "-w", other, "promote", ADAPTED, "--reason", "Same scanner.").code == 0
    assert wbc("verify", "--workspace", other).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("melt",),
        ("promote",),
        ("compare", BASE),
        ("rollback", ADAPTED),
        ("list", "--reason", "none"),
    ],
)
def test_a_wrong_command_line_is_told_as_such(wbc: Wbc, tmp_path: Path, words: tuple[str]) -> None:
    assert wbc("models", "--workspace", tmp_path, *words).code == 2


def test_a_damaged_active_model_is_told_and_rolled_back(lab: Path, wbc: Wbc) -> None:
    wbc("models", "--workspace", lab, "promote", ADAPTED, "--reason", "We looked.")
    (lab / "models" / ADAPTED / "head.safetensors").unlink()
    listed = wbc("models", "--workspace", lab).out
    assert "damaged" in listed
    assert f"{ADAPTED}: head.safetensors is missing or empty" in listed
    told = wbc("classify", "--workspace", lab)
    assert told.code == 1
    assert ADAPTED in told.err
    assert "wbc models rollback" in told.err
    info = wbc("info", "--workspace", lab, "--json").document
    assert info["model_id"] == ADAPTED
    assert "head.safetensors" in info["model_problem"]
    assert wbc("verify", "--workspace", lab).code == 1
    assert wbc("models", "rollback", "--workspace", lab).code == 0
    assert wbc("verify", "--workspace", lab).code == 1  # the model that is kept is damaged still


def test_an_active_model_that_the_log_does_not_know_is_told(lab: Path, wbc: Wbc) -> None:
    stray = {"model": "stray", "model_sha256": "f" * 64, "shipped": False}
    with closing(sqlite3.connect(lab / "workspace.wbc")) as file, file:
        file.execute("REPLACE INTO meta VALUES ('active_model', ?)", (json.dumps(stray),))
    listed = wbc("models", "--workspace", lab)
    assert listed.code == 0
    assert "its audit log knows no such model" in listed.err
    assert wbc("models", "--workspace", lab, "--json").document["active"] == "stray"
    for words in (("models", "rollback"), ("classify",), ("retrain",)):
        told = wbc(*words, "--workspace", lab)
        assert told.code == 1
        assert "Traceback" not in told.err
