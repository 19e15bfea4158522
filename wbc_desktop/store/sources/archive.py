"""ZIP archives, read in place: nothing is ever extracted, so no member can land anywhere."""

import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources.base import (
    MAX_FILE_BYTES,
    OtherFile,
    Problem,
    is_ignored,
    os_reason,
    printable,
    unreadable,
)

MAX_ARRAY_BYTES = 16 * 1024**3
"""An array file inside a ZIP is unpacked to a temporary file; no further than this."""

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, RuntimeError, ValueError),
)


class ZipTree:
    """The members of a ZIP archive.

    A folder that wraps everything is stripped if it bears the archive's own name or holds
    folders, so that a zipped patient folder reads like the folder itself.

    Args:
        path: The archive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._zip() as archive:
            self._top = _wrapping_folder(archive, path.stem)

    @property
    def place(self) -> str:
        """Where it lies."""
        return printable(str(self._path))

    @property
    def name(self) -> str:
        """The wrapping folder's name if it was stripped, else the archive's."""
        return printable(self._top.rstrip("/") or self._path.stem)

    def files(self) -> Iterator[OtherFile | Problem]:
        """List every member.

        Raises:
            UserError: If the archive is damaged.
        """
        with self._zip() as archive:
            for info in archive.infolist():
                path = _member_path(info)
                shown = printable(path.removeprefix(self._top))
                if info.is_dir():
                    continue
                if _is_unsafe(path):
                    yield Problem(shown, "its name leads out of the archive")
                elif any(is_ignored(part) for part in path.split("/")):
                    continue
                elif info.flag_bits & 0x1:
                    yield Problem(shown, "it is encrypted")
                else:
                    yield OtherFile(shown, info.filename)

    def find(self, path: str) -> str | None:
        """Return the member with this path relative to the root, or None."""
        return self._members.get(path)

    @contextmanager
    def opened(self) -> Iterator["OpenZip"]:
        """Open the archive for reading."""
        with self._zip() as archive:
            yield OpenZip(archive)

    def reachable(self) -> bool:
        """Tell whether the archive is still there."""
        return self._path.is_file()

    @cached_property
    def _members(self) -> dict[str, str]:
        return {found.path: found.file for found in self.files() if isinstance(found, OtherFile)}

    @contextmanager
    def _zip(self) -> Iterator[zipfile.ZipFile]:
        try:
            archive = zipfile.ZipFile(self._path)
        except OSError as error:
            raise unreadable(self.place, os_reason(error)) from error
        except _DAMAGE as error:
            raise UserError(
                "This is not a sound ZIP archive", self.place, "Pack it or download it again."
            ) from error
        with archive:
            yield archive


class OpenZip:
    """An archive open for reading; safe from several threads.

    Args:
        archive: The archive.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, file: str) -> bytes:
        """Return the bytes of one member.

        Raises:
            UserError: If it is damaged, packed in an unknown way, or too large for a crop.
        """
        try:
            if self._archive.getinfo(file).file_size > MAX_FILE_BYTES:
                raise unreadable(printable(file), "the file is too large for a crop")
            return self._archive.read(file)
        except OSError as error:
            raise unreadable(printable(file), os_reason(error)) from error
        except (*_DAMAGE, KeyError) as error:
            raise unreadable(printable(file), "it is damaged inside the archive") from error

    def open_file(self, file: str) -> BinaryIO:
        """Unpack one member, of any size, to a nameless temporary file and open that.

        Raises:
            UserError: If it is damaged or far too large.
        """
        if self._archive.getinfo(file).file_size > MAX_ARRAY_BYTES:
            raise unreadable(printable(file), "the file is too large")
        unpacked = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 — the caller closes it
        try:
            with self._archive.open(file) as member:
                shutil.copyfileobj(member, unpacked)
        except (OSError, *_DAMAGE) as error:
            unpacked.close()
            reason = os_reason(error) if isinstance(error, OSError) else "it is damaged"
            raise unreadable(printable(file), reason) from error
        unpacked.seek(0)
        return unpacked


def _member_path(info: zipfile.ZipInfo) -> str:
    # Some Windows programs pack backslashes.
    path = info.filename.replace("\\", "/")
    return str(PurePosixPath(path))  # without "./" and doubled slashes


def _is_unsafe(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/") or PureWindowsPath(path).drive != ""


def _wrapping_folder(archive: zipfile.ZipFile, stem: str) -> str:
    """Return the folder around everything, with a trailing slash, or the empty string."""
    paths = [
        path
        for path in map(_member_path, (i for i in archive.infolist() if not i.is_dir()))
        if not any(is_ignored(part) for part in path.split("/"))
    ]
    tops = {path.partition("/")[0] for path in paths}
    if len(tops) != 1 or any("/" not in path for path in paths) or any(map(_is_unsafe, paths)):
        return ""
    top = tops.pop()
    holds_folders = any(path.count("/") > 1 for path in paths)
    return f"{top}/" if holds_folders or top.casefold() == stem.casefold() else ""
