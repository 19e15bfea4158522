"""Where exports go: files and folders that are whole or not there, and checks before long work."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from wbc_desktop.atomic_write import atomic_file, put_in_place
from wbc_desktop.domain.errors import UserError


@contextmanager
def output_file(path: Path) -> Iterator[BufferedRandom]:
    """Open a temporary file that takes the place of ``path`` when the block ends well.

    It is open for writing, and for reading what was written.

    Args:
        path: The file to write; its folder must exist.

    Raises:
        UserError: If the file cannot be written; what was there before is then untouched.
    """
    try:
        with atomic_file(path) as file:
            yield file
    except OSError as error:
        raise UserError(
            "The file could not be written",
            f"{path} ({error.strerror or error})",
            "Check that the folder exists, that you may write there, that there is space, "
            "and that no other program holds the file open.",
        ) from error


@contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """Yield a new temporary folder that becomes ``path`` when the block ends well.

    What is written into it is not flushed file by file, which would take an hour for a million
    crops: after a power cut within a minute of the end, export again.

    Args:
        path: The folder to make; ``check_output_folder`` says what it must be.

    Raises:
        UserError: If something cannot be written; nothing is then left of it.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            path.rmdir()  # it is empty: Windows puts no folder in the place of another
        put_in_place(temporary, path)
    except OSError as error:
        raise UserError(
            "The folder could not be written",
            f"{path} ({error.strerror or error})",
            "Nothing of it is left. Check that you may write there and that there is space.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_output_file(path: Path) -> None:
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


def check_output_folder(path: Path) -> None:
    """Find out before long work whether a folder can be made here.

    Raises:
        UserError: If something is there already, or the folder above is missing or closed to us.
    """
    if path.is_dir() and any(path.iterdir()):
        raise UserError(
            "The folder is there already", str(path), "Name a new one; nothing is replaced."
        )
    if path.exists() and not path.is_dir():
        raise UserError("A file has the name of the folder", str(path), "Name another folder.")
    if not path.exists():
        check_output_file(path)


def storable_name(name: str) -> str:
    """Return a file name as the audit log can hold it: what is not UTF-8 in it becomes ``?``."""
    return name.encode("utf-8", "replace").decode("utf-8")
