"""What a desk finds in the window and leaves there for the next one."""

from collections.abc import Callable
from dataclasses import dataclass

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.widgets.dialogs import Dialogs
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The window and what else stays when a workspace is closed.

    Attributes:
        window: The parts.
        taxonomy: The classes.
        settings: What is remembered.
        dialogs: Questions and errors.
        runner: Runs workers.
        ensure_reader: Asks for the reader's name once; False if the reader gave up.
        on_error: Shows an error of any kind.
        icons: Gives the icons of the present theme.
        on_classes: Makes a new desk, because the classes of the workspace have changed.
    """

    window: MainWindow
    taxonomy: Taxonomy
    settings: Settings
    dialogs: Dialogs
    runner: TaskRunner
    ensure_reader: Callable[[], bool]
    on_error: Callable[[Exception], None]
    icons: Callable[[], Icons]
    on_classes: Callable[[], None]
