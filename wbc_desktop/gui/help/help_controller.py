"""What the Help menu opens: the command palette, the list of keys, changing them, About."""

from collections.abc import Callable

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.command_list import CommandList
from wbc_desktop.gui.commands.command_palette import CommandPalette
from wbc_desktop.gui.commands.keys_dialog import KeysDialog
from wbc_desktop.gui.commands.shortcuts_dialog import ShortcutsDialog
from wbc_desktop.gui.help.about_dialog import AboutDialog
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.settings import Settings


class HelpController:
    """Opens the palette and the dialogs over the window.

    Args:
        window: The window.
        taxonomy: Returns the classes of now.
        settings: Where the commands last used are kept.
    """

    def __init__(
        self, window: MainWindow, *, taxonomy: Callable[[], Taxonomy], settings: Settings
    ) -> None:
        self._window = window
        self._taxonomy = taxonomy
        commands = CommandList(
            window.commands, taxonomy=taxonomy, keys=window.keys, settings=settings
        )
        self.palette = CommandPalette(commands, window)

    def show_shortcuts(self) -> None:
        """List every key."""
        page = ShortcutsDialog(self._taxonomy(), self._window.keys, self._window)
        page.change_asked.connect(self.change_keys)
        page.open()

    def change_keys(self) -> None:
        """Let the reader change keys."""
        KeysDialog(self._window.keys, self._window).open()

    def show_about(self) -> None:
        """Name version and licence, and what the program is for."""
        AboutDialog(self._window.status.model, self._window).open()
