"""The composition root of the window: everything is made here and passed down."""

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from wbc_desktop import __version__, paths
from wbc_desktop.domain.taxonomy import taxonomy_v1
from wbc_desktop.gui import theme as themes
from wbc_desktop.gui.appearance import present
from wbc_desktop.gui.dialogs import Dialogs, QtDialogs
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.workbench import Workbench
from wbc_desktop.settings import CONFIG_DIR_VARIABLE, Settings, default_file

TIMING_VARIABLE = "WBC_STARTUP_TIMING"
_LOG_BYTES = 1_000_000
_FEWEST_COLOURS = 16  # text and icons are smoothed: a painted window has hundreds
_log = logging.getLogger(__name__)


def build(app: QApplication, *, dialogs: Dialogs | None = None) -> tuple[MainWindow, Workbench]:
    """Make the window and its workbench; nothing is opened or shown yet.

    Args:
        app: The application.
        dialogs: Questions and errors; on the screen if None.
    """
    settings = Settings(default_file(), on_write_error=_settings_lost)
    theme = present(app, settings)
    themes.apply(app, theme)
    taxonomy = taxonomy_v1()
    window = MainWindow(taxonomy=taxonomy, theme=theme, settings=settings)
    workbench = Workbench(
        app=app,
        window=window,
        taxonomy=taxonomy,
        settings=settings,
        dialogs=dialogs or QtDialogs(window),
        runner=TaskRunner(),
    )
    return window, workbench


def run(argv: Sequence[str], *, workspace: Path | None, demo: bool) -> int:
    """Show the window until it is closed.

    Args:
        argv: Of the process, for Qt.
        workspace: The workspace named on the command line, or None.
        demo: Open the demo patient.

    Returns:
        The exit code.
    """
    _start_log()
    QCoreApplication.setApplicationName("WBC Desktop")
    QCoreApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("wbc-desktop")
    app = QApplication(list(argv))
    window, workbench = build(app)
    _catch_everything(workbench)
    if os.environ.get(TIMING_VARIABLE):
        window.painted.connect(_tell_timing)
    else:
        # Once painted, so that the window is there while the libraries load.
        window.painted.connect(
            lambda: QTimer.singleShot(0, lambda: workbench.start(workspace, demo=demo))
        )
    window.show()
    code = app.exec()
    sys.excepthook = sys.__excepthook__
    return code


def paint_once() -> str:
    """Paint the window off the screen, with nothing open and the settings left alone.

    Returns:
        A line about it.

    Raises:
        RuntimeError: If what was painted is blank.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CONFIG_DIR_VARIABLE] = folder
        window, _ = build(QApplication([""]))
        window.show()
        picture = window.grab().toImage()
        window.close()
    row = range(0, picture.width(), 3)
    places = ((x, y) for y in range(0, picture.height(), 3) for x in row)
    if len({picture.pixel(x, y) for x, y in places}) < _FEWEST_COLOURS:
        raise RuntimeError("the window is blank")
    return f"a window of {picture.width()} × {picture.height()} painted"


def _tell_timing() -> None:
    """Say that the window is painted and end; for the start-up benchmark, which has the clock."""
    sys.stdout.write("painted\n")
    sys.stdout.flush()
    QTimer.singleShot(0, QCoreApplication.quit)


def _start_log() -> None:
    try:
        folder = paths.log_dir()
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / "wbc-desktop.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[handler],
    )


def _catch_everything(workbench: Workbench) -> None:
    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            QCoreApplication.quit()
        else:
            workbench.show_error(error)

    sys.excepthook = report


def _settings_lost(error: OSError) -> None:
    _log.warning("The settings cannot be written: %s", error)
