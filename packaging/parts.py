"""Which packages the files of a bundle come from: for the licences and the bill of materials.

Every file of the bundle is traced to a Python distribution, to Python itself, to a package of the
system it was built on, or to us. A file that cannot be traced ends the build, so that nothing is
passed on whose licence nobody knows. Which licence a distribution states is read by pip-licenses;
its texts are gathered here, as pip-licenses takes one file of each, not always the right one.
"""

import importlib.metadata
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_LICENCE_FILE = re.compile(
    r"(licen[cs]e|copying|copyright|notice|authors|thirdparty)", re.IGNORECASE
)
_KNOWN = {
    "libbz2-1.0": "bzip2-1.0.6",
    "libffi8": "MIT",
    "liblzma5": "0BSD",
    "libsqlite3-0": "blessing",
    "libssl3": "Apache-2.0",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "scipy": "BSD-3-Clause",
}
"""Licences, as SPDX writes them, of packages that state them in a text only."""
_UNKNOWN = "UNKNOWN"  # as pip-licenses writes what a package does not state
_MICROSOFT = re.compile(r"(vcruntime|msvcp|ucrtbase|concrt|api-ms-win-)", re.IGNORECASE)


@dataclass(order=True)
class Part:
    """One package that files of the bundle come from.

    Attributes:
        name: Its name.
        version: Its version.
        kind: pypi, deb, generic.
        licence: As its maker states it, or empty.
        home: Where its maker is found, or empty.
        texts: Its licence files.
        sboms: Bills of materials it brings itself, of what is built into it.
    """

    name: str
    version: str
    kind: str
    licence: str = ""
    home: str = ""
    texts: tuple[Path, ...] = field(default=(), compare=False)
    sboms: tuple[Path, ...] = field(default=(), compare=False)

    @property
    def purl(self) -> str:
        """Its name as bills of materials write it."""
        place = "debian/" if self.kind == "deb" else ""
        return f"pkg:{self.kind}/{place}{self.name}@{self.version}"


def parts_of(contents: Iterable[tuple[str, Path]], *, root: Path) -> list[Part]:
    """Return the packages that the files come from, in order, without ours.

    Args:
        contents: Of the bundle.
        root: Of our repository.

    Raises:
        SystemExit: If a file comes from nowhere known.
    """
    found = {part.name: part for part in (_python(), _of("pyinstaller"))}
    unknown = []
    for place, source in contents:
        if source.is_relative_to(root) and not source.is_relative_to(root / ".venv"):
            continue
        part = _part_of(source)
        if part is None:
            unknown.append(f"{place} from {source}")
        else:
            found[part.name] = part
    if unknown:
        raise SystemExit("These files come from no known package:\n" + "\n".join(unknown))
    return sorted(found.values())


def _part_of(source: Path) -> Part | None:
    owner = _distributions().get(source) or _distributions().get(source.resolve())
    if owner is not None:
        return _of(owner)
    standard = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")]
    standard.append(Path(sys.base_prefix).resolve())
    system = {Path(place) for place in ("/usr", "/")}
    homes = [place for place in standard if place not in system]
    if any(source.resolve().is_relative_to(place) for place in homes):
        return _python()
    if sys.platform == "win32" and _MICROSOFT.match(source.name):
        return Part("microsoft-visual-c-runtime", "", "generic", "Microsoft Visual C++ Runtime")
    return _debian(source) if sys.platform == "linux" else None


@cache
def _distributions() -> dict[Path, str]:
    """Name of the distribution that each installed file belongs to."""
    return {
        Path(str(distribution.locate_file(file))): distribution.name
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or ()
    }


@cache
def _of(name: str) -> Part:
    distribution = importlib.metadata.distribution(name)
    facts = _stated()[distribution.name.lower()]
    files = [(file, Path(str(distribution.locate_file(file)))) for file in distribution.files or ()]
    texts = [
        path
        for file, path in files
        if path.is_file()
        and path.suffix.lower() in {"", ".txt", ".md", ".rst"}
        and (_LICENCE_FILE.search(file.name) or "licenses" in file.parts)
    ]
    boms = [path for file, path in files if "sboms" in file.parts and path.suffix == ".json"]
    return Part(
        name=distribution.name.lower(),
        version=distribution.version,
        kind="pypi",
        licence=_KNOWN.get(distribution.name.lower()) or facts["License"],
        home=facts["URL"],
        texts=tuple(sorted(texts)),
        sboms=tuple(sorted(boms)),
    )


@cache
def _stated() -> dict[str, dict[str, str]]:
    """What pip-licenses says of each installed distribution, by its name in small letters."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"]
    command += ["--with-system", "--with-urls"]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    return {
        row["Name"].lower(): {key: "" if value == _UNKNOWN else value for key, value in row.items()}
        for row in json.loads(said)
    }


@cache
def _python() -> Part:
    places = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path("/usr/share/doc/python3/copyright"),
    )
    texts = tuple(path for path in places if path.exists())
    version = ".".join(map(str, sys.version_info[:3]))
    return Part("python", version, "generic", "PSF-2.0", "https://www.python.org", texts[:1])


@cache
def _debian(source: Path) -> Part | None:
    """Return the package of Debian or one of its children that a library belongs to."""
    real = source.resolve()
    names = {source, real, *(Path(str(p).removeprefix("/usr")) for p in (source, real))}
    for name in sorted(names):
        found = subprocess.run(
            ["dpkg-query", "--search", str(name)], capture_output=True, text=True, check=False
        )
        if found.returncode:
            continue
        package = found.stdout.partition(":")[0]
        said = subprocess.run(
            ["dpkg-query", "-W", "-f=${Version}\t${Homepage}", package],
            capture_output=True,
            text=True,
            check=True,
        )
        version, _, home = said.stdout.partition("\t")
        text = Path(f"/usr/share/doc/{package}/copyright")
        return Part(package, version, "deb", _KNOWN.get(package, "see its text"), home, (text,))
    return None
