"""What a person can do stands in the documents; what the documents link to is there."""

import re
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from tests.architecture.source_tree import ROOT, name_of
from wbc_desktop.cli.verbs import app
from wbc_desktop.domain.filter.keys import KEYS
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.commands.actions import ACTIONS, plain
from wbc_desktop.services.export.cells_csv import cells_header
from wbc_desktop.services.export.differential_csv import DIFFERENTIAL_HEADER
from wbc_desktop.services.export.exporting import AUDIT_HEADER

DOCS = ROOT / "docs"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_verb_and_option_of_the_command_line_is_described() -> None:
    text = _text(DOCS / "cli.md")
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    missing = [f"wbc {verb}" for verb in group.commands if f"wbc {verb}" not in text]
    for verb, command in group.commands.items():
        options = [o for p in command.params for o in p.opts if o.startswith("--")]
        missing += [f"wbc {verb} {o}" for o in options if o not in text]
    assert not missing


def test_every_action_of_the_window_is_in_the_manual_with_its_keys() -> None:
    text = _text(DOCS / "manual" / "keys.md")
    rows = [
        f"| {plain(a.text).rstrip('…')} | {plain(a.menu)} | "
        f"{' or '.join(f'`{key}`' for key in a.keys) or '–'} | {a.tooltip} |"
        for a in ACTIONS
    ]
    assert not [row for row in rows if row not in text]


def test_every_key_of_a_filter_text_is_in_the_manual() -> None:
    text = _text(DOCS / "manual" / "finding-cells.md")
    assert not [key.name for key in KEYS if f"| `{key.name}:` |" not in text]


def test_every_column_of_every_export_is_described() -> None:
    text = _text(DOCS / "csv.md")
    leaves = {f"prob_{leaf}" for leaf in taxonomy_v1().leaves}
    columns = {*cells_header(taxonomy_v1()), *DIFFERENTIAL_HEADER, *AUDIT_HEADER} - leaves
    assert not {column for column in columns if f"`{column}`" not in text}
    assert "`prob_" in text


def test_every_link_between_our_documents_leads_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    broken = [
        f"{name_of(path)}: {target}"
        for path in documents
        for target in _LINK.findall(_text(path))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken


def test_every_file_that_the_plan_names_is_there() -> None:
    named = re.findall(r"`([a-z_/]+/[a-z_]+\.py)`", _text(DOCS / "architecture.md"))
    roots = (ROOT, ROOT / "wbc_desktop")
    assert len(named) > 30
    assert not [name for name in named if not any((root / name).is_file() for root in roots)]
