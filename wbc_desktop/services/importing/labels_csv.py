"""Reads a CSV of labels: one somebody wrote by hand, or our own export of cells.

A line names a cell by ``cell_id`` or ``image_sha256`` and gives it a ``label``; ``comment`` is
optional. In our own export the label is ``final_label``, and only where ``label_source`` says that
a person gave it: what a model said never comes back as a human label. Columns are found by name;
others are ignored.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import unguard

_DELIMITERS = (",", ";", "\t")
_SOURCES = frozenset({"", "human", "model"})


@dataclass(frozen=True, kw_only=True)
class LabelLine:
    """What one line of the file says.

    Attributes:
        line: Number of the line it begins on; the header is line 1.
        cell_id: Text id of the cell, or the empty string.
        image_sha256: Digest of the cell's image, lower-case hex, or the empty string.
        label: Class as written, or the empty string where the line gives no human label.
        comment: Comment, or the empty string where the line gives none.
        from_model: True where the line holds a label, but a model's.
    """

    line: int
    cell_id: str
    image_sha256: str
    label: str
    comment: str
    from_model: bool


def read_labels(path: Path) -> tuple[LabelLine, ...]:
    """Read a CSV of labels.

    Args:
        path: UTF-8, with or without byte order mark; fields separated by comma, semicolon or tab.

    Returns:
        The lines in the order of the file, blank ones left out.

    Raises:
        UserError: If the file cannot be read, is not CSV in UTF-8, or lacks the columns needed.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_lines(file, path))
    except OSError as error:
        raise UserError(
            "The file of labels could not be read", f"{path} ({error.strerror or error})"
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(
            "The file of labels is not UTF-8 text", str(path), "Save it as “CSV UTF-8”."
        ) from error


def _lines(file: TextIO, path: Path) -> Iterator[LabelLine]:
    first = file.readline()
    file.seek(0)
    reader = csv.reader(file, delimiter=max(_DELIMITERS, key=first.count), strict=True)
    begins = 1
    columns: Mapping[str, int] | None = None
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if columns is None:
                columns = _columns(row, path)
            elif any(field.strip() for field in row):
                yield _label_line(row, columns, line=line, path=path)
    except csv.Error as error:
        raise UserError(
            "The file of labels is not sound CSV", f"{path}, line {begins} ({error})"
        ) from error
    if columns is None:
        raise UserError("The file of labels is empty", str(path))


def _columns(header: Sequence[str], path: Path) -> Mapping[str, int]:
    columns: dict[str, int] = {}
    for position, name in enumerate(header):
        if columns.setdefault(name.strip().casefold(), position) != position and name.strip():
            raise UserError(
                "A column stands twice in the file of labels", f"{name.strip()} in {path}"
            )
    if not columns.keys() & {"cell_id", "image_sha256"}:
        raise UserError(
            "The file of labels names no cells",
            str(path),
            "Give it a column cell_id or image_sha256.",
        )
    if "label" not in columns and not {"final_label", "label_source"} <= columns.keys():
        raise UserError(
            "The file of labels has no labels",
            str(path),
            "Give it a column label, or final_label together with label_source.",
        )
    return columns


def _label_line(
    row: Sequence[str], columns: Mapping[str, int], *, line: int, path: Path
) -> LabelLine:
    def field(name: str) -> str:
        position = columns.get(name)
        return row[position] if position is not None and position < len(row) else ""

    source = field("label_source").strip().casefold()
    if source not in _SOURCES:
        raise UserError(
            "The source of a label is neither human nor model",
            f"{source} in {path}, line {line}",
        )
    label = unguard(field("label" if "label" in columns else "final_label")).strip()
    return LabelLine(
        line=line,
        cell_id=unguard(field("cell_id")).strip(),
        image_sha256=unguard(field("image_sha256")).strip().casefold(),
        label="" if source == "model" else label,
        comment=unguard(field("comment")).strip(),
        from_model=source == "model" and bool(label),
    )
