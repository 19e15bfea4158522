"""The theme at run time: chosen in the menu, kept, and following the desktop if so chosen."""

from PySide6.QtWidgets import QApplication

from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.widgets import theme as themes
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import Theme
from wbc_desktop.settings import Settings


class Appearance:
    """Paints application and window in the theme that the settings name.

    Args:
        app: The application.
        window: Its window, painted in ``present(app, settings)`` already.
        settings: Where the choice is kept.
    """

    def __init__(self, app: QApplication, window: MainWindow, settings: Settings) -> None:
        self._app = app
        self._window = window
        self._settings = settings
        self._theme = present(app, settings)
        self.icons = Icons(self._theme)
        window.commands[f"theme_{settings.text('theme')}"].setChecked(True)
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, name: str) -> None:
        """Use ``system``, ``light`` or ``dark`` from now on."""
        self._settings.set("theme", name)
        self._follow()

    def close(self) -> None:
        """Stop following the desktop."""
        self._app.styleHints().colorSchemeChanged.disconnect(self._follow)

    def _follow(self) -> None:
        theme = present(self._app, self._settings)
        if theme != self._theme:
            self._theme = theme
            self.icons = Icons(theme)
            themes.apply(self._app, theme)
            self._window.set_theme(theme, self.icons)


def present(app: QApplication, settings: Settings) -> Theme:
    """Return the theme the settings ask for now."""
    return themes.chosen(settings.text("theme"), system_is_dark=themes.system_is_dark(app))
