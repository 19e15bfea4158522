"""The process of a job: how it is started, ended, and how a frozen program becomes one.

A program that was frozen into one executable has no ``python -m``; it starts itself with ``--job``
instead, and its entry points hand that over to ``run_job`` before anything else is loaded. Nothing
here imports Qt, the database or the network.
"""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from model.jobs.job_files import LOG_FILE
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.training.job_folder import JobFolder, disk_errors

JOB_SWITCH = "--job"
NICENESS = 10
_LEAST_PRIORITY = 19
_ENDS_WITHIN_S = 10.0
_POLL_S = 0.02


@dataclass(frozen=True, eq=False)
class JobProcess:
    """A process that this program has started.

    Attributes:
        folder: The job it works on.
        process: The process. It goes on when this program ends.
    """

    folder: JobFolder
    process: "subprocess.Popen[bytes]"

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs; asked now and then, it leaves no zombie."""
        return self.process.poll()

    def wait(self, timeout_s: float) -> int | None:
        """Wait for its end; return how it ended, None if it still runs then."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def detach(self) -> None:
        """Ask no more how it ended; it goes on by itself."""
        if self.process.poll() is None:
            # Else Python takes a process that outlives its object for a mistake.
            self.process.returncode = 0


def command_line(folder: Path, *, base: Path, active: Path) -> list[str]:
    """Return the command line of the process of a job.

    Args:
        folder: Of the job.
        base: Folder of the model it starts from.
        active: Folder of the model it is compared with.
    """
    own = [sys.executable, JOB_SWITCH]
    program = own if _frozen() else [sys.executable, "-m", "model", "job"]
    return [*program, str(folder), "--base", str(base), "--champion", str(active)]


def start_process(folder: JobFolder, *, base: Path, active: Path) -> JobProcess:
    """Start the process of a job: no window, no input, output to its log, lower priority.

    Args:
        folder: Of the job.
        base: As in ``command_line``.
        active: As in ``command_line``.

    Raises:
        UserError: If it cannot be started.
    """
    path = folder.path.absolute()
    line = command_line(path, base=base.absolute(), active=active.absolute())
    with disk_errors(path), (path / LOG_FILE).open("ab") as log:
        try:
            process = _popen(line, log)
        except OSError as error:
            raise UserError(
                "The training cannot be started",
                f"{line[0]} ({error.strerror or error})",
                "Install WBC Desktop again, or close other programs if memory is short.",
            ) from error
    folder.set_process(process.pid)
    return JobProcess(folder, process)


def end_process(folder: JobFolder, running: JobProcess | None = None) -> None:
    """End the process at work on a job, whoever started it; returns when it is gone.

    Args:
        folder: Of the job.
        running: The process, where this program has started it.

    Raises:
        UserError: If it does not end.
    """
    until = time.monotonic() + _ENDS_WITHIN_S
    asked = False
    while folder.running() or (running is not None and running.poll() is None):
        number = folder.process() if running is None else running.process.pid
        if number is not None and (not asked or time.monotonic() > until - _ENDS_WITHIN_S / 2):
            _kill(number, hard=asked)
            asked = True
        if time.monotonic() > until:
            raise UserError(
                "The training does not end",
                f"{folder.path.name}, process {number}",
                "End that process with the means of your system.",
            )
        time.sleep(_POLL_S)


def is_job_process(arguments: Sequence[str]) -> bool:
    """Tell whether this process is to be the one of a job."""
    return list(arguments[:1]) == [JOB_SWITCH]


def run_job(arguments: Sequence[str]) -> int:
    """Be the process of a job.

    Args:
        arguments: ``--job FOLDER --base BASE --champion CHAMPION``.

    Returns:
        The exit code of ``python -m model job``.
    """
    _open_streams(arguments)
    from model.__main__ import main

    try:
        return main(["job", *arguments[1:]])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


def _frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _popen(line: Sequence[str], log: io.BufferedWriter) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        # Its matrices are small: threads that wait for one another, at a low priority, would make
        # one second of work into ten. A network's threads are torch's: they stay, and sleep while
        # they wait, for spinning takes from the window what it gains the job on an idle machine.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYINSTALLER_RESET_ENVIRONMENT": "1",  # a frozen job must not live in our unpacked files
    }
    # `-m model` is found beside this package, installed or in a checkout.
    place = Path(sys.executable).parent if _frozen() else Path(__file__).resolve().parents[3]
    if sys.platform == "win32":
        return subprocess.Popen(  # noqa: S603  # our own program
            line,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=place,
            env=environment,
            creationflags=subprocess.CREATE_NO_WINDOW
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS,
        )
    process = subprocess.Popen(  # noqa: S603  # our own program
        line,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=place,
        env=environment,
        start_new_session=True,  # neither Ctrl+C in a terminal nor its closing ends the job
    )
    with suppress(OSError):  # it may have ended already
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process.pid, min(own + NICENESS, _LEAST_PRIORITY))
    return process


def _kill(number: int, *, hard: bool) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(number, signal.SIGTERM)  # ends it at once
        else:
            # It leads a session of its own: what it has started goes with it.
            os.killpg(number, signal.SIGKILL if hard else signal.SIGTERM)


def _open_streams(arguments: Sequence[str]) -> None:
    """Give a program without a console something to print to: the log of its job."""
    if sys.stdout is not None and sys.stderr is not None:
        return
    log = Path(arguments[1]) / LOG_FILE if len(arguments) > 1 else Path(os.devnull)
    if not log.parent.is_dir():
        log = Path(os.devnull)
    stream = log.open("a", encoding="utf-8", buffering=1)
    sys.stdout, sys.stderr = sys.stdout or stream, sys.stderr or stream
