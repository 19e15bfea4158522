"""What lies at the top of the repository, and what must never get into it."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

TOP_LEVEL = {
    *(".ci", ".gitignore", "Makefile", "pyproject.toml", "setup.cfg", "LICENSE", "NOTICE"),
    *("README.md", "CONTEXT.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("docs", "model", "packaging", "resources", "tests", "wbc_desktop"),
}
# A path of somebody's machine, or the address of an index that only one network can reach.
FOREIGN = re.compile(
    r"(?<![\w.~])/(?:root|work|Users|home/\w+)/\w"
    r"|[A-Z]:\\Users\\"
    r"|https?://\S+/simple\b|https?://\S+\.whl\b"
)
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".cfg",
    ".json",
    ".csv",
    ".svg",
    ".txt",
    ".html",
    ".spec",
    ".desktop",
    "",
}


def tracked() -> list[Path]:
    """Every file that git knows."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if listing.returncode:
        pytest.skip("this copy is not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_holds_what_the_plan_says_and_nothing_else() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} == TOP_LEVEL


def test_packaging_is_no_package() -> None:
    """An ``__init__.py`` there would shadow the distribution called packaging."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_nothing_names_a_machine_or_a_private_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in TEXT
        and (match := FOREIGN.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert not found


def test_every_dependency_is_pinned_and_given_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").casefold()
    pins = {re.split(r"[=;]", pin)[0] for pin in project["tool"]["uv"]["constraint-dependencies"]}
    wanted = project["project"]["dependencies"] + [
        entry
        for group in (project["project"]["optional-dependencies"], project["dependency-groups"])
        for entries in group.values()
        for entry in entries
    ]
    names = {re.split(r"[\[=<>;~!]", entry)[0].casefold() for entry in wanted} - {"wbc-desktop"}
    assert names <= pins
    assert not {name for name in names if f"`{name}`" not in reasons}
