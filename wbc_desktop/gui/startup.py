"""Before the first window: whether one can be opened here, and an interpreter that gives way.

Imports no Qt: ``__main__`` asks first, because Qt would abort the process. To know one more reason
why no window can be opened, add it to ``display_problem``.
"""

import ctypes
import gc
import linecache
import socket
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

# What a plain Debian or Ubuntu lacks for Qt; the README names the same ones.
QT_PACKAGES = (
    "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 "
    "libxcb-shape0 libdbus-1-3 libfontconfig1"
)
_OTHER_PLATFORMS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
_SWITCH_S = 0.0005  # a worker in Python gives way after this; with the usual 5 ms frames are late
_M_ARENA_MAX, _HEAPS = -8, 2  # the first from glibc's malloc.h
_NO_DISPLAY = "there is no display to open a window on"


def display_problem(platform: str, environment: Mapping[str, str]) -> str:
    """Return why no window can be opened, or the empty string.

    Args:
        platform: ``sys.platform``.
        environment: The variables of the process.
    """
    wanted = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform != "linux" or wanted in _OTHER_PLATFORMS or environment.get("WAYLAND_DISPLAY"):
        return ""
    if not _x_server_answers(environment.get("DISPLAY", "")):
        return _NO_DISPLAY
    lacking = missing_library(_xcb_plugin())
    return f"Qt lacks a system library ({lacking}): {install_qt_packages()}" if lacking else ""


def install_qt_packages() -> str:
    """Return how the system libraries of Qt are installed, in words."""
    return f"on Debian and Ubuntu, `sudo apt-get install {QT_PACKAGES}` brings them"


def keep_responsive() -> None:
    """Let workers give way soon, and spare the collector what stays until the program ends.

    Called before the first workspace opens, when the libraries it needs are loaded. The collector
    looks through 90,000 objects of theirs otherwise, 40–90 ms in the midst of scrolling; measured
    with ``tests.benchmarks gallery``.
    """
    sys.setswitchinterval(_SWITCH_S)
    _share_heaps()
    forget_sources()
    if not gc.get_freeze_count():  # once: what a closed workspace leaves behind must go
        gc.freeze()


def _share_heaps() -> None:
    """Let all threads of a Linux program take their memory from two heaps.

    glibc gives each worker a heap of its own, and what one has freed no other can use: 30 MB more
    with a million cells.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _HEAPS)


def forget_sources() -> None:
    """Drop the text of imported modules: 13 MB after start, read again where a traceback needs it.

    PySide looks into the source of every module that is imported after it, and Python keeps what
    was looked into.
    """
    linecache.clearcache()


def missing_library(plugin: Path | None) -> str:
    """Return what the loader says is missing to load a plugin, or the empty string.

    Args:
        plugin: A shared library, or None if there is none to try.
    """
    if plugin is None:
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error).partition(":")[0]
    return ""


def _xcb_plugin() -> Path | None:
    found = find_spec("PySide6")
    for folder in (found and found.submodule_search_locations) or ():
        plugin = Path(folder) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
        if plugin.exists():
            return plugin
    return None


def _x_server_answers(display: str) -> bool:
    """Tell whether an X server listens; after a remote login ``DISPLAY`` may name a dead one."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host not in {"", "unix"}:
        return _connects(socket.AF_INET, (host, 6000 + int(number)))
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, f"\0{path}")


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except (OSError, OverflowError):  # OverflowError: no such port
            return False
        return True
