"""The doors of a frozen program: with ``--job`` they become the process of a job."""

import subprocess
import sys
from pathlib import Path

import pytest

from model.jobs.job_files import LOG_FILE
from tests.architecture.source_tree import ROOT
from wbc_desktop.services.training import job_process


@pytest.mark.parametrize("door", ["wbc_desktop.__main__", "wbc_desktop.cli"])
def test_both_doors_run_a_job_without_qt_and_without_the_database(
    door: str, tmp_path: Path
) -> None:
    line = ["--job", str(tmp_path), "--base", str(tmp_path), "--champion", str(tmp_path)]
    code = f"""
import sys
from {door} import main
try:
    ended = main({line!r})
except SystemExit as end:
    ended = end.code
print(ended, sorted({{"PySide6", "sqlalchemy", "onnxruntime", "torch"}} & set(sys.modules)))
"""
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert child.stdout == "1 []\n"
    assert "The job cannot be read" in child.stderr


def test_a_program_without_a_console_writes_into_the_log_of_its_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    line = ["--job", str(tmp_path), "--base", str(tmp_path), "--champion", str(tmp_path)]
    assert job_process.run_job(line) == 1
    stream = sys.stderr
    monkeypatch.undo()
    stream.close()
    assert "The job cannot be read" in (tmp_path / LOG_FILE).read_text(encoding="utf-8")
