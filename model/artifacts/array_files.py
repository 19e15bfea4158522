"""Small files of a model: written whole or not at all, arrays with notes beside them.

Arrays are kept as safetensors, which cannot run code; notes about them travel in its metadata,
each as JSON under a name of its own.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


def write_whole(path: Path, *parts: bytes | memoryview) -> None:
    """Write bytes, one part after another, so that a file is never found half written."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())  # before the name is right, or a power cut leaves it empty
    partial.replace(path)


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
    write_whole(path, with_sorted_notes(payload[8:end]), memoryview(payload)[end:])


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
