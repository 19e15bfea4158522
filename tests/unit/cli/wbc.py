"""Runs ``wbc`` as a person or a script would, in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.unit.services.small_workspace import crop_bytes
from wbc_desktop.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a verb left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Wbc: TypeAlias = Callable[..., Outcome]


@pytest.fixture
def wbc(capsys: pytest.CaptureFixture[str]) -> Wbc:
    """Run a verb: ``wbc("info", "--json")``."""

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Outcome(int(end.value.code or 0), shown.out, shown.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A patient folder: two slides of three drawn crops, and one file that is no image."""
    patient = tmp_path / "P-1"
    for number in range(6):
        slide = patient / f"slide {number // 3 + 1}"
        slide.mkdir(parents=True, exist_ok=True)
        (slide / f"c{number}.png").write_bytes(crop_bytes(number))
    (patient / "notes.txt").write_text("no image")
    return patient
