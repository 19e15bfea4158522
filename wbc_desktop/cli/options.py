"""The options that several verbs share, each declared once.

To add an option that more than one verb takes, declare it here; one that is a single verb's own
stands with the verb.
"""

import getpass
from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="W",
        help="The workspace: its folder, or the workspace.wbc in it.",
    ),
]
CsvOption = Annotated[
    Path,
    typer.Option(
        "--csv", metavar="OUT", help="The CSV file to write; an existing one is replaced."
    ),
]
ExportOption = Annotated[
    Path,
    typer.Option(
        "--csv",
        "--out",
        metavar="OUT",
        help="The file to write; an existing one is replaced. Of training-folders a new folder.",
    ),
]
SiteOption = Annotated[
    str, typer.Option("--site", metavar="NAME", help="Where the smears were stained and scanned.")
]
ScaleOption = Annotated[
    float | None,
    typer.Option(
        "--um-per-px",
        metavar="X",
        help="Scale of the crops in µm per pixel. Without it the scale is estimated cell by cell.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of text.")
]
ReviewerOption = Annotated[
    str,
    typer.Option(
        "--reviewer", metavar="NAME", help="Who acts; the name of the OS user if left out."
    ),
]


def reviewer_or_user(name: str) -> str:
    """Return the name given, or that of the OS user."""
    if name.strip():
        return name.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"
