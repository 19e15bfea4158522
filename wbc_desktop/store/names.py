"""Names that a workspace gives: of the files in its folder, and of its cells.

``w7k3qm-0000123`` is cell 123 of the workspace with the code ``w7k3qm``.

The code keeps a CSV of one workspace from being applied to another by mistake.
"""

import re
import secrets
from pathlib import Path

from wbc_desktop.domain.errors import UserError

FILE_NAME = "workspace.wbc"
CROPS_NAME = "crops.db"
FOLDERS = ("models", "jobs", "embeddings")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_SIGNS = _LETTERS + "23456789"  # no 0, 1, i, l, o: they are read as one another
_KEY = re.compile(r"([a-z0-9]+)-(\d{1,18})", re.ASCII)


def folder_of(path: Path) -> Path:
    """Return the folder of a workspace that is named by its folder or by its file."""
    return path.parent if path.name == FILE_NAME else path


def new_code() -> str:
    """Return a random code for a new workspace: six signs, a letter first."""
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_SIGNS) for _ in range(5))


def cell_key(code: str, row_id: int) -> str:
    """Return the id people see for a cell.

    Args:
        code: The workspace's code.
        row_id: The cell's row id.
    """
    return f"{code}-{row_id:07d}"


def row_id(text: str, code: str) -> int:
    """Return the row id that a cell id means.

    Args:
        text: A cell id as written by ``cell_key``.
        code: The workspace's code.

    Raises:
        UserError: If the text is no cell id, or one of another workspace.
    """
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise UserError(
            "This is not a cell id", text, f"Cell ids of this workspace look like {code}-0000123."
        )
    if match[1] != code:
        raise UserError(
            "This cell belongs to another workspace",
            text,
            f"Cell ids of this workspace begin with {code}-.",
        )
    return int(match[2])
