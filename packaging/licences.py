"""One file with the licences of everything that is bundled, for Help > About and for lawyers."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from parts import Part

_LINE = "=" * 78
_QT = ("pyside6_essentials", "pyside6-essentials", "shiboken6")

_HEAD = """\
WBC Desktop {version}: licences of the program and of everything bundled with it

WBC Desktop is free software under the Apache License 2.0. For research use only. Not for use in
diagnostic procedures.

This file was written when the program was built. It lists every package that files of this folder
come from, with the licence that its maker states, and then the texts.
"""

_QT_DUTIES = """\
Qt and Qt for Python (PySide6, Shiboken): GNU Lesser General Public License, version 3
{line}

This program uses Qt {version} and Qt for Python {version}, copyright (C) The Qt Company Ltd. and
other contributors, under the LGPL version 3. The texts of the LGPL and of the GPL, which it rests
on, stand below. Neither library was changed.

They are separate shared libraries, loaded when the program starts, and you may replace them. They
lie in the folder _internal beside the program:
  on Linux    PySide6/Qt/lib (Qt), PySide6 and shiboken6 (Qt for Python)
  on Windows  PySide6 and shiboken6
  on macOS    the same as on Linux, below Contents/Frameworks of the application
Put libraries of the same names there that were built from your own, binary-compatible version of Qt
{series} or of Qt for Python; the program then uses yours. Nothing in it checks them. You may modify
the program for your own use and take it apart to find out why your own version of these libraries
does not work with it.

Source code of exactly these versions:
  https://download.qt.io/official_releases/qt/{series}/{version}/
  https://download.qt.io/official_releases/QtForPython/pyside6/
How to build: https://doc.qt.io/qt-6/build-sources.html

Qt contains parts of others under licences of their own, all permissive or the LGPL, among them ICU
(Unicode-3.0), HarfBuzz (MIT), FreeType (FTL), PCRE2 (BSD-3-Clause), zlib (Zlib), libpng
(libpng-2.0), double-conversion (BSD-3-Clause), xcb and xkbcommon (MIT), Wayland (MIT). The whole
list with all texts: https://doc.qt.io/qt-6/licenses-used-in-qt.html
"""


def write_licences(parts: Iterable[Part], file: Path, *, root: Path, version: str) -> None:
    """Write the file.

    Args:
        parts: What is bundled.
        file: Is replaced.
        root: Of our repository.
        version: Of the program.

    Raises:
        SystemExit: If a part states no licence.
    """
    listed = list(parts)
    silent = [part.name for part in listed if not part.licence and not part.texts]
    if silent:
        raise SystemExit(f"No licence is stated by: {', '.join(silent)}")
    text = "\n".join(_lines(listed, root=root, version=version))
    file.write_text(text, encoding="utf-8")


def _lines(parts: list[Part], *, root: Path, version: str) -> Iterator[str]:
    yield _HEAD.format(version=version)
    width = max(len(part.name) for part in parts)
    for part in parts:
        yield f"{part.name:<{width}}  {part.version:<16}  {part.licence or 'see its text'}"
    yield ""
    qt = next((part.version for part in parts if part.name in _QT), "")
    if qt:
        yield _section(
            _QT_DUTIES.format(
                line=_LINE,
                version=qt,
                series=".".join(qt.split(".")[:2]),
            )
        )
    for name in ("LICENSE", "NOTICE"):
        yield _section(f"WBC Desktop: {name}\n{_LINE}\n\n{_read(root / name)}")
    for name in sorted((root / "packaging" / "licences").glob("*.txt")):
        yield _section(f"{name.stem}\n{_LINE}\n\n{_read(name)}")
    for part in parts:
        yield from _texts(part)


def _texts(part: Part) -> Iterator[str]:
    home = f"\n{part.home}" if part.home else ""
    title = f"{part.name} {part.version}: {part.licence or 'see below'}{home}\n{_LINE}"
    if not part.texts:
        yield _section(f"{title}\n\nIts package brings no text of its own.")
    for text in part.texts:
        yield _section(f"{title}\n({text.name})\n\n{_read(text)}")


def _section(text: str) -> str:
    return f"\n{_LINE}\n{text.rstrip()}\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
