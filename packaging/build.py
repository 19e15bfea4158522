"""Build the program that is installed: ``uv run --group packaging python packaging/build.py``.

Makes ``dist/<edition>/wbc-desktop/`` with the programs ``wbc-desktop`` and ``wbc``, the licences of
everything in it and its bill of materials; of the CPU edition on Debian and its children a .deb as
well. Nothing is asked and nothing but the checkout is needed. How a release is made:
docs/releasing.md.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
NAME = "wbc-desktop"
COMMAND = "uv run --group packaging python packaging/build.py"


def main() -> None:
    """Build one edition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edition", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--no-deb", action="store_true", help="make the folder only")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist")
    given = parser.parse_args()
    out = (given.out / given.edition).absolute()
    bundle = freeze(given.edition, out=out, work=ROOT / "build" / given.edition)
    _tell_sizes(bundle)
    if given.edition == "cpu" and not given.no_deb and shutil.which("dpkg-deb"):
        _make_deb(bundle, out, work=ROOT / "build" / given.edition)


def freeze(edition: str, *, out: Path, work: Path) -> Path:
    """Make the folder of one edition.

    Args:
        edition: cpu or gpu.
        out: Folder it is made in.
        work: Folder to work in; the last build's is thrown away.

    Returns:
        The folder.
    """
    try:
        from PyInstaller.__main__ import run
    except ImportError:
        raise SystemExit(f"Run it with `{COMMAND}`.") from None
    from icons import draw_icons

    started = time.perf_counter()
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(out / NAME, ignore_errors=True)
    draw_icons(ROOT / "resources" / "icons" / "app.svg", work / "icons")
    if sys.platform == "win32":
        _tell_windows(work / "version.txt")
    os.environ.setdefault("PYTHONHASHSEED", "1")
    # On macOS: a signature that fails ends the build.
    os.environ.setdefault("PYINSTALLER_STRICT_BUNDLE_CODESIGN_ERROR", "1")
    os.environ.setdefault("PYINSTALLER_VERIFY_BUNDLE_SIGNATURE", "1")
    run(
        [
            str(HERE / "wbc.spec"),
            *("--distpath", str(out), "--workpath", str(work), "--noconfirm"),
            *("--log-level", "WARN", "--", "--edition", edition, "--work", str(work)),
        ]
    )
    bundle = out / NAME
    _slim(bundle)
    print(f"{bundle}: built in {time.perf_counter() - started:.0f} s")
    return bundle


def _tell_windows(file: Path) -> None:
    """Write what Windows shows among the properties of the programs. Untried."""
    from PyInstaller.utils.win32 import versioninfo as info

    from bundle import version

    numbers = tuple([*map(int, version().split(".")), 0, 0, 0, 0][:4])
    said = {
        "FileDescription": "WBC Desktop",
        "ProductName": "WBC Desktop",
        "ProductVersion": version(),
        "Comments": "For research use only. Not for use in diagnostic procedures.",
    }
    strings = [info.StringStruct(name, text) for name, text in said.items()]
    language = 0x0409, 0x04B0  # English, UTF-16
    whole = info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            info.StringFileInfo([info.StringTable("040904B0", strings)]),
            info.VarFileInfo([info.VarStruct("Translation", language)]),
        ],
    )
    file.write_text(str(whole), encoding="utf-8")


def _slim(bundle: Path) -> None:
    """Take the names for debuggers out of Python's own libraries; the wheels' have none."""
    inside = bundle / "_internal"
    if sys.platform == "linux" and (strip := shutil.which("strip")):
        own = [*inside.glob("libpython3*.so*"), *inside.glob("python3*/lib-dynload/*.so")]
        subprocess.run([strip, "--strip-unneeded", *map(str, own)], check=True)


def _make_deb(bundle: Path, out: Path, *, work: Path) -> None:
    from bundle import version
    from deb import make_deb
    from icons import SIZES

    icons = {size: work / "icons" / f"wbc-desktop-{size}.png" for size in SIZES}
    package = make_deb(bundle, out, version=version(), icons=icons, work=work)
    print(f"{package}: {package.stat().st_size / 1e6:.0f} MB")


def _tell_sizes(bundle: Path) -> None:
    """Print what each large part weighs."""
    sizes: dict[str, int] = {}
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink():
            group = path.relative_to(bundle).parts
            name = group[1] if group[0] == "_internal" else group[0]
            name = name.removesuffix(".libs")
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:16]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{sum(sizes.values()) / 1e6:8.1f} MB  in all")


if __name__ == "__main__":
    main()
