"""Ties the window to the workspace that lies on it: opens, closes, gives each action a handler."""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication

from wbc_desktop import paths
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.text import with_new_taxonomy
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.availability import CommandAvailability
from wbc_desktop.gui.commands.handlers import crop_handlers, workspace_handlers
from wbc_desktop.gui.context import AppContext
from wbc_desktop.gui.help.help_controller import HelpController
from wbc_desktop.gui.help.startup_offers import StartupOffers
from wbc_desktop.gui.help.tour import Tour
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.settings.appearance import Appearance
from wbc_desktop.gui.settings.reader_name import ReaderName
from wbc_desktop.gui.settings.settings_controller import SettingsController
from wbc_desktop.gui.startup import keep_responsive
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.taxonomy.taxonomy_controller import TaxonomyController
from wbc_desktop.gui.widgets.dialogs import Dialogs
from wbc_desktop.gui.widgets.input_guard import InputGuard
from wbc_desktop.gui.workspace.demo_controller import DemoController
from wbc_desktop.gui.workspace.workspace_opener import (
    WorkspaceOpener,
    remember_view,
    restore_view,
)
from wbc_desktop.gui.workspace_controller import WorkspaceController
from wbc_desktop.services.support.crash_reports import CrashReports
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the renderer loads
    from wbc_desktop.services.support.demo import DemoFolder

_TILE_STEP = 24
_AGAIN_MS = 300  # classes that another program changed wait so long for an import to end
_DEMO_FOLDER = "WBC Desktop demo"
_log = logging.getLogger(__name__)


