"""The folder of one job, as the application sees it: how far it has come, and who is at work on it.

Which files there are and what stands in them is said in ``model/jobs/job_files``. State follows
from these files alone, so that it is right after a crash of any of the programs.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from model.jobs.job_files import (
    CANCELLED_FILE,
    CANDIDATE_FOLDER,
    CHECKPOINT_FOLDER,
    FORMAT,
    LOCK_FILE,
    LOG_FILE,
    PAUSE_FILE,
    PROCESS_FILE,
    PROGRESS_FILE,
    RESULT_FILE,
    SPEC_FILE,
    ProgressRecord,
    finite,
)
from wbc_desktop.atomic_write import atomic_file
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.job import JobKind, JobResult, JobState, ProgressLine
from wbc_desktop.store.file_lock import is_locked

FOLDER = "jobs"
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
        return is_locked(self.path / LOCK_FILE)

    def state(self) -> JobState:
        """Return where the job stands."""
        if self.running():
            return JobState.PAUSED if (self.path / PAUSE_FILE).exists() else JobState.RUNNING
        if (self.path / CANCELLED_FILE).exists():
            return JobState.CANCELLED
        if (self.path / RESULT_FILE).exists():
            return JobState.FINISHED if self.result().ok else JobState.FAILED
        if (self.path / PROCESS_FILE).exists():
            return JobState.UNFINISHED
        return JobState.WAITING

    def document(self) -> Mapping[str, object]:
        """Return what the job is to do.

        Raises:
            UserError: If it cannot be read.
        """
        path = self.path / SPEC_FILE
        found = _read_json(path)
        if found is None or found.get("format") != FORMAT or found.get("kind") not in [*JobKind]:
            raise UserError("A job is damaged", str(path), _START_ANEW)
        return found

    def result(self) -> JobResult:
        """Return what the job said at its end; one that is damaged is a failure."""
        found = _read_json(self.path / RESULT_FILE)
        if found is None or not isinstance(found.get("ok"), bool):
            return JobResult(
                ok=False,
                title="The result of the job is damaged",
                detail=str(self.path / RESULT_FILE),
                advice=_START_ANEW,
            )
        words = {name: str(found.get(name) or "") for name in ("title", "detail", "advice")}
        seconds = finite(found.get("seconds")) or 0.0
        return JobResult(ok=bool(found["ok"]), seconds=seconds, **words)

    def progress(self) -> tuple[ProgressLine, ...]:
        """Return the lines of progress so far; one that is half written is left for later."""
        try:
            lines = (self.path / PROGRESS_FILE).read_bytes().splitlines()
        except OSError:
            return ()
        records = [record for record in map(ProgressRecord.parse, lines) if record is not None]
        return tuple(ProgressLine(**asdict(record)) for record in records)

    def log_tail(self, n: int = 40) -> str:
        """Return the last lines of what the job printed."""
        try:
            with (self.path / LOG_FILE).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 200 * n))
                text = file.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-n:])

    def process(self) -> int | None:
        """Return the number of the last process started, or None."""
        found = _read_json(self.path / PROCESS_FILE) or {}
        number = found.get("pid")
        return number if isinstance(number, int) and number > 0 else None

    def set_process(self, number: int) -> None:
        """Note the process that was started.

        Raises:
            UserError: If the disk refuses.
        """
        self.write_json(PROCESS_FILE, {"pid": number})

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
        with disk_errors(self.path), atomic_file(self.path / name) as file:
            file.write(json.dumps(document, indent=1, ensure_ascii=False).encode())

    def delete_checkpoint(self) -> None:
        """Delete what only a job that still runs has need of."""
        shutil.rmtree(self.path / CHECKPOINT_FOLDER, ignore_errors=True)

    def delete_work(self) -> None:
        """Delete all that is large and not needed after the end; the cells and the log stay."""
        for name in (CHECKPOINT_FOLDER, CANDIDATE_FOLDER):
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


def _read_json(path: Path) -> dict[str, object] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
