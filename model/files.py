"""Small files of a model: written whole or not at all, arrays with notes beside them.

Arrays are kept as safetensors, which cannot run code; notes about them travel in its metadata,
each as JSON under a name of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


def write_whole(path: Path, payload: bytes) -> None:
    """Write bytes so that a file is never found half written."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(payload)
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
    write_whole(path, payload)


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
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    return arrays, notes
