"""Tables that live in two places must say the same."""

import json
import re
from pathlib import Path

from model import hierarchy
from model.inference.predictor import find_model
from tests.architecture.source_tree import ROOT
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.paths import models_dir

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


def test_the_benchmarks_state_the_figures_of_the_shipped_model() -> None:
    card = json.loads((find_model(models_dir()) / "card.json").read_text(encoding="utf-8"))
    wanted = [
        f"| {domain} | {m['n']:,} | {m['macro_f1']:.3f} | {m['macro_f1_from_5']:.3f} |"
        f" {m['ece']:.3f} | {100 * m['foreign']:.1f} % |"
        for domain, m in card["metrics"]["test"].items()
    ]
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert f"`{card['model_id']}`" in text
    assert not [row for row in wanted if row not in text], "\n".join(["should be:", *wanted])


def _rows(path: Path) -> dict[str, list[str]]:
    """Rows of the Markdown tables in a file, by their first cell."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in line.strip("| ").split("|")] for line in lines if "|" in line]
    return {row[0]: row for row in cells if not re.fullmatch(r"[-: ]+", row[0])}
