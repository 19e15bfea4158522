"""New weights in an ONNX graph: the same graph, other numbers, and nothing else.

A model that was fine-tuned brings numbers only. The graph, which is a program, is always that of
the model it came from: `with_weights` writes the numbers over those in its bytes. ONNX Runtime has
`SessionOptions.add_initializer` for this, but it packs the weights of convolutions before it
looks there and goes on with the old ones.

A graph is a protocol buffer. Of it this module reads four fields and skips the rest:
ModelProto.graph (7), GraphProto.initializer (5), TensorProto.name (8) and .raw_data (9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

GRAPH: Final = 7
INITIALIZER: Final = 5
DIMENSIONS: Final = 1
DATA_TYPE: Final = 2
NAME: Final = 8
RAW_DATA: Final = 9
FLOAT: Final = 1  # TensorProto.FLOAT
VARINT: Final = 0
WIDE: Final = 1
BYTES: Final = 2
NARROW: Final = 5


class ProtobufField(NamedTuple):
    """One field of a protocol buffer: its number, where its content lies, a number's value."""

    number: int
    start: int
    end: int
    value: int


class Initializer(NamedTuple):
    """One initializer of a graph: where its float32 values lie, and their shape."""

    start: int
    end: int
    shape: tuple[int, ...]


def with_weights(graph: bytes, arrays: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return a graph with other values in some of its initializers.

    Args:
        graph: an ONNX file.
        arrays: float32, by the name of the initializer.

    Raises:
        ValueError: the bytes are no ONNX file, or an array has no initializer of its name and
            shape.
    """
    tensors = float_initializers(graph)
    changed = bytearray(graph)
    for name, array in arrays.items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ValueError(f"the graph has no weights called {name}")
        if array.dtype != np.float32 or array.shape != tensor.shape:
            raise ValueError(f"the weights {name} are {array.shape}, the graph's {tensor.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"the weights {name} are no numbers in part")
        changed[tensor.start : tensor.end] = array.astype("<f4").tobytes()
    return bytes(changed)


def float_initializers(graph: bytes) -> dict[str, Initializer]:
    """Find the float32 initializers of a graph by name.

    Raises:
        ValueError: the bytes are no ONNX file.
    """
    found: dict[str, Initializer] = {}
    for part in fields(graph, 0, len(graph)):
        if part.number != GRAPH:
            continue
        for entry in fields(graph, part.start, part.end):
            if entry.number == INITIALIZER:
                found.update(initializer(graph, entry))
    return found


def initializer(graph: bytes, entry: ProtobufField) -> dict[str, Initializer]:
    """Read one TensorProto: its name and tensor, or nothing where it holds no raw float32."""
    shape: list[int] = []
    name, kind, data = "", 0, None
    for part in fields(graph, entry.start, entry.end):
        if part.number == DIMENSIONS:
            shape += dimensions(graph, part)
        elif part.number == DATA_TYPE:
            kind = part.value
        elif part.number == NAME:
            name = graph[part.start : part.end].decode()
        elif part.number == RAW_DATA:
            data = part
    if kind != FLOAT or data is None:
        return {}
    if data.end - data.start != 4 * int(np.prod(shape, dtype=np.int64)):
        raise ValueError(f"the weights {name} of the graph do not fill their shape")
    return {name: Initializer(data.start, data.end, tuple(shape))}


def dimensions(graph: bytes, part: ProtobufField) -> Iterator[int]:
    """Read the sizes in a field of a TensorProto, one or, packed, many."""
    if part.start == part.end:
        yield part.value
        return
    position = part.start
    while position < part.end:
        size, position = varint(graph, position, part.end)
        yield size


def fields(graph: bytes, start: int, end: int) -> Iterator[ProtobufField]:
    """Yield the fields of a protocol buffer that lies at `start` to `end`.

    Raises:
        ValueError: it is none.
    """
    while start < end:
        key, start = varint(graph, start, end)
        number, kind, value = key >> 3, key & 7, 0
        if kind == VARINT:
            value, start = varint(graph, start, end)
            yield ProtobufField(number, start, start, value)
            continue
        if kind == BYTES:
            size, start = varint(graph, start, end)
        elif kind in (WIDE, NARROW):
            size = 8 if kind == WIDE else 4
        else:
            raise ValueError("this is no ONNX file")
        if start + size > end:
            raise ValueError("this is no ONNX file, or its end is missing")
        yield ProtobufField(number, start, start + size, value)
        start += size


def varint(graph: bytes, start: int, end: int) -> tuple[int, int]:
    """Read a number of variable length; return it and where it ends.

    Raises:
        ValueError: it does not end.
    """
    value = 0
    for position in range(start, min(end, start + 10)):
        value |= (graph[position] & 0x7F) << (7 * (position - start))
        if graph[position] < 0x80:
            return value, position + 1
    raise ValueError("this is no ONNX file, or its end is missing")
