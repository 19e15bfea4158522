"""What an event says of one cell, read from its text without decoding what it says of the others.

An act on 100,000 cells is one event of more than a megabyte. To tell the history of a cell, only
the values of that cell are decoded; the numbers of the other cells are searched as text.
"""

import json

from wbc_desktop.domain.audit.events import Json

_DECODER = json.JSONDecoder()
_START, _MIDDLE, _END = '{"after":[', '],"before":[', "],"
_LONG = 4096  # characters; shorter texts are decoded as they are


def payload_for_cell(text: str, cell_id: int) -> dict[str, Json]:
    """Return the payload of an event, its edit cut down to one cell.

    Args:
        text: The payload as it is stored. Canonical JSON of an edit is searched; any other, and a
            short one, is decoded whole.
        cell_id: The cell; an edit that does not name it comes back with no cell.

    Raises:
        ValueError: If the text is not JSON.
    """
    cut = _cut(text, cell_id) if len(text) > _LONG else None
    payload: dict[str, Json] = json.loads(text) if cut is None else cut
    return payload


def _cut(text: str, cell_id: int) -> dict[str, Json] | None:
    """Return an edit with the values of one cell, None if the text is not laid out as expected."""
    try:
        after, at = _values(text, len(_START), cell_id) if text.startswith(_START) else (None, 0)
        if after is None or not text.startswith(_MIDDLE, at):
            return None
        before, at = _values(text, at + len(_MIDDLE), cell_id)
        if not text.startswith(_END, at):
            return None
        rest = json.loads("{" + text[at + len(_END) :])
    except ValueError:
        return None
    return {"after": after, "before": before, **rest}


def _values(text: str, at: int, cell_id: int) -> tuple[list[Json], int]:
    """Return the groups of values that name a cell, and where the list of groups ends.

    Args:
        text: Canonical JSON.
        at: Where the first group begins: ``[value,[cell, …]]``.
        cell_id: The cell; groups without it are left out.

    Raises:
        ValueError: If it is no list of such groups.
    """
    found: list[Json] = []
    while text.startswith("[", at):
        value, at = _DECODER.raw_decode(text, at + 1)
        if not text.startswith(",[", at):
            raise ValueError(f"no cells at {at}")
        end = text.index("]", at)
        if _names(text, at + 2, end, cell_id):
            found.append([value, [cell_id]])
        if not text.startswith("]]", end):
            raise ValueError(f"the group does not end at {end}")
        at = end + (3 if text.startswith(",", end + 2) else 2)
    return found, at


def _names(text: str, start: int, end: int, cell_id: int) -> bool:
    """Tell whether numbers that stand between commas hold a cell."""
    number = str(cell_id)
    if text.startswith((f"{number},", f"{number}]"), start):
        return True
    return text.endswith(f",{number}", start, end) or text.find(f",{number},", start, end) >= 0
