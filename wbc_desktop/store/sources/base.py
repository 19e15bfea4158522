"""What every source of crops speaks: found crops, problems, other files, and a reader.

A source lists what it holds without decoding anything, and reads one crop at a time. It never
writes where the crops lie. How paths become patients and slides is decided elsewhere
(``services.importing``); a source only reports what it states outright.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol, TypeAlias

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import IMAGE_SUFFIXES

ARRAY_SUFFIXES = frozenset({".h5", ".hdf5", ".npz"})
TABLE_SUFFIX = ".csv"

MAX_FILE_BYTES = 128 * 1024 * 1024
"""A larger file is never the crop of one cell."""

_IGNORED = frozenset(
    {"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "system volume information"}
)
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCrop:
    """One crop a source holds.

    Attributes:
        path: Relative to the imported folder, forward slashes, fit for people and for the CSV.
        file: The file as the source's reader finds it; differs from ``path`` where a name is not
            valid UTF-8 or the crop lies inside an array file.
        item: Which crop of an array file; empty for an image file.
        label: What the source states outright (a manifest, an array file), else None.
        patient: Likewise.
        slide: Likewise.
        um_per_px: Likewise, µm per pixel.
    """

    path: str
    file: str
    item: str = ""
    label: str | None = None
    patient: str | None = None
    slide: str | None = None
    um_per_px: float | None = None


class ArrayItem(NamedTuple):
    """One crop of an array file, with what the file says of it.

    Attributes:
        item: Which crop it is.
        label: Class name or number, or None.
        patient: Code of the patient, or None.
        slide: Name of the slide, or None.
        um_per_px: Scale in µm per pixel, or None.
        file_name: Under which it was kept, or the empty string.
    """

    item: str
    label: str | None
    patient: str | None = None
    slide: str | None = None
    um_per_px: float | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be imported, and why.

    Attributes:
        path: Relative to the imported folder.
        reason: In the user's words, without a full stop.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file that is neither an image nor an array of images; a CSV may hold labels.

    Attributes:
        path: Relative to the imported folder.
        file: The file as the source's reader finds it.
    """

    path: str
    file: str


Entry: TypeAlias = FoundCrop | Problem | OtherFile


class Reader(Protocol):
    """Reads what a source lists, while it is open; safe from several threads."""

    def read(self, crop: FoundCrop) -> bytes:
        """Return the encoded bytes of a crop; ``UserError`` with the reason if they are gone."""
        ...

    def read_file(self, file: str) -> bytes:
        """Return the bytes of another file, such as a CSV of labels."""
        ...


class Source(Protocol):
    """A place crops come from.

    Attributes:
        name: Of the imported folder or file; stands for the patient where nothing else does.
        place: Where it lies, for messages.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 — described in the class
    @property
    def place(self) -> str: ...  # noqa: D102 — described in the class

    def entries(self) -> Iterator[Entry]:
        """List what is there, in no particular order; ``UserError`` if nothing can be listed."""
        ...

    def opened(self) -> AbstractContextManager[Reader]:
        """Open it for reading."""
        ...

    def reachable(self) -> bool:
        """Tell whether the place is still there: a stick may be pulled, a share may go."""
        ...


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder is a by-product of some system, never worth a word."""
    return name.startswith(".") or name.casefold() in _IGNORED


def suffix_of(path: str) -> str:
    """Return the suffix in lower case, with its dot."""
    return PurePosixPath(path).suffix.lower()


def is_image(path: str) -> bool:
    """Tell by its name whether a file should be an image."""
    return suffix_of(path) in IMAGE_SUFFIXES


def printable(name: str) -> str:
    r"""Return a name as text that can be stored and shown.

    Bytes that are not UTF-8 become ``\xNN``. The composed form is taken, so that a folder copied
    by way of a Mac keeps its patient.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text)


def natural_key(path: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts ``cell 2`` before ``cell 10``, folder by folder."""
    key: list[tuple[int, int, str]] = []
    for part in path.split("/"):
        for piece in _NUMBER.split(part.casefold()):
            # isdecimal alone lets through digits of other scripts, which int() reads as well.
            if piece.isdecimal():
                key.append((1, int(piece), ""))
            elif piece:
                key.append((2, 0, piece))
        key.append((0, 0, ""))
    return (*key, (0, 0, path))


def os_reason(error: OSError) -> str:
    """Return why the system refused a file, in the user's words."""
    if isinstance(error, FileNotFoundError):
        return "the file is gone"
    if isinstance(error, PermissionError):
        return "no right to read it"
    return f"cannot be read ({(error.strerror or str(error)).lower()})"


def unreadable(path: str, reason: str) -> UserError:
    """Return the error of a file that cannot be read."""
    return UserError(reason[0].upper() + reason[1:], path, "Check the file and import it again.")
