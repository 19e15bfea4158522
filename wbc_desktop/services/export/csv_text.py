"""The one CSV dialect: RFC 4180, UTF-8 without a byte order mark, plain numbers.

Texts that come from outside are guarded by ``domain.formulas`` before they get here.
"""

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from wbc_desktop.services.export.output_files import output_file

_CHUNK_ROWS = 1000


def number(value: float | None, *, decimals: int | None = None) -> str:
    """Return a number in plain digits; empty for None, infinities and what is not a number.

    Args:
        value: The number.
        decimals: Digits after the point, or None for as many as tell the value exactly.
    """
    if value is None or not math.isfinite(value):
        return ""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that has been written, or a folder of files.

    Attributes:
        path: Where it is.
        rows: Lines of data, the header not among them.
        sha256: Digest of the file's bytes, or of what stands for the folder; lower-case hex.
    """

    path: Path
    rows: int
    sha256: str


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Written:
    """Write a CSV file whole or not at all.

    Args:
        path: The file; an existing one is replaced when the new one is complete.
        header: Column names.
        rows: Lines, each as long as the header; text is written as it is given.

    Raises:
        UserError: If the file cannot be written.
    """
    digest = hashlib.sha256()
    count = -1  # the header is no row
    with output_file(path) as file:
        for chunk in _chunks(header, rows):
            encoded = _encoded(chunk)
            digest.update(encoded)
            file.write(encoded)
            count += len(chunk)
    return Written(path=path, rows=count, sha256=digest.hexdigest())


def _chunks(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    chunk = [header]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} fields under a header of {len(header)}")
        chunk.append(row)
        if len(chunk) >= _CHUNK_ROWS:
            yield chunk
            chunk = []
    yield chunk


def _encoded(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode("utf-8")