class MainController:
    """The window with at most one open workspace.

    Args:
        app: The running application.
        window: Its window.
        taxonomy: The classes.
        settings: What is remembered.
        dialogs: Questions and errors.
        runner: Runs workers.
        crashes: Keeps what goes wrong inside the program, and offers it at the next start.
    """

    def __init__(
        self,
        *,
        app: QApplication,
        window: MainWindow,
        taxonomy: Taxonomy,
        settings: Settings,
        dialogs: Dialogs,
        runner: TaskRunner,
        crashes: CrashReports,
    ) -> None:
        self.open_workspace: WorkspaceController | None = None
        self._window = window
        self._taxonomy = taxonomy
        self._settings = settings
        self._dialogs = dialogs
        self._runner = runner
        self._input = InputGuard(app)
        self._appearance = Appearance(app, window, settings)
        self._reader = ReaderName(settings, dialogs, on_change=self._take_reader)
        self._reopening = QTimer(window, singleShot=True)
        self._reopening.timeout.connect(self._reopen)
        self._help = HelpController(window, taxonomy=lambda: self._taxonomy, settings=settings)
        self._crashes = crashes
        self.tour = Tour(window)
        self.offers = StartupOffers(
            window, settings=settings, crashes=crashes, start_tour=self.tour.start
        )
        context = self._context()
        self.preferences = SettingsController(
            context,
            appearance=self._appearance,
            reader=self._reader,
            open_workspace=lambda: self.open_workspace,
        )
        self._taxonomies = TaxonomyController(context, open_workspace=lambda: self.open_workspace)
        self._demo = DemoController(
            paths.default_workspace().with_name(_DEMO_FOLDER), context, on_ready=self._open_demo
        )
        self._opener = WorkspaceOpener(self, context, start_demo=self._demo.start)
        window.commands.bind(self.handlers(), label=self._label)
        window.show_cells(there_are_cells=False)
        window.status.show_reader(settings.text("reader"))
        self._connect()

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what each action of the table does."""
        window = self._window
        return {
            **workspace_handlers(self._if_open),
            "import_folder": self._opener.import_with(lambda d: d.importing.choose_folder()),
            "import_file": self._opener.import_with(lambda d: d.importing.choose_file()),
            "open_workspace": self._opener.choose,
            "open_recent": self._opener.choose_recent,
            "open_demo": self._demo.start,
            "quit": window.leave,
            "change_reader": self._change_reader,
            "taxonomy": self._taxonomies.open,
            "note": window.inspector.edit_note,
            "stop": self._stop,
            **crop_handlers(window),
            "clear_filter": window.filter_bar.clear,
            "larger_tiles": partial(window.view_bar.step_tiles, _TILE_STEP),
            "smaller_tiles": partial(window.view_bar.step_tiles, -_TILE_STEP),
            "theme_system": partial(self._appearance.choose, "system"),
            "theme_light": partial(self._appearance.choose, "light"),
            "theme_dark": partial(self._appearance.choose, "dark"),
            "shortcuts": self._help.show_shortcuts,
            "command_palette": self._help.palette.toggle,
            "change_keys": self._help.change_keys,
            "settings": self.preferences.open,
            "tour": self.tour.start,
            "crash_reports": self.offers.show_reports,
            "about": self._help.show_about,
        }

    def announce(self, named: Sequence[Path], *, demo: bool) -> None:
        """Say what ``start`` is going to open, before the window is painted."""
        self._opener.announce(named, demo=demo)

    def start(self, *named: Path | None, demo: bool) -> None:
        """Open what the reader asked for at start, or where they were last.

        Args:
            named: What the command line names: a workspace, or what is to be imported; None is
                nothing.
            demo: Open the demo patient instead.
        """
        self._opener.start([path for path in named if path is not None], demo=demo)

    def open(self, path: Path, *, create: bool) -> None:
        """Open a workspace in place of the present one; an error leaves the present one open.

        Args:
            path: Its folder or .wbc file.
            create: Make it if it is not there.
        """
        self._window.show_opening(path)
        try:
            with self._input.closed():
                self._open(path, create=create)
        except UserError as error:
            self._dialogs.error(error)
        finally:
            self._window.show_opening(None)

    def _open(self, path: Path, *, create: bool) -> None:
        from wbc_desktop.services.session.session import Session
        from wbc_desktop.store.workspace import Workspace

        keep_responsive()
        workspace = Workspace.open(path, create=create)
        try:
            session = Session(workspace, reader=self._reader.name, taxonomy=self._taxonomy)
            index = workspace.catalogue.index.load(session.taxonomy)
        except UserError:
            workspace.close()
            raise
        self._close_workspace()
        self._take_taxonomy(session.taxonomy)
        self._window.notice.clear()  # what it said was of another workspace, or of none
        self.open_workspace = WorkspaceController(self._context(), session, index)
        self._taxonomies.refresh()
        self._settings.set("last_workspace", str(workspace.folder.absolute()))
        restore_view(self.open_workspace, self._window, self._opener.recent)
        self._opener.show_recent()
        has_cells = len(self.open_workspace.browser.index) > 0
        (self._window.gallery if has_cells else self._window.welcome.open_button).setFocus()
        if workspace.swept:
            self._window.notice.warn(
                "An earlier import was cut short; its unfinished cells were removed: "
                f"{', '.join(workspace.swept)}. Import the folder again."
            )

    def close(self) -> None:
        """Stop the workers and close the workspace; called as the window closes."""
        self._stop()
        self._runner.shut_down()
        if self.open_workspace is not None:
            remember_view(self.open_workspace, self._window, self._opener.recent)
            self.open_workspace.close()
            self.open_workspace = None
        self._appearance.close()

    def show_error(self, error: BaseException) -> None:
        """Show an error of any kind: the reader's in words, ours as an apology, logged."""
        if isinstance(error, UserError):
            self._dialogs.error(error)
            return
        self.note_error(error)
        self._dialogs.error(
            UserError(
                "Something went wrong in the program",
                "Every label you gave before is saved.",
                "If it happens again, tell the developers. Help > Crash reports has a report of it "
                "that names no patient; nothing is sent by itself.",
            ),
            technical="".join(traceback.format_exception(error)),
        )

    def note_error(self, error: BaseException | None) -> None:
        """Write an error of ours into the log and the report of this run; from any thread."""
        if error is not None:
            _log.error("An error that nothing caught", exc_info=error)
            self._crashes.add(error)

    def take(self, named: Sequence[Path]) -> None:
        """Open or import what the desktop asks for."""
        self._opener.take(named)

    def _connect(self) -> None:
        window = self._window
        CommandAvailability(
            window.commands,
            open_workspace=lambda: self.open_workspace,
            needs_workspace=workspace_handlers(self._if_open),
            demo_running=lambda: self._demo.running,
        )
        window.closing.connect(self.close)
        window.came_to_front.connect(self._refresh)
        window.welcome.asked.connect(lambda action: window.commands[action].trigger())
        window.status.reader_asked.connect(self._change_reader)
        window.status.stop_asked.connect(self._stop)
        window.gallery.context_menu_requested.connect(self._show_cell_menu)
        window.compare.context_menu_requested.connect(self._show_cell_menu)

    def _context(self) -> AppContext:
        return AppContext(
            window=self._window,
            taxonomy=self._taxonomy,
            settings=self._settings,
            dialogs=self._dialogs,
            runner=self._runner,
            ensure_reader=self._reader.ensure,
            on_error=self.show_error,
            icons=lambda: self._appearance.icons,
            on_taxonomy_changed=self._reopen,
        )

    def _close_workspace(self) -> None:
        """Put the present workspace away, with whatever is running on it."""
        if self.open_workspace is not None:
            self.open_workspace.stop()
            self._runner.wait()
            remember_view(self.open_workspace, self._window, self._opener.recent)
            self.open_workspace.close()
            self.open_workspace = None

    def _take_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Offer the classes of the workspace that is about to be shown."""
        if taxonomy != self._taxonomy:
            self._taxonomy = taxonomy
            self._window.set_taxonomy(taxonomy)

    def _reopen(self) -> None:
        """Show the workspace anew, where the reader was, after its classes have changed.

        An import or a classification comes to its end first: to open anew would cut it short.
        """
        if self.open_workspace is None or self.open_workspace.session.taxonomy == self._taxonomy:
            return
        if self.open_workspace.guard.busy:
            self._reopening.start(_AGAIN_MS)
            return
        wanted, names = self.open_workspace.filter.wanted, self.open_workspace.filter.names
        chosen = self._window.gallery.selected_ids()
        self.open(self.open_workspace.workspace.folder, create=False)
        self.open_workspace.filter.apply(
            with_new_taxonomy(wanted, names, self.open_workspace.filter.names)
        )
        if shown := self.open_workspace.browser.shown_among(chosen):
            self._window.gallery.select(shown)
            self._window.gallery.scroll_to(shown[0])

    def _if_open(self, act: Callable[[WorkspaceController], None]) -> Callable[[], None]:
        """Return a handler that acts on the open workspace, or says that none is open."""

        def handler() -> None:
            if self.open_workspace is None:
                self._window.notice.warn("No workspace is open. Open one with Ctrl+O.")
            else:
                act(self.open_workspace)

        return handler

    def _label(self, class_id: str) -> None:
        self._if_open(lambda workspace: workspace.review.label(class_id))()

    def _open_demo(self, demo: "DemoFolder") -> None:
        self.open(demo.workspace, create=True)
        if self.open_workspace is not None and not len(self.open_workspace.browser.index):
            self.open_workspace.importing.import_demo(demo)

    def _refresh(self) -> None:
        if self.open_workspace is not None:
            self.open_workspace.refresh()

    def _stop(self) -> None:
        self._demo.stop()
        if self.open_workspace is not None:
            self.open_workspace.stop()

    def _change_reader(self) -> None:
        self._reader.change()

    def _take_reader(self, name: str) -> None:
        self._window.status.show_reader(name)
        if self.open_workspace is not None:
            self.open_workspace.session.set_reader(name)
            self.open_workspace.show_undo()

    def _show_cell_menu(self, place: QPoint) -> None:
        self._window.commands.cell_menu(self._window).popup(place)
