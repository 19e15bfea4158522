"""The folder of one job: what it is to do, how far it has come, and who is at work on it.

::

    jobs/0003-adapt/
        job.json            what to do; written before the job is recorded, never changed
        cells.safetensors   the cells it learns from and is judged by
        lock                held by the process at work; the system lets go of it if that dies
        process.json        number of the last process started
        progress.jsonl      one line for each step; log.txt: what it printed
        pause, cancelled    there if the process is to wait, or to end
        checkpoint/         where a fine-tuning goes on
        candidate/          the model it made; judged.safetensors: what to judge it by
        result.json         written last

State follows from these files alone, so that it is right after a crash of any of the programs.
"""

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobResult, JobState, ProgressLine

FOLDER = "jobs"
FORMAT = 1
JOB, CELLS, LOCK, PROCESS = "job.json", "cells.safetensors", "lock", "process.json"
PROGRESS, LOG, PAUSE, CANCELLED = "progress.jsonl", "log.txt", "pause", "cancelled"
RESULT, JUDGED, CANDIDATE, CHECKPOINT = (
    "result.json",
    "judged.safetensors",
    "candidate",
    "checkpoint",
)
PARTIAL = ".new-"
_ABANDONED_S = 24 * 3600  # a younger one may be another program's, at work
_NAME = re.compile(r"(\d{4,9})-[a-z]+")
_START_ANEW = "Start the training again. No label is touched."


@dataclass(frozen=True)
class JobFolder:
    """The files of one job. Safe from any thread and process.

    Attributes:
        path: The folder.
    """

    path: Path

    def running(self) -> bool:
        """Tell whether a living process is at work on it."""
        return is_locked(self.path / LOCK)

    def state(self) -> JobState:
        """Return where the job stands."""
        if self.running():
            return JobState.PAUSED if (self.path / PAUSE).exists() else JobState.RUNNING
        if (self.path / CANCELLED).exists():
            return JobState.CANCELLED
        if (self.path / RESULT).exists():
            return JobState.FINISHED if self.result().ok else JobState.FAILED
        if (self.path / PROCESS).exists():
            return JobState.UNFINISHED
        return JobState.WAITING

    def document(self) -> Mapping[str, object]:
        """Return what the job is to do.

        Raises:
            UserError: If it cannot be read.
        """
        path = self.path / JOB
        found = _read_json(path)
        if found is None or found.get("format") != FORMAT or found.get("kind") not in [*JobKind]:
            raise UserError("A job is damaged", str(path), _START_ANEW)
        return found

    def result(self) -> JobResult:
        """Return what the job said at its end; one that is damaged is a failure."""
        found = _read_json(self.path / RESULT)
        if found is None or not isinstance(found.get("ok"), bool):
            return JobResult(
                ok=False,
                title="The result of the job is damaged",
                detail=str(self.path / RESULT),
                advice=_START_ANEW,
            )
        words = {name: str(found.get(name) or "") for name in ("title", "detail", "advice")}
        seconds = _number(found.get("seconds")) or 0.0
        return JobResult(ok=bool(found["ok"]), seconds=seconds, **words)

    def progress(self) -> tuple[ProgressLine, ...]:
        """Return the lines of progress so far; one that is half written is left for later."""
        try:
            lines = (self.path / PROGRESS).read_bytes().splitlines()
        except OSError:
            return ()
        return tuple(line for line in map(_progress, lines) if line is not None)

    def log_tail(self, n: int = 40) -> str:
        """Return the last lines of what the job printed."""
        try:
            with (self.path / LOG).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 200 * n))
                text = file.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-n:])

    def process(self) -> int | None:
        """Return the number of the last process started, or None."""
        found = _read_json(self.path / PROCESS) or {}
        number = found.get("pid")
        return number if isinstance(number, int) and number > 0 else None

    def set_process(self, number: int) -> None:
        """Note the process that was started.

        Raises:
            UserError: If the disk refuses.
        """
        self.write_json(PROCESS, {"pid": number})

    def set_flag(self, name: str, *, there: bool) -> None:
        """Put one of the files ``pause`` and ``cancelled`` there, or take it away.

        Raises:
            UserError: If the disk refuses.
        """
        with disk_errors(self.path):
            if there:
                (self.path / name).touch()
            else:
                (self.path / name).unlink(missing_ok=True)

    def write_json(self, name: str, document: Mapping[str, object]) -> None:
        """Write a JSON file whole or not at all.

        Raises:
            UserError: If the disk refuses.
        """
        with disk_errors(self.path):
            partial = self.path / f"{name}.partial"
            with partial.open("w", encoding="utf-8") as file:
                json.dump(document, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path / name)

    def delete_checkpoint(self) -> None:
        """Delete what only a job that still runs has need of."""
        shutil.rmtree(self.path / CHECKPOINT, ignore_errors=True)

    def delete_work(self) -> None:
        """Delete all that is large and not needed after the end; the cells and the log stay."""
        for name in (CHECKPOINT, CANDIDATE):
            shutil.rmtree(self.path / name, ignore_errors=True)


def folders(workspace: Path) -> list[JobFolder]:
    """Return the folders of jobs in a workspace, by number."""
    found = [p for p in (workspace / FOLDER).glob("*-*") if _NAME.fullmatch(p.name) and p.is_dir()]
    return [JobFolder(path) for path in sorted(found, key=lambda p: (number_of(p.name), p.name))]


def number_of(job_id: str) -> int:
    """Return the running number in a job's id; 0 if there is none."""
    found = _NAME.fullmatch(job_id)
    return int(found[1]) if found else 0


def remove_abandoned(workspace: Path) -> None:
    """Delete unfinished folders that a crash left behind a day or more ago."""
    for left in (workspace / FOLDER).glob(f"{PARTIAL}*"):
        try:
            old = time.time() - left.stat().st_mtime > _ABANDONED_S
        except OSError:
            continue
        if old:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Tell a refusal of the disk in the user's words.

    Raises:
        UserError: For every ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            "The job cannot be written",
            f"{place} ({error.strerror or error})",
            "Free some space, and check that you may write there. No label is touched.",
        ) from error


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds the lock of this file.

    Looking is a read, so that two who look at once do not take one another for the holder.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname.startswith("SQLITE_BUSY")
    except sqlite3.DatabaseError:
        return False  # no lock of ours; who wants to hold it will say so
    return False


@contextmanager
def hold_lock(path: Path) -> Iterator[bool]:
    """Hold a lock; yield False where another process, or another thread, holds it.

    Raises:
        UserError: If its file cannot be made.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise UserError(
            "The job cannot be written", f"{path} ({error})", "Check that you may write there."
        ) from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise UserError(
                    "The job cannot be written",
                    f"{path} ({error})",
                    "Free some space, and check that you may write there.",
                ) from error
            yield False
            return
        yield True


def _read_json(path: Path) -> dict[str, object] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _progress(line: bytes) -> ProgressLine | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    step, steps = (_number(found.get(name)) or 0 for name in ("step", "steps"))
    return ProgressLine(
        at=str(found.get("at", "")),
        phase=str(found.get("phase", "")),
        step=int(step),
        steps=int(steps),
        loss=_number(found.get("loss")),
        macro_f1=_number(found.get("macro_f1")),
        eta_s=_number(found.get("eta_s")),
    )


def _number(value: object) -> float | None:
    """Return a finite number as it is, anything else as None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None  # also False for NaN
