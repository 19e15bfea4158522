"""Small files of a model: written whole or not at all, arrays with notes beside them.

Arrays are kept as safetensors, which cannot run code; notes about them travel in its metadata,
each as JSON under a name of its own.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that takes its name once it is whole; it is never found half written.

    What is written stands beside it as `<name>.partial` and is taken away where the block fails.
    """
    partial = path.with_name(f"{path.name}.partial")
    opened = partial.open("wb")
    try:
        with opened as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # before the name is right, or a power cut leaves it empty
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)  # where it took its name there is none
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_atomically(path: Path, *parts: bytes | memoryview) -> None:
    """Write bytes, one part after another, whole or not at all (`atomic_file`)."""
    with atomic_file(path) as file:
        file.writelines(parts)


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, notes: Mapping[str, object]
) -> None:
    """Write arrays as safetensors.

    Args:
        path: of the file; replaced where there is one.
        arrays: numpy arrays of any shapes and dtypes, by name.
        notes: values that JSON can hold, by name.
    """
    from safetensors.numpy import save

    payload = save(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()},
        metadata={name: json.dumps(value) for name, value in notes.items()},
    )
    end = 8 + int.from_bytes(payload[:8], "little")
    write_atomically(path, with_sorted_notes(payload[8:end]), memoryview(payload)[end:])


def with_sorted_notes(header: bytes) -> bytes:
    """Put the notes of a safetensors file in order, so that equal content gives equal bytes.

    The library writes them in an order that differs from process to process.

    Args:
        header: JSON.

    Returns:
        The header with its length before it, as the file begins.
    """
    stated = json.loads(header)
    stated["__metadata__"] = dict(sorted(stated.get("__metadata__", {}).items()))
    text = json.dumps(stated, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # the arrays stay aligned
    return len(text).to_bytes(8, "little") + text


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what `write_arrays` wrote: the arrays and the notes.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or no safetensors file; the message names it.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            notes = {name: json.loads(text) for name, text in (file.metadata() or {}).items()}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no mapping
    except (SafetensorError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    return arrays, notes
