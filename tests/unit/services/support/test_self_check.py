"""The self-check: each step ends in a line about it, and one that fails says what it found."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from wbc_desktop.services.support import self_check
from wbc_desktop.services.support.self_check import CELLS, LABELLED, SelfCheck, SelfCheckError


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[SelfCheck]:
    folder = tmp_path / "Prüfung mit Leerzeichen"
    folder.mkdir()
    with closing(SelfCheck(folder, paint=lambda: "a window painted")) as made:
        yield made


def advance(trial: SelfCheck, until: str) -> str:
    """Run the steps up to one of them; return what it said."""
    for name, act in trial.steps:
        told = act()
        if name == until:
            return told
    raise LookupError(until)


@pytest.mark.slow
def test_every_step_says_what_it_did(trial: SelfCheck) -> None:
    told = {name: act() for name, act in trial.steps}
    assert told["render"] == f"{CELLS} cells drawn; a window painted"
    assert told["import"] == f"{CELLS} cells imported"
    assert "wbc-robust-1 on onnx" in told["classify"]
    assert told["label"].startswith(f"{LABELLED} cells")
    assert told["export"] == f"{CELLS} rows in cells.csv"
    assert "agree with every label" in told["verify"]
    assert told["adapt"].startswith("wbc-robust-1+adapt-1 made from")


def test_a_step_whose_result_is_wrong_fails_and_names_what_it_found(
    trial: SelfCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance(trial, "render")
    monkeypatch.setattr(self_check, "CELLS", CELLS + 1)
    with pytest.raises(SelfCheckError, match=f"{CELLS} cells in the workspace, not {CELLS + 1}"):
        trial.bring_in()


def test_a_label_that_is_in_no_event_fails_the_last_check(trial: SelfCheck) -> None:
    advance(trial, "label")
    with closing(sqlite3.connect(trial.session.workspace.folder / "workspace.wbc")) as file, file:
        file.execute("UPDATE review SET label = 'blast'")
    with pytest.raises(SelfCheckError, match="blast"):
        trial.verify()
