"""Crops in an NPZ file laid out as MedMNIST: ``train_images``, ``train_labels``, ``val_…``.

The arrays are streamed, never loaded whole: the large BloodMNIST has gigabytes of pixels. No
pickled object is ever read. The class numbers of BloodMNIST are known by name; to name those of
another set, add it to ``_CLASS_NAMES``.
"""

import lzma
import math
import re
import tokenize
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from io import BytesIO
from typing import IO, BinaryIO, NamedTuple

import numpy as np

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import MAX_PIXELS, png
from wbc_desktop.store.sources.base import ArrayItem
from wbc_desktop.store.sources.hdf5 import label_texts
from wbc_desktop.store.sources.hdf5_checks import (
    DAMAGE,
    MAX_COLUMN_BYTES,
    MAX_IMAGES,
    promises_too_much,
)

_IMAGES = re.compile(r"(?:(\w+)_)?images\.npy")
_SPLITS = ("train", "val", "test")
_CLASS_NAMES = {
    "bloodmnist": [
        "basophil",
        "eosinophil",
        "erythroblast",
        "immature granulocyte",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    ]
}
_KEPT_FRAMES = 64  # more than there are readers at once, so that their order does not matter
_HEADER_BYTES = 64 * 1024  # a header may say that it has 4 GB; those of arrays have hundreds
_PLAIN = "biufSU"  # kinds of dtype that hold numbers or text
_DAMAGE = (
    *DAMAGE,
    *(EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError, tokenize.TokenError),
)


class NpzFile:
    """An NPZ file open for reading; not safe from several threads at once.

    Args:
        stream: The file; closed with this object.
        name: What to call it in an error; also tells which set it is.

    Raises:
        UserError: If it is no NPZ file or its arrays are not laid out as expected.
    """

    def __init__(self, stream: BinaryIO, *, name: str) -> None:
        self._name = name
        self._stream = stream
        stem = name.rpartition("/")[2].lower()
        known = (names for key, names in _CLASS_NAMES.items() if stem.startswith(key))
        self._class_names: list[str] = next(known, [])
        try:
            self._zip = zipfile.ZipFile(stream)
            self._splits = self._find_splits()
        except UserError:
            self.close()
            raise
        except _DAMAGE as error:
            self.close()
            raise self._unfit("it is not a sound NPZ file") from error

    def items(self) -> Iterator[ArrayItem]:
        """List the crops with their labels."""
        stated = {s: self._labels(s, frames.shape[0]) for s, frames in self._splits.items()}
        for split, frames in self._splits.items():
            labels = stated[split]
            for index in range(frames.shape[0]):
                item = f"{split}/{index:06d}" if split else f"{index:06d}"
                yield ArrayItem(item, labels[index] if labels else None)

    def read(self, item: str) -> bytes:
        """Return one crop as lossless PNG.

        Raises:
            UserError: If this part of the file is damaged.
        """
        split, _, index = item.rpartition("/")
        frames = self._splits[split]
        try:
            data = frames.read(int(index))
        except _DAMAGE as error:
            raise UserError("The file is damaged", f"{self._name}, image {item}") from error
        return png(np.frombuffer(data, np.uint8).reshape(frames.shape[1:]))

    def close(self) -> None:
        """Close the file."""
        for frames in getattr(self, "_splits", {}).values():
            frames.close()
        self._stream.close()

    def _find_splits(self) -> dict[str, "_Frames"]:
        found = {}
        for member in self._zip.namelist():
            match = _IMAGES.fullmatch(member)
            if match:
                found[match[1] or ""] = _Frames(self._zip, member, name=self._name)
        if not found:
            raise self._unfit("it has no array train_images, val_images or test_images")
        order = [s for s in _SPLITS if s in found] + sorted(set(found) - set(_SPLITS))
        return {split: found[split] for split in order}

    def _labels(self, split: str, n_images: int) -> list[str | None]:
        member = f"{split}_labels.npy" if split else "labels.npy"
        if member not in self._zip.namelist():
            return []
        try:
            with self._zip.open(member) as stream:
                shape, _, dtype, _ = _header(stream)
            if dtype.kind not in _PLAIN:
                raise self._unfit(f"{member} must hold numbers or text, it holds other objects")
            if math.prod(shape) != n_images:
                raise self._unfit(f"{math.prod(shape)} labels for {n_images} images in {member}")
            if math.prod(shape) * dtype.itemsize > MAX_COLUMN_BYTES:
                raise self._unfit(f"{member} is too large")
            with self._zip.open(member) as stream:
                values = np.lib.format.read_array(stream, allow_pickle=False).reshape(-1)
        except _DAMAGE as error:
            raise self._unfit(f"{member} cannot be read") from error
        return label_texts(values.tolist(), self._class_names)

    def _unfit(self, reason: str) -> UserError:
        return _unfit(self._name, reason)


