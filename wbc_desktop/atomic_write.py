"""Files that are whole or not there, and on the disk once they have their name.

What is written stands beside its place under a name of its own and is moved there with
``os.replace``; the file is flushed before, and its folder after, so that a power cut leaves the
old one or the new one. ``model/artifacts/array_files.py`` does the same for the model library.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path


@contextmanager
def atomic_file(path: Path, *, private: bool = False) -> Iterator[BufferedRandom]:
    """Open a file for writing, and reading back, that becomes ``path`` if the block ends well.

    Args:
        path: The file; one that is there is replaced. Its folder must exist.
        private: Whether only this user may read it.

    Raises:
        OSError: If it cannot be written; what was there before is then untouched.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        temporary.touch(0o600 if private else 0o666, exist_ok=False)
        with temporary.open("r+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def put_in_place(written: Path, path: Path) -> None:
    """Give a file or a folder that is on the disk its name, for good.

    Args:
        written: In the same folder as ``path``.
        path: A file of this name is replaced; a folder must not be there.
    """
    os.replace(written, path)  # noqa: PTH105  # the house's way to put a file in place
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until what a file holds is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows knows no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
