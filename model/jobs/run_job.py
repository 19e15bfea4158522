"""One job, from its folder to its result: `python -m model job FOLDER --base BASE`.

It runs in a process of its own, so that a window stays quick and can be closed. Whoever wants to
know how it stands reads its files (`model.jobs.job_folder`); that it runs at all shows in the lock
that it holds to its end, however that comes. To add a kind of job: a line in `dispatch`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from model.artifacts.card import ModelFileError
from model.artifacts.layered_model import ModelFiles
from model.jobs.job_files import LOCK_FILE, ModelName
from model.jobs.job_folder import JobCancelledError, JobError, RunningJob

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_WAIT_S: Final = 2.0  # who looks whether a job runs takes the lock for a moment
DONE: Final = 0
FAILED: Final = 1
BUSY: Final = 3
CANCELLED: Final = 4
HALTED: Final = 5


class JobRunsError(Exception):
    """Another process works on the job."""


def run_job(folder: Path, *, base: Path, active: Path | None = None) -> int:
    """Run a job to its end; a job that has a result is left as it is.

    Args:
        folder: of the job.
        base: folder of the base model.
        active: folder of the model in use; the base if left out.

    Returns:
        0 done, 1 refused for a reason that result.json tells, 3 another process is at it,
        4 a person ended it, 5 the disk or the memory refused: started again, it goes on.
    """
    try:
        with lock(folder / LOCK_FILE):
            return run_locked(folder, base=base, active=active or base)
    except JobRunsError:
        log(f"another process works on {folder}")
        return BUSY
    except JobError as error:
        log(str(error))
        return FAILED


def log(text: str) -> None:
    """Write a line to the log, which may lie on the disk that is full."""
    with suppress(OSError):
        sys.stderr.write(f"model: {text}\n")


def run_locked(folder: Path, *, base: Path, active: Path) -> int:
    """Run a job whose lock is held."""
    job = RunningJob(folder)
    if job.done:
        return DONE
    try:
        job.wait_while_paused()
        try:
            base_files = open_named(base, job.spec.base)
            active_files = open_named(active, job.spec.active, base=base)
            dispatch(job, base=base_files, active=active_files)
        except (JobError, ModelFileError) as error:
            told = error if isinstance(error, JobError) else model_error(error)
            log(str(told))
            job.refuse(told)
            return FAILED
    except JobCancelledError:
        return CANCELLED
    except OSError as error:  # the disk is full, say: no result, so that it can go on
        log(str(folder_error(folder, error)))
        return HALTED
    except MemoryError as error:
        log(f"The memory is too small: {error}. Close other programs.")
        return HALTED
    return DONE


def dispatch(job: RunningJob, *, base: ModelFiles, active: ModelFiles) -> None:
    """Do what the job asks for.

    Raises:
        JobError: it cannot be done.
        JobCancelledError: a person ended it.
        ModelFileError: a model is damaged.
    """
    if job.spec.kind == "adapt":
        from model.jobs.adapt_job import run_adapt

        run_adapt(job, base=base, active=active)
        return
    if job.spec.kind != "finetune":
        detail = f"{job.path} asks for {job.spec.kind!r}"
        raise JobError("This version does not know the kind of job", detail, "Update the program.")
    try:
        from model.finetune.finetune_job import run_finetune
    except ModuleNotFoundError as error:
        detail = f"{error.name} is not installed"
        advice = "Adapt to the site instead: that needs nothing more."
        raise JobError("Fine-tuning needs torch", detail, advice) from error
    run_finetune(job, base=base, active=active)


def open_named(folder: Path, name: ModelName, *, base: Path | None = None) -> ModelFiles:
    """Open the cards of a model that a job names.

    Raises:
        JobError: the folder holds another model.
        ModelFileError: it holds none that can be used.
    """
    files = ModelFiles.of(folder, base=base)
    if files.model_sha256 != name.model_sha256:
        detail = f"the job was made with {name.model_id}, {folder} holds {files.card['model_id']}"
        raise JobError("The model has changed since the job was made", detail, "Start a new job.")
    return files


def model_error(error: ModelFileError) -> JobError:
    """Say that a model folder is at fault."""
    return JobError(
        "A model cannot be used",
        str(error),
        "Go back to another model, or install the program anew.",
    )


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a job's lock, which the system lets go of if the process dies.

    Raises:
        JobRunsError: another process holds it.
        JobError: the file cannot be written.
    """
    from filelock import FileLock, Timeout

    held = FileLock(path, fallback_to_soft=False)  # no file that outlives us as a lock
    try:
        held.acquire(timeout=LOCK_WAIT_S)
    except Timeout as error:
        raise JobRunsError(str(path)) from error
    except OSError as error:
        raise folder_error(path, error) from error
    try:
        yield
    finally:
        held.release()


def folder_error(path: Path, error: Exception) -> JobError:
    """Say that a job's folder cannot be written to."""
    advice = "Check that the folder is there, may be written to, and that the disk has room."
    return JobError("The folder of the job cannot be written to", f"{path}: {error}", advice)
