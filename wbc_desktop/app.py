"""The composition root of the window: everything is made here and passed down."""

import importlib
import logging
import os
import pkgutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QTimer, qVersion
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QApplication

from wbc_desktop import __version__, gui, paths
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.main_controller import MainController
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.settings.appearance import present
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.widgets import theme as themes
from wbc_desktop.gui.widgets.dialogs import Dialogs, QtDialogs
from wbc_desktop.gui.workspace.file_opener import FileOpener
from wbc_desktop.services.support.crash_reports import FOLDER as CRASHES
from wbc_desktop.services.support.crash_reports import CrashReports
from wbc_desktop.services.support.logs import start_log
from wbc_desktop.settings import CONFIG_DIR_VARIABLE, Settings, default_file

TIMING_VARIABLE = "WBC_STARTUP_TIMING"
_FEWEST_COLOURS = 16  # text and icons are smoothed: a painted window has hundreds
_log = logging.getLogger(__name__)


def build(
    app: QApplication, *, dialogs: Dialogs | None = None, crashes: CrashReports | None = None
) -> tuple[MainWindow, MainController]:
    """Make the window and its controller; nothing is opened or shown yet.

    Args:
        app: The application.
        dialogs: Questions and errors; on the screen if None.
        crashes: Keeps reports of what goes wrong; of this program's own folder if None.
    """
    settings = Settings(default_file(), on_write_error=_settings_lost)
    theme = present(app, settings)
    themes.apply(app, theme)
    taxonomy = taxonomy_v1()
    window = MainWindow(taxonomy=taxonomy, theme=theme, settings=settings)
    controller = MainController(
        app=app,
        window=window,
        taxonomy=taxonomy,
        settings=settings,
        dialogs=dialogs or QtDialogs(window),
        runner=TaskRunner(),
        crashes=crashes or crash_reports(),
    )
    return window, controller


def crash_reports() -> CrashReports:
    """Return the keeper of crash reports; it keeps none until it is told to begin."""
    about = f"WBC Desktop {__version__}, Qt {qVersion()}"
    return CrashReports(paths.log_dir() / CRASHES, about=about)


def run(argv: Sequence[str], *, named: Sequence[Path], demo: bool) -> int:
    """Show the window until it is closed.

    Args:
        argv: Of the process, for Qt.
        named: What the command line names: a workspace, or what is to be imported.
        demo: Open the demo patient.

    Returns:
        The exit code.
    """
    start_log(paths.log_dir())
    crashes = crash_reports()
    crashes.begin()
    QCoreApplication.setApplicationName("WBC Desktop")
    QCoreApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("wbc-desktop")
    app = QApplication(list(argv))
    window, controller = build(app, crashes=crashes)
    _catch_everything(controller)

    opener = FileOpener(app, controller.take)

    def begin() -> None:
        controller.start(*(opener.begin() or named), demo=demo)
        controller.offers.begin()

    controller.announce(named, demo=demo)
    if os.environ.get(TIMING_VARIABLE):
        window.painted.connect(_tell_timing)
    else:
        # Once painted, so that the window is there while the libraries load.
        window.painted.connect(lambda: QTimer.singleShot(0, begin))
    window.show()
    code = app.exec()
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    crashes.end()
    return code


def paint_once() -> str:
    """Paint the window off the screen, with nothing open and the settings left alone.

    Returns:
        A line about it.

    Raises:
        RuntimeError: If what was painted is blank, or thumbnails could not be.
    """
    known = {bytes(each.data()) for each in QImageReader.supportedImageFormats()}
    if missing := {b"jpeg", b"png", b"svg"} - known:
        raise RuntimeError(f"Qt cannot read {b', '.join(sorted(missing)).decode()} pictures")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CONFIG_DIR_VARIABLE] = folder
        window, _ = build(QApplication([""]))
        for module in pkgutil.walk_packages(gui.__path__, f"{gui.__name__}."):
            importlib.import_module(module.name)  # also what loads when it is first needed
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


def _catch_everything(controller: MainController) -> None:
    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            QCoreApplication.quit()
        else:
            controller.show_error(error)

    sys.excepthook = report
    threading.excepthook = lambda args: controller.note_error(args.exc_value)


def _settings_lost(error: OSError) -> None:
    _log.warning("The settings cannot be written: %s", error)