class _Frames:
    """One array of images, read forwards; a step back starts over, unless it is a small one."""

    def __init__(self, archive: zipfile.ZipFile, member: str, *, name: str) -> None:
        self._archive = archive
        self._member = member
        self._stream: IO[bytes] | None = None
        self._next = 0
        self._recent: OrderedDict[int, bytes] = OrderedDict()
        with archive.open(member) as stream:
            shape, fortran, dtype, self._begin = _header(stream)
        right = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
        if dtype != np.uint8 or not right or fortran:
            expected = "it must be uint8 (n, height, width, 3) in C order"
            raise _unfit(name, f"{member} is {dtype} {shape}, {expected}")
        if not 0 < shape[0] <= MAX_IMAGES:
            raise _unfit(name, f"{member} holds {shape[0]:,} images, 1 to {MAX_IMAGES:,} can be")
        if not 0 < shape[1] * shape[2] <= MAX_PIXELS:
            size, limit = f"{shape[2]:,} × {shape[1]:,}", MAX_PIXELS // 1_000_000
            raise _unfit(name, f"its images have {size} pixels, the limit is {limit} million")
        self.shape = shape
        self._n_bytes = math.prod(shape[1:])
        info = archive.getinfo(member)
        if info.file_size < shape[0] * self._n_bytes:
            raise _unfit(name, f"{member} ends before its last image")
        if promises_too_much(info.file_size, info.compress_size):
            raise _unfit(
                name, f"{member} says it has {shape[0]:,} images, but hardly any are in it"
            )

    def read(self, index: int) -> bytes:
        if index not in self._recent and (self._stream is None or index < self._next):
            self._rewind()
        while index not in self._recent:
            self._step()
        return self._recent[index]

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _rewind(self) -> None:
        self.close()
        self._stream = self._archive.open(self._member)
        self._stream.read(self._begin)
        self._next = 0
        self._recent.clear()

    def _step(self) -> None:
        data = self._stream.read(self._n_bytes) if self._stream is not None else b""
        if len(data) != self._n_bytes:
            raise EOFError(f"{self._member} ends before image {self._next}")
        self._recent[self._next] = data
        self._next += 1
        if len(self._recent) > _KEPT_FRAMES:
            self._recent.popitem(last=False)


class _Header(NamedTuple):
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]
    n_bytes: int


def _header(stream: IO[bytes]) -> _Header:
    begin = stream.read(12)
    version = np.lib.format.read_magic(BytesIO(begin))
    size = 2 if version == (1, 0) else 4  # bytes that say how long the header is
    length = 8 + size + int.from_bytes(begin[8 : 8 + size], "little")
    if length > _HEADER_BYTES:
        raise ValueError(f"a header of {length} bytes")
    head = BytesIO(begin + stream.read(max(0, length - len(begin))))
    np.lib.format.read_magic(head)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, fortran, dtype = read(head)
    return _Header(shape, fortran, dtype, head.tell())


def _unfit(name: str, reason: str) -> UserError:
    return UserError(
        "This NPZ file cannot be imported", f"{name}: {reason}", "The manual describes the layout."
    )
