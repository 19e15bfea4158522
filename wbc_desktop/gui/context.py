"""What a controller is handed: the window, and the open workspace where there is one.

Everything is made in ``app.py`` and passed down in one of these two, so that a controller asks for
a context and for the few controllers it works with, and for nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.widgets.dialogs import Dialogs
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.settings import Settings

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.store.catalogue.catalogue import Catalogue
    from wbc_desktop.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class AppContext:
    """The window and what else stays when a workspace is closed.

    Attributes:
        window: The parts of the window.
        taxonomy: The classes of the open workspace, or those the program brings.
        settings: What is remembered from one start to the next.
        dialogs: Questions and errors.
        runner: Runs workers.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
        on_error: Shows an error of any kind.
        icons: Gives the icons of the present theme.
        on_taxonomy_changed: Shows the workspace anew, because its classes have changed.
    """

    window: MainWindow
    taxonomy: Taxonomy
    settings: Settings
    dialogs: Dialogs
    runner: TaskRunner
    ensure_reader: Callable[[], bool]
    on_error: Callable[[Exception], None]
    icons: Callable[[], Icons]
    on_taxonomy_changed: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class WorkspaceContext(AppContext):
    """The window with one open workspace.

    Attributes:
        session: Of the open workspace; the only way to change it.
        browser: Its cells as the gallery shows them.
        refresh: Takes note of what other programs have written meanwhile.
    """

    session: "Session"
    browser: CellBrowser
    refresh: Callable[[], None]

    @property
    def workspace(self) -> "Workspace":
        """The open workspace."""
        return self.session.workspace

    @property
    def catalogue(self) -> "Catalogue":
        """Reads of the workspace, for the thread of the window."""
        return self.session.workspace.catalogue


def in_workspace(
    app: AppContext, *, session: "Session", browser: CellBrowser, refresh: Callable[[], None]
) -> WorkspaceContext:
    """The context of controllers that act on one open workspace."""
    shared = {field.name: getattr(app, field.name) for field in fields(AppContext)}
    return WorkspaceContext(**shared, session=session, browser=browser, refresh=refresh)
