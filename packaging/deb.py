"""The Debian package: the folder of a bundle, and what a desktop must know of it."""

import datetime as dt
import gzip
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
HOME = Path("usr/lib/wbc-desktop")

DEPENDS = (
    # Of the loader and the C++ libraries of every wheel.
    *("libstdc++6 (>= 12)", "libgcc-s1", "zlib1g"),
    # Of Qt: what it draws with, fonts, keyboards, the session bus.
    *("libegl1", "libgl1", "libopengl0 | libgl1", "libfontconfig1", "libfreetype6", "libdbus-1-3"),
    *("libglib2.0-0 | libglib2.0-0t64", "libzstd1", "libbrotli1"),
    *("libx11-6", "libx11-xcb1", "libxkbcommon0", "libxkbcommon-x11-0", "libxcb1"),
    *("libxcb-cursor0", "libxcb-util1", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1"),
    *("libxcb-randr0", "libxcb-render0", "libxcb-render-util0", "libxcb-shape0", "libxcb-shm0"),
    *("libxcb-sync1", "libxcb-xfixes0", "libxcb-xkb1", "libexpat1", "libuuid1"),
    *("libwayland-client0", "libwayland-cursor0", "libwayland-egl1"),
)
RECOMMENDS = ("fonts-dejavu-core | fonts-liberation2 | fonts-noto-core", "xdg-utils")

_CONTROL = """\
Package: wbc-desktop
Version: {version}
Section: science
Priority: optional
Architecture: {architecture}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: {recommends}
Maintainer: The WBC Desktop developers <developers@wbc-desktop.invalid>
Description: review the white blood cells of a smear
 A convolutional network suggests a class for every cell; a haematologist
 corrects it with a key or by dragging. The result is a differential and a
 table that says for each cell who decided what, when.
 .
 For research use only. Not for use in diagnostic procedures.
"""


def make_deb(
    bundle: Path, out: Path, *, version: str, icons: Mapping[int, Path], work: Path
) -> Path:
    """Build the package.

    Args:
        bundle: Folder of the frozen program.
        out: Folder that takes the package.
        version: Of the program.
        icons: PNG file of each size.
        work: A folder to work in; its ``deb`` is made anew.

    Returns:
        The package.
    """
    tree = work / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(bundle, tree / HOME, symlinks=True)
    _open_to_all(tree / HOME)
    _link(tree, "wbc-desktop")
    _link(tree, "wbc")
    _integrate(tree, version=version, icons=icons)
    architecture = _said("dpkg", "--print-architecture")
    _control(tree, version=version, architecture=architecture)
    package = out / f"wbc-desktop_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)], check=True
    )
    shutil.rmtree(tree)
    return package


def newest_glibc(bundle: Path) -> str:
    """Return the newest version of the C library that a file of the bundle asks for."""
    asked = {(2, 17)}
    for path in bundle.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if content.startswith(b"\x7fELF"):
            found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=\0)", content)
            asked |= {(int(major), int(minor)) for major, minor in found}
    return ".".join(map(str, max(asked)))


def _link(tree: Path, program: str) -> None:
    link = tree / "usr" / "bin" / program
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../lib/wbc-desktop/{program}")


def _integrate(tree: Path, *, version: str, icons: Mapping[int, Path]) -> None:
    share = tree / "usr" / "share"
    linux = HERE / "linux"
    _put(linux / "wbc-desktop.desktop", share / "applications" / "wbc-desktop.desktop")
    _put(linux / "wbc-desktop-mime.xml", share / "mime" / "packages" / "wbc-desktop.xml")
    told = (linux / "metainfo.xml").read_text(encoding="utf-8")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    told = told.replace("@VERSION@", version).replace("@DATE@", today)
    _write(share / "metainfo" / "org.wbc_desktop.WBCDesktop.metainfo.xml", told)
    for size, png in icons.items():
        _put(png, share / "icons/hicolor" / f"{size}x{size}" / "apps" / "wbc-desktop.png")
    svg = HERE.parent / "resources" / "icons" / "app.svg"
    _put(svg, share / "icons/hicolor/scalable/apps/wbc-desktop.svg")
    doc = share / "doc" / "wbc-desktop"
    _put(tree / HOME / "_internal" / "resources" / "licences.txt", doc / "copyright")
    changes = (HERE.parent / "CHANGELOG.md").read_bytes()
    (doc / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))


def _control(tree: Path, *, version: str, architecture: str) -> None:
    folder = tree / "DEBIAN"
    depends = (f"libc6 (>= {newest_glibc(tree / HOME)})", *DEPENDS)
    used = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    text = _CONTROL.format(
        version=version,
        architecture=architecture,
        kilobytes=-(-used // 1024),
        depends=", ".join(depends),
        recommends=", ".join(RECOMMENDS),
    )
    _write(folder / "control", text)
    for name in ("postinst", "postrm"):
        _put(HERE / "linux" / name, folder / name)
        (folder / name).chmod(0o755)


def _open_to_all(folder: Path) -> None:
    """Let every user of the computer read and start it, whatever the builder's mask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
