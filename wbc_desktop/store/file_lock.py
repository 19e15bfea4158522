"""Locks among processes and threads: one holder at a time, and the system lets go if it dies.

Only the file's lock counts, never what is in it, so that the empty databases which older programs
locked in the same places are harmless. ``model/jobs/run_job.py`` holds the lock of a job likewise.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from wbc_desktop.domain.errors import UserError

IMPORT_LOCK = "import.lock"
_LOOK_S = 0.004


class ImportRunningError(UserError):
    """Another import holds the lock."""


@contextmanager
def hold_lock(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock to the end of the block; yield False where somebody else holds it.

    It may be let go of on another thread than the one that took it.

    Args:
        path: The lock's file, made if it is missing; it may stay behind.
        wait_s: How long to wait for another holder.

    Raises:
        OSError: If the file cannot be made or locked.
    """
    from filelock import FileLock, Timeout

    if not path.parent.is_dir():  # which FileLock would make, and a stick that was pulled is gone
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    # No fallback to a file whose mere presence is the lock: it would outlive a process that dies.
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    with suppress(Timeout):
        lock.acquire(timeout=wait_s, poll_interval=0.001 if wait_s < 0.1 else 0.05)
    try:
        yield lock.is_locked
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds a lock. Two who look at once do not see one another."""
    if not path.exists():
        return False
    try:
        with hold_lock(path, wait_s=_LOOK_S) as free:
            return not free
    except OSError:
        return False  # who wants to hold it will say so


@contextmanager
def import_lock(workspace: Path) -> Iterator[None]:
    """Hold the lock of the one import that may run in a workspace.

    Args:
        workspace: Its folder.

    Raises:
        ImportRunningError: If another import holds it.
        UserError: If the folder cannot be written.
    """
    path = workspace / IMPORT_LOCK
    with ExitStack() as stack:
        try:
            free = stack.enter_context(hold_lock(path))
        except OSError as error:
            raise UserError(
                "The workspace cannot be opened",
                str(path),
                "Check that the folder exists and that you may write to it.",
            ) from error
        if not free:
            raise ImportRunningError(
                "Another import is running",
                str(workspace),
                "Wait until it has finished, or cancel it, and import again.",
            )
        yield
