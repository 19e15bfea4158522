"""Reports of what went wrong inside the program: kept on this computer, never sent.

While a program runs it holds a file of its own, into which Python writes the lines of every thread
if the process dies of a fault, and into which each error that nothing caught is written. A file
that holds no more than its head when its program is gone tells nothing and is removed. The next
start finds the others and offers them once. Reports name no patient, cell or file of a person.
"""

import faulthandler
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from wbc_desktop.services.support import redaction

FOLDER = "crashes"
KEPT = 10
_PER_RUN = 10  # different errors of one run that are written down
_NEW, _SEEN = ".crash.txt", ".seen.txt"
_STAMP = "%Y-%m-%d_%H-%M-%S"
_LINE = "-" * 40


@dataclass(frozen=True, kw_only=True)
class CrashReport:
    """One report of an earlier run.

    Attributes:
        file: Where it lies.
        text: What may be shown and sent on.
        began: When the program had been started.
        fatal: Whether the program was ended by it.
    """

    file: Path
    text: str
    began: datetime
    fatal: bool


class CrashReports:
    """Writes the report of this run and finds those of earlier ones.

    Args:
        folder: Where they lie; made when needed.
        about: Facts for the head, such as versions.
    """

    def __init__(self, folder: Path, *, about: str) -> None:
        self.folder = folder
        self._about = about
        self._file: IO[str] | None = None
        self._path = Path()
        self._written: set[str] = set()

    def begin(self) -> None:
        """Be ready to write; where the folder cannot be written, nothing is kept."""
        now = datetime.now().astimezone()
        self._path = self.folder / f"{now.strftime(_STAMP)}_{os.getpid()}{_NEW}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self._path.open("w", encoding="utf-8")
        except OSError:
            return
        try:
            _lock(file)
            file.write(f"{self._about}\n{_system()}, Python {sys.version.split()[0]}\n")
            file.write(f"{_LINE}\n")
            file.flush()
        except OSError:  # the disk is full: the program starts all the same
            _close(file)
            self._path.unlink(missing_ok=True)
            return
        self._file = file
        faulthandler.enable(file)

    def add(self, error: BaseException) -> None:
        """Write down an error that nothing caught; the same one only once."""
        text = redaction.redacted_traceback(error)
        if self._file is None or text in self._written or len(self._written) >= _PER_RUN:
            return
        self._written.add(text)
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            self._file.write(f"{now}\n{text}\n{_LINE}\n")
            self._file.flush()
        except OSError:  # the disk is full: the log and the dialog have it as well
            self._written.discard(text)

    def end(self) -> None:
        """The program ends as it should; without an error nothing is left."""
        if self._file is None:
            return
        faulthandler.disable()
        _close(self._file)
        self._file = None
        if not self._written:
            self._path.unlink(missing_ok=True)

    def unseen(self) -> tuple[CrashReport, ...]:
        """Return the reports of earlier runs that nobody has dismissed, the newest first."""
        return tuple(self._reports(_NEW))

    def all(self) -> tuple[CrashReport, ...]:
        """Return every report that is kept, the newest first."""
        found = [*self._reports(_NEW), *self._reports(_SEEN)]
        return tuple(sorted(found, key=lambda each: each.began, reverse=True))

    def dismiss(self) -> None:
        """Offer those of now never again; the newest of them are kept."""
        for report in self.unseen():
            _rename(report.file, report.file.name.removesuffix(_NEW) + _SEEN)
        for old in sorted(self.folder.glob(f"*{_SEEN}"), reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)

    def _reports(self, suffix: str) -> Iterator[CrashReport]:
        for file in sorted(self.folder.glob(f"*{suffix}"), reverse=True):
            if file != self._path and (report := _report(file)) is not None:
                yield report


def _report(file: Path) -> CrashReport | None:
    """Return a report; None if its program still runs or it tells nothing, which removes it."""
    try:
        with file.open("r+", encoding="utf-8", errors="replace") as stream:
            if not _lock(stream):
                return None
            text = stream.read()
        began = datetime.strptime("_".join(file.name.split("_")[:2]), _STAMP).astimezone()
    except (OSError, ValueError):
        return None
    head, _, body = text.partition(f"{_LINE}\n")
    if not body.strip():
        file.unlink(missing_ok=True)
        return None
    whole = f"{head}{_LINE}\n{redaction.redact_source_paths(body).strip()}\n"
    # Python begins what it writes of a fault with these words.
    fatal = "Fatal Python error" in body or "Windows fatal exception" in body
    return CrashReport(file=file, text=whole, began=began, fatal=fatal)


def _system() -> str:
    """Return the kind and version of the operating system, not the name of this computer."""
    if sys.platform == "win32":
        return f"Windows {sys.getwindowsversion().build}"
    system = os.uname()
    return f"{system.sysname} {system.release} {system.machine}"


def _rename(file: Path, name: str) -> None:
    try:
        file.replace(file.with_name(name))
    except OSError:
        return  # it is offered again


def _close(file: IO[str]) -> None:
    with suppress(OSError):  # what a full disk did not take is lost, and the file is closed
        file.close()


def _lock(stream: IO[str]) -> bool:
    """Lock a file for as long as this process has it open; False if another one has."""
    from filelock import lock_descriptor

    try:
        return lock_descriptor(stream.fileno(), blocking=False)
    except OSError:
        return False
