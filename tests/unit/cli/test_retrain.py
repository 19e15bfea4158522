"""``wbc retrain``: from labels to a model that is promoted, and every way it can end before."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.unit.cli.wbc import Wbc, wbc
from tests.unit.services.training_workspace import label, with_cells
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.services.training import jobs
from wbc_desktop.store.workspace import Workspace

__all__ = ["wbc"]


def labelled(folder: Path, *, n: int = 48) -> Path:
    """A workspace of three patients with labels."""
    session, cells = with_cells(folder, n=16, patients=3, site="here")
    label(session, cells[:n])
    session.workspace.close()
    return folder


def test_too_few_labels_are_refused_on_one_line(wbc: Wbc, tmp_path: Path) -> None:
    work = labelled(tmp_path / "w", n=4)
    told = wbc("retrain", "--workspace", work, "--json")
    assert told.code == 1
    assert "Label 6 more cells" in told.document["error"]["detail"]
    assert told.err.count("\n") == 1
    assert not [*(work / "jobs").glob("0*")]


def test_an_unknown_site_is_refused(wbc: Wbc, tmp_path: Path) -> None:
    told = wbc("retrain", "-w", labelled(tmp_path / "w"), "--site", "nowhere")
    assert told.code == 1
    assert "The workspace has here." in told.err


@pytest.mark.slow
def test_from_labels_to_a_promoted_model(wbc: Wbc, tmp_path: Path) -> None:
    work = labelled(tmp_path / "w")
    told = wbc("retrain", "--workspace", work, "--mode", "adapt", "--json")
    assert told.code == 0, told.err
    made = told.document
    assert made["model_id"] == "wbc-robust-1+adapt-1"
    assert made["verdict"] in {"better", "not_better"}
    assert made["reasons"]
    assert (made["cells"], made["judged_cells"]) == (48, 48)
    assert "Adapting: fitting" in told.err
    again = wbc("retrain", "--workspace", work, "--json")
    assert (again.code, "none is new" in again.err) == (1, True)
    promoted = wbc(
        "models", "--workspace", work, "promote", made["model_id"], "--reason", "a test", "--json"
    )
    assert promoted.code == 0, promoted.err
    listed = wbc("models", "--workspace", work, "list", "--json").document
    active = [one["model_id"] for one in listed["models"] if one["active"]]
    assert active == [made["model_id"]]
    verified = wbc("verify", "--workspace", work, "--json")
    assert verified.document["ok"], verified.document


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_command_that_is_killed_leaves_a_job_that_the_next_one_finishes(
    wbc: Wbc, tmp_path: Path
) -> None:
    work = labelled(tmp_path / "w")
    with started(work) as command:
        wait_for_line(command, "Adapting: reading")
        command.kill()
    with Workspace.open(work) as opened:
        (job,) = jobs.unfinished(opened)
        assert job.folder.state() in (JobState.RUNNING, JobState.FINISHED)
        number = job.folder.process()
    if number is not None and job.folder.running():
        os.kill(number, signal.SIGKILL)
    told = wbc("retrain", "--workspace", work, "--json")
    assert told.code == 0, told.err
    assert f"Going on with {job.job_id}" in told.err
    assert told.err.count("Adapting: reading") <= 1  # what was told before is old
    assert told.document["job"] == job.job_id


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_cancels_and_nothing_goes_on(wbc: Wbc, tmp_path: Path) -> None:
    work = labelled(tmp_path / "w")
    with started(work) as command:
        wait_for_line(command, "Adapting: reading")
        command.send_signal(signal.SIGINT)
        assert command.wait(120) == 130
    with Workspace.open(work) as opened:
        assert jobs.unfinished(opened) == ()
        log = [event.payload.get("outcome") for event in opened.catalogue.events.all()]
    assert log[-1] == "cancelled"
    assert wbc("verify", "--workspace", work, "--json").document["ok"]


def started(work: Path) -> "subprocess.Popen[str]":
    arguments = json.dumps(["retrain", "--workspace", str(work)])
    code = f"from wbc_desktop.cli import main; main({arguments})"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def wait_for_line(command: "subprocess.Popen[str]", wanted: str) -> None:
    assert command.stderr is not None
    for line in command.stderr:
        if wanted in line:
            return
    pytest.fail(f"the command ended without saying {wanted!r}")
