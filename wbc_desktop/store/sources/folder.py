"""Folder trees on disk, a share or a stick."""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.names import FILE_NAME
from wbc_desktop.store.sources.base import (
    MAX_FILE_BYTES,
    OtherFile,
    Problem,
    is_ignored,
    os_reason,
    printable,
    unreadable,
)


class FolderTree:
    """The files below a folder, or a single file that stands for one.

    Links are followed; a folder reached a second time, as in a loop of links, is reported and
    not read again. Pipes and devices are left alone: reading one could wait for ever.

    Args:
        root: The folder.
        only: Name of the one file of the folder that counts, if not all of them do.
    """

    def __init__(self, root: Path, *, only: str | None = None) -> None:
        self._root = root
        self._only = only

    @property
    def place(self) -> str:
        """Where it lies."""
        return printable(str(self._root / self._only if self._only else self._root))

    def files(self) -> Iterator[OtherFile | Problem]:
        """List every regular file.

        Raises:
            UserError: If the folder itself cannot be read, or is a workspace.
        """
        if self._only is not None:
            yield OtherFile(printable(self._only), self._only)
            return
        seen: set[tuple[int, int]] = set()
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                yield from self._one_folder(folder, seen, waiting)
            except OSError as error:
                if not folder:
                    raise unreadable(self.place, os_reason(error)) from error
                yield Problem(printable(folder), os_reason(error))

    def find(self, path: str) -> str | None:
        """Return the file with this path relative to the root, or None."""
        for form in (path, unicodedata.normalize("NFD", path)):  # as some Macs write names
            if (self._root / form).is_file():
                return form
        return None

    def read(self, file: str) -> bytes:
        """Return the bytes of one file.

        Raises:
            UserError: If it cannot be read or is far too large for a crop.
        """
        try:
            with (self._root / file).open("rb") as stream:
                if os.fstat(stream.fileno()).st_size > MAX_FILE_BYTES:
                    raise unreadable(printable(file), "the file is too large for a crop")
                return stream.read()
        except OSError as error:
            raise unreadable(printable(file), os_reason(error)) from error

    def open_file(self, file: str) -> BinaryIO:
        """Open one file, of any size.

        Raises:
            UserError: If it cannot be opened.
        """
        try:
            return (self._root / file).open("rb")
        except OSError as error:
            raise unreadable(printable(file), os_reason(error)) from error

    @contextmanager
    def opened(self) -> "Iterator[FolderTree]":
        """Nothing to open: every file is opened by itself."""
        yield self

    def reachable(self) -> bool:
        """Tell whether the folder can still be listed."""
        try:
            with os.scandir(self._root):
                return True
        except OSError:
            return False

    def _one_folder(
        self, folder: str, seen: set[tuple[int, int]], waiting: list[str]
    ) -> Iterator[OtherFile | Problem]:
        here = self._root / folder
        facts = here.stat()
        identity = (facts.st_dev, facts.st_ino)
        if identity in seen:
            yield Problem(printable(folder), "a link to a folder that was read already")
            return
        seen.add(identity)
        if (here / FILE_NAME).exists():
            if not folder:
                raise UserError(
                    "This folder is a workspace, not a folder of images",
                    self.place,
                    "Name the folder that holds the patient's images.",
                )
            yield Problem(printable(folder), "a workspace, not a folder of images")
            return
        with os.scandir(here) as entries:
            for entry in entries:
                if is_ignored(entry.name):
                    continue
                file = f"{folder}/{entry.name}" if folder else entry.name
                if _is_folder(entry):
                    waiting.append(file)
                elif _is_file(entry):
                    yield OtherFile(printable(file), file)
                elif entry.is_symlink():
                    yield Problem(printable(file), "a link that leads nowhere")


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
