"""Tables that live in two places must say the same."""

import re
from pathlib import Path

from model import hierarchy
from tests.architecture.source_tree import ROOT
from wbc_desktop.domain.taxonomy import taxonomy_v1

MANUAL = ROOT / "docs" / "manual"


def test_the_network_and_the_taxonomy_agree_on_the_leaves() -> None:
    assert taxonomy_v1().leaves == hierarchy.LEAVES


def test_the_network_and_the_taxonomy_agree_on_the_parents() -> None:
    taxonomy = taxonomy_v1()
    ours = {parent: taxonomy.leaves_of(parent) for parent in taxonomy.parents()}
    assert ours == dict(hierarchy.PARENTS)


def test_every_class_is_in_the_manual_with_its_key() -> None:
    rows = _rows(MANUAL / "classes.md")
    for cell_class in taxonomy_v1().classes:
        code, key = rows[f"`{cell_class.id}`"][1:3]
        assert (code, key) == (cell_class.code, cell_class.hotkey), cell_class.id


def _rows(path: Path) -> dict[str, list[str]]:
    """Rows of the Markdown tables in a file, by their first cell."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in line.strip("| ").split("|")] for line in lines if "|" in line]
    return {row[0]: row for row in cells if not re.fullmatch(r"[-: ]+", row[0])}
