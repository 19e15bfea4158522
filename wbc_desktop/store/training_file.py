"""Writes labelled crops as one HDF5 file, laid out as ``store.sources.hdf5`` reads them.

``/images`` (n,) holds the encoded bytes of each crop as they were imported, so that nothing is
resized, padded or compressed anew, and so that a crop keeps its SHA-256. Every fact of the cells
is one more array (n,) beside it.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import h5py

Array: TypeAlias = Sequence[str] | NDArray[np.int64] | NDArray[np.float64]
Attribute: TypeAlias = str | int | Sequence[str]


def write_training_file(
    file: BinaryIO,
    crops: Iterable[bytes],
    *,
    n: int,
    arrays: Callable[[], Mapping[str, Array]],
    attributes: Mapping[str, Attribute],
) -> None:
    """Write a whole HDF5 file.

    Args:
        file: Empty, open for reading and writing.
        crops: Encoded bytes of n crops.
        n: How many there are.
        arrays: Called when all crops are written; returns arrays (n,) by name. Texts are stored
            as UTF-8 of any length.
        attributes: Of the file.

    Raises:
        OSError: If the file cannot be written.
    """
    import h5py

    sink = _Sink(file)
    with h5py.File(sink, "w") as written:
        _write_crops(written, crops, sink, n=n)
        for name, values in arrays().items():
            if isinstance(values, np.ndarray):
                written.create_dataset(name, data=values)
            else:
                written.create_dataset(name, data=[*values], dtype=h5py.string_dtype())
        for name, value in attributes.items():
            written.attrs[name] = value if isinstance(value, str | int) else [*value]
    sink.check()


def _write_crops(file: "h5py.File", crops: Iterable[bytes], sink: "_Sink", *, n: int) -> None:
    import h5py

    images = file.create_dataset("images", (n,), dtype=h5py.vlen_dtype(np.uint8))
    for place, encoded in enumerate(crops):
        images[place] = np.frombuffer(encoded, np.uint8)
        sink.check()


class _Sink:
    """What HDF5 writes to: it never sees an error, because it cannot recover from one.

    Once the disk has refused, the rest goes nowhere and ``check`` says so; HDF5 itself would keep
    trying to write what is left in its cache for as long as the program runs.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = 0
        self._end = 0
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the error that the disk gave, if it did."""
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> int:
        """Take bytes for the present place."""
        length = memoryview(data).nbytes
        if self._error is None:
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                self._error = error
        self._place += length
        self._end = max(self._end, self._place)
        return length

    def read(self, size: int) -> bytes:
        """Return bytes from the present place; zeros where the disk refused."""
        found = self._file.read(size) if self._error is None else b""
        self._place += size
        return found.ljust(size, b"\0")

    def readinto(self, buffer: bytearray) -> int:
        """Fill a buffer from the present place."""
        view = memoryview(buffer).cast("B")
        view[:] = self.read(len(view))
        return len(view)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        self._place = place + (self._end if whence == os.SEEK_END else 0)
        if self._error is None:
            self._file.seek(self._place)
        return self._place

    def tell(self) -> int:
        """Return the present place."""
        return self._place

    def truncate(self, size: int) -> int:
        """Set the length."""
        self._end = size
        if self._error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self._error = error
        return size

    def flush(self) -> None:
        """Every write is flushed at once, so that its error is seen where it happens."""
