"""CSV files as laboratories write them: either separator, a byte order mark or none, any case.

The columns are known by several names each; ``COLUMNS`` lists them.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import unguard

COLUMNS = {
    "image_path": ("image_path", "image", "path", "file", "filename", "file_name", "img"),
    "label": ("source_label", "label", "class", "cell_type", "annotation"),
    "patient": ("patient_id", "patient"),
    "slide": ("slide_id", "slide"),
    "um_per_px": ("um_per_px",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of a CSV of images; what is absent or empty is None.

    Attributes:
        line: Line number in the file, from 1.
        image_path: As written, with forward slashes.
        label: Class name or code.
        patient: Patient id.
        slide: Slide id.
        um_per_px: As written; see ``scale_of``.
    """

    line: int
    image_path: str
    label: str | None
    patient: str | None
    slide: str | None
    um_per_px: str | None


def read_rows(data: bytes, *, name: str, needs: tuple[str, ...]) -> Iterator[TableRow]:
    """Read a CSV of images.

    Args:
        data: The whole file.
        name: What to call it in an error.
        needs: Columns that must be there, by their keys in ``COLUMNS``.

    Raises:
        UserError: If a needed column is missing or the file is no CSV.
    """
    text = _text(data)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        columns = _columns(next(reader, []))
        for need in needs:
            if need not in columns:
                raise UserError(
                    f"This CSV has no column {COLUMNS[need][0]}",
                    name,
                    "Name the columns in its first line.",
                )
        for cells in reader:
            row = {key: _cell(cells, index) for key, index in columns.items()}
            path = row.get("image_path")
            if path:
                yield TableRow(
                    line=reader.line_num,
                    image_path=path.replace("\\", "/").removeprefix("./"),
                    label=row.get("label"),
                    patient=row.get("patient"),
                    slide=row.get("slide"),
                    um_per_px=row.get("um_per_px"),
                )
    except csv.Error as error:
        raise UserError(
            "This CSV cannot be read", f"{name}, line {reader.line_num}: {error}", "Save it anew."
        ) from error


def has_columns(data: bytes, needs: tuple[str, ...]) -> bool:
    """Tell whether a CSV begins with a header that has these columns."""
    text = _text(data)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return set(needs) <= set(_columns(next(reader, [])))
    except csv.Error:  # something else under the name of a CSV
        return False


def scale_of(text: str | None) -> float | None:
    """Return µm per pixel; a decimal comma is understood.

    Raises:
        ValueError: If the text is not a number above 0.
    """
    if text is None:
        return None
    scale = float(text.replace(",", "."))
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(text)
    return scale


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what older spreadsheets write


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _columns(header: list[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    found = {}
    for key, aliases in COLUMNS.items():
        index = next((names.index(alias) for alias in aliases if alias in names), None)
        if index is not None:
            found[key] = index
    return found


def _cell(cells: list[str], index: int) -> str | None:
    text = cells[index].strip(" ") if index < len(cells) else ""
    return unguard(text) or None
