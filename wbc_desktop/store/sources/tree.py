"""A source made of files: images as they are, array files opened as if they were folders."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol, TypeAlias

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources.base import (
    ARRAY_SUFFIXES,
    Entry,
    FoundCrop,
    OtherFile,
    Problem,
    Reader,
    is_image,
    suffix_of,
)
from wbc_desktop.store.sources.hdf5 import Hdf5File
from wbc_desktop.store.sources.npz import NpzFile

ArrayFile: TypeAlias = Hdf5File | NpzFile


class OpenTree(Protocol):
    """A tree open for reading; safe from several threads."""

    def read(self, file: str) -> bytes:
        """Return the bytes of a file fit to be a crop; ``UserError`` if that fails."""
        ...

    def open_file(self, file: str) -> BinaryIO:
        """Open a file of any size, seekable; ``UserError`` if that fails."""
        ...


class Tree(Protocol):
    """Files below one root: a folder, an archive."""

    @property
    def place(self) -> str:
        """Where it lies, for messages."""
        ...

    def files(self) -> Iterator[OtherFile | Problem]:
        """List every file."""
        ...

    def find(self, path: str) -> str | None:
        """Return the file with this path relative to the root, or None."""
        ...

    def opened(self) -> AbstractContextManager[OpenTree]:
        """Open it for reading."""
        ...

    def reachable(self) -> bool:
        """Tell whether it is still there."""
        ...


@dataclass(frozen=True, kw_only=True)
class TreeSource:
    """Every image below a root.

    Attributes:
        name: Of the root; stands for the patient where nothing else does.
        tree: The files.
        unwrap: True if the tree is one array file, whose own name is then no folder.
    """

    name: str
    tree: Tree
    unwrap: bool = False

    @property
    def place(self) -> str:
        """Where it lies."""
        return self.tree.place

    def entries(self) -> Iterator[Entry]:
        """List crops, problems and other files.

        Raises:
            UserError: If the root cannot be read, or is one array file that is not fit.
        """
        with self.tree.opened() as files:
            for found in self.tree.files():
                yield from self._entries_of(found, files)

    def _entries_of(self, found: OtherFile | Problem, files: OpenTree) -> Iterator[Entry]:
        if isinstance(found, Problem):
            yield found
        elif is_image(found.path):
            yield FoundCrop(path=found.path, file=found.file)
        elif suffix_of(found.path) in ARRAY_SUFFIXES:
            try:
                yield from _array_entries(found, files, unwrap=self.unwrap)
            except UserError as error:
                if self.unwrap:
                    raise
                yield Problem(found.path, f"{error.title}: {error.detail}")
        elif suffix_of(found.path) == ".zip":
            yield Problem(found.path, "a ZIP among other files is not opened, import it by itself")
        else:
            yield found

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        """Open it for reading."""
        with self.tree.opened() as files:
            reader = TreeReader(files)
            try:
                yield reader
            finally:
                reader.close()

    def reachable(self) -> bool:
        """Tell whether it is still there."""
        return self.tree.reachable()


@dataclass(eq=False)
class TreeReader:
    """Reads crops from image files and array files; the latter stay open between crops.

    Attributes:
        files: The open tree.
    """

    files: OpenTree
    _arrays: dict[str, ArrayFile] = field(default_factory=dict)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def read(self, crop: FoundCrop) -> bytes:
        """Return the encoded bytes of a crop.

        Raises:
            UserError: If they cannot be read.
        """
        if not crop.item:
            return self.files.read(crop.file)
        with self._one_at_a_time:
            if crop.file not in self._arrays:
                self._arrays[crop.file] = open_array(self.files, crop.file, name=crop.file)
            return self._arrays[crop.file].read(crop.item)

    def read_file(self, file: str) -> bytes:
        """Return the bytes of another file.

        Raises:
            UserError: If they cannot be read.
        """
        return self.files.read(file)

    def close(self) -> None:
        """Close the array files."""
        for array in self._arrays.values():
            array.close()
        self._arrays.clear()


def open_array(files: OpenTree, file: str, *, name: str) -> ArrayFile:
    """Open an array file by its suffix; ``UserError`` if it is not fit."""
    stream = files.open_file(file)
    return NpzFile(stream, name=name) if suffix_of(name) == ".npz" else Hdf5File(stream, name=name)


def _array_entries(found: OtherFile, files: OpenTree, *, unwrap: bool) -> Iterator[FoundCrop]:
    array = open_array(files, found.file, name=found.path)
    folder = "" if unwrap else f"{PurePosixPath(found.path).with_suffix('')}/"
    try:
        for one in array.items():
            yield FoundCrop(
                path=f"{folder}{one.file_name or f'{one.item}.png'}",
                file=found.file,
                item=one.item,
                label=one.label,
                patient=one.patient,
                slide=one.slide,
                um_per_px=one.um_per_px,
            )
    finally:
        array.close()
