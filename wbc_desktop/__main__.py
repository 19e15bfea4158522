"""``python -m wbc_desktop [PATH …] [--demo]``: the window, or one line without a display."""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.gui.startup import display_problem, install_qt_packages
from wbc_desktop.services.training.job_process import is_job_process, run_job

_INSTEAD = (
    "`wbc run FOLDER --csv OUT` for a patient folder or `wbc demo` for the sample patient "
    "need no window"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Start the window.

    Args:
        argv: Arguments after the program's name; those of the process if None.

    Returns:
        0 when the window was closed, 1 if it could not be opened.
    """
    multiprocessing.freeze_support()
    arguments = sys.argv[1:] if argv is None else [*argv]
    if is_job_process(arguments):  # a frozen program starts itself to train a model
        return run_job(arguments)
    wanted = _parser().parse_args(arguments)
    if wanted.self_check:
        return _check_self()
    reason = display_problem(sys.platform, os.environ)
    if reason:
        return _refuse(reason)
    try:
        from wbc_desktop import app
    except ImportError as error:
        # A missing system library has no name here, but the loader's message begins with it.
        if error.name and not error.name.startswith(("PySide6", "shiboken6")):
            raise
        how = f": {install_qt_packages()}" if sys.platform == "linux" else ""
        return _refuse(f"Qt cannot be loaded ({error}){how}")
    return app.run(sys.argv[:1], named=wanted.paths, demo=wanted.demo)


def _check_self() -> int:
    """Try every step of the main job in a folder of its own, without a display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from wbc_desktop.cli.self_check_job import run_self_check

    def paint() -> str:
        from wbc_desktop import app

        return app.paint_once()

    return run_self_check(paint)


def _refuse(reason: str) -> int:
    told = f"{reason}; {_INSTEAD}."
    if sys.stderr is None:  # without a console, the frozen program shows what it ends with
        raise RuntimeError(told)
    sys.stderr.write(f"wbc-desktop: {told}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wbc-desktop",
        description=f"Review the white blood cells of a smear in a window. {RESEARCH_USE_ONLY}",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a workspace (its folder or .wbc file; made if it is not there), or folders and "
        "ZIP, CSV, HDF5 or NPZ files to import; default: the workspace used last",
    )
    parser.add_argument("--demo", action="store_true", help="open the rendered demo patient")
    parser.add_argument(
        "--self-check",
        action="store_true",
        help="try every step of the main job, a line for each, and end",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
