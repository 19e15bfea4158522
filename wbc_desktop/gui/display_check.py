"""Whether a window can be opened here, found out before Qt would abort the process.

Imports no Qt: ``__main__`` asks first. To know one more reason, add it to ``obstacle``.
"""

import ctypes
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_OTHER_PLATFORMS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
_NO_DISPLAY = "there is no display to open a window on"


def obstacle(platform: str, environment: Mapping[str, str]) -> str:
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
    return f"Qt lacks a system library ({lacking})" if lacking else ""


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
