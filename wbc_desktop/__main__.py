"""``python -m wbc_desktop [WORKSPACE] [--demo]``: the window, or one line without a display."""

import argparse
import multiprocessing
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from wbc_desktop import RESEARCH_USE_ONLY, __version__

HEADLESS = (
    "wbc-desktop: there is no display to open a window on. Without one, use "
    "`wbc run FOLDER --csv OUT` for a patient folder or `wbc demo` for the sample patient."
)
_WITHOUT_DISPLAY = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}


def main(argv: Sequence[str] | None = None) -> int:
    """Start the window.

    Args:
        argv: Arguments after the program's name; those of the process if None.

    Returns:
        0 when the window was closed, 1 if it could not be opened.
    """
    multiprocessing.freeze_support()
    wanted = _parser().parse_args(argv)
    if not has_display(sys.platform, os.environ):
        sys.stderr.write(f"{HEADLESS}\n")
        return 1
    try:
        from wbc_desktop import app
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"PySide6", "shiboken6"} and not str(
            error
        ).startswith("lib"):
            raise
        sys.stderr.write(
            f"wbc-desktop: Qt cannot be loaded ({error}). Install the missing system library, or "
            "use `wbc run FOLDER --csv OUT` or `wbc demo`, which need no window.\n"
        )
        return 1
    return app.run(sys.argv[:1], workspace=wanted.workspace, demo=wanted.demo)


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Tell whether Qt can open a window; without this it would abort the process.

    Args:
        platform: ``sys.platform``.
        environment: The variables of the process.
    """
    if platform != "linux" or environment.get("WAYLAND_DISPLAY"):
        return True
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in _WITHOUT_DISPLAY:
        return True
    return _x_server_answers(environment.get("DISPLAY", ""))


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
        except OSError:
            return False
        return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wbc-desktop",
        description=f"Review the white blood cells of a smear in a window. {RESEARCH_USE_ONLY}",
    )
    parser.add_argument(
        "workspace",
        nargs="?",
        type=Path,
        metavar="WORKSPACE",
        help="folder or .wbc file of the workspace, made if it is not there; default: the last",
    )
    parser.add_argument("--demo", action="store_true", help="open the rendered demo patient")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
