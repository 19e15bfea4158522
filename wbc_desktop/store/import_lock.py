"""One import at a time, and a way to know whether one is running in any process.

The lock is an exclusive transaction on a tiny SQLite file of its own: it works alike on every
system, and the system releases it if the process dies.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.database import explained


class ImportRunningError(UserError):
    """Another import holds the lock."""


FILE_NAME = "import.lock"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the import lock.

    Args:
        path: The lock's file, made if it is missing; it stays behind and is harmless.

    Raises:
        ImportRunningError: If another import holds it.
    """
    with explained(path):
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    # An import may be started on one thread and given up on another.
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                with explained(path):
                    raise
            raise ImportRunningError(
                "Another import is running",
                str(path.parent),
                "Wait until it has finished, or cancel it, and import again.",
            ) from error
        yield
