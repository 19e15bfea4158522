"""What the desktop is told stands in several files, which must say the same."""

import configparser
import re
import tomllib
import xml.etree.ElementTree as ET

from tests.architecture.source_tree import ROOT
from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.store.names import FILE_NAME

PACKAGING = ROOT / "packaging"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "wbc_desktop/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    said = [p.name for p in PACKAGING.rglob("*.py") if __version__ in p.read_text(encoding="utf-8")]
    assert not said


def test_entry_type_and_metadata_name_one_another() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]  # keys are case-sensitive
    entry.read(PACKAGING / "linux" / "wbc-desktop.desktop", encoding="utf-8")
    desktop = entry["Desktop Entry"]
    metadata = ET.parse(PACKAGING / "linux" / "metainfo.xml").getroot()  # noqa: S314  # our own
    types = ET.parse(PACKAGING / "linux" / "wbc-desktop-mime.xml").getroot()  # noqa: S314  # our own
    kind = types.find(f"{MIME}mime-type")
    pattern = types.find(f".//{MIME}glob")
    assert kind is not None
    assert pattern is not None
    assert desktop["MimeType"] == f"{kind.get('type')};"
    assert metadata.findtext("provides/mediatype") == kind.get("type")
    assert metadata.findtext("launchable") == "wbc-desktop.desktop"
    assert FILE_NAME.endswith(str(pattern.get("pattern")).removeprefix("*"))
    assert desktop["Exec"] == "wbc-desktop %F"  # a workspace, or folders that are to be imported
    told = " ".join("".join(metadata.itertext()).split())
    assert all(sentence.strip(". ") in told for sentence in RESEARCH_USE_ONLY.split(". "))


def test_the_same_identifier_everywhere() -> None:
    named = ET.parse(PACKAGING / "linux" / "metainfo.xml").getroot().findtext("id")  # noqa: S314
    for file in ("bundle.py", "deb.py"):
        assert str(named) in (PACKAGING / file).read_text(encoding="utf-8"), file


def test_what_was_never_run_says_so() -> None:
    for file in ("windows/wbc-desktop.iss", "macos/dmg.sh", "macos/entitlements.plist"):
        head = (PACKAGING / file).read_text(encoding="utf-8")[:600].lower()
        assert "never run" in head or "never used" in head, file
