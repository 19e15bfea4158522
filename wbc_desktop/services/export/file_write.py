"""Files whole or not at all: a temporary file beside one takes its place at the end."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from wbc_desktop.domain.errors import UserError


@contextmanager
def replacing(path: Path) -> Iterator[BufferedRandom]:
    """Open a temporary file that takes the place of ``path`` when the block ends well.

    It is open for writing, and for reading what was written.

    Args:
        path: The file to write; its folder must exist.

    Raises:
        UserError: If the file cannot be written; what was there before is then untouched.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            "The file could not be written",
            f"{path} ({error.strerror or error})",
            "Check that the folder exists, that you may write there, that there is space, "
            "and that no other program holds the file open.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Find out before long work whether its result can be written.

    Raises:
        UserError: If the folder is missing or may not be written, or a folder has this name.
    """
    if path.is_dir():
        raise UserError("A folder has the name of the file", str(path), "Name a file in it.")
    if not path.parent.is_dir():
        raise UserError(
            "The folder for the file does not exist", str(path.parent), "Make it, or name another."
        )
    if not os.access(path.parent, os.W_OK):
        raise UserError(
            "The file could not be written", str(path), "You may not write in this folder."
        )


def storable(name: str) -> str:
    """Return a file name as the audit log can hold it: what is not UTF-8 in it becomes ``?``."""
    return name.encode("utf-8", "replace").decode("utf-8")
