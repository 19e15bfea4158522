"""The manual of the command line and of its files says what the program does."""

import re

from typer.main import get_command

from tests.architecture.source_tree import ROOT
from wbc_desktop.cli.verbs import app
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.export.cells_csv import cells_header
from wbc_desktop.services.export.differential_csv import DIFFERENTIAL_HEADER
from wbc_desktop.services.export.exporting import AUDIT_HEADER
from wbc_desktop.services.export.training_cells import SPLIT_HEADER

CSV = (ROOT / "docs" / "csv.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def columns(section: str) -> tuple[str, ...]:
    """The first column of the table below a heading of docs/csv.md."""
    text = CSV.split(f"\n## {section}")[1].split("\n## ")[0]
    return tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_every_column_is_explained_in_its_order() -> None:
    assert columns("Cells") == cells_header(taxonomy_v1())
    assert columns("Differential") == DIFFERENTIAL_HEADER
    assert columns("Audit log") == AUDIT_HEADER
    assert columns("Training set") == SPLIT_HEADER


def test_every_verb_and_every_option_is_in_the_manual() -> None:
    command = get_command(app)
    verbs = getattr(command, "commands", {})
    assert set(re.findall(r"^## `wbc (\w+)`", CLI, re.MULTILINE)) == set(verbs)
    for name, verb in verbs.items():
        for option in (o for parameter in verb.params for o in parameter.opts if o[:2] == "--"):
            assert option in CLI, (name, option)
