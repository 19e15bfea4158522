"""The reader's name: asked once before the first label, kept, and changeable at any time."""

import getpass
from collections.abc import Callable

from wbc_desktop.gui.widgets.dialogs import Dialogs
from wbc_desktop.settings import Settings

_TITLE = "Who is reading?"
_LABEL = "Your name or initials. It is written beside every label you give:"


class ReaderName:
    """Knows the reader and asks for the name when it is first needed.

    Args:
        settings: Where the name is kept.
        dialogs: Asks for it.
        on_change: Told the new name.
    """

    def __init__(
        self, settings: Settings, dialogs: Dialogs, *, on_change: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._dialogs = dialogs
        self._on_change = on_change

    @property
    def name(self) -> str:
        """The name given, or the name of the account while none has been given."""
        return self._settings.text("reader") or account_name()

    def ensure(self) -> bool:
        """Ask for the name if it was never given; False if the reader gave up."""
        return bool(self._settings.text("reader")) or self.change()

    def change(self) -> bool:
        """Ask for a name; False if the reader gave up or left it empty."""
        name = self._dialogs.ask_text(_TITLE, _LABEL, value=self.name)
        if not name:
            return False
        self._settings.set("reader", name)
        self.tell()
        return True

    def tell(self) -> None:
        """Tell of the name as it is now."""
        self._on_change(self.name)


def account_name() -> str:
    """Return the name of the account the program runs under."""
    try:
        return getpass.getuser()
    except OSError:  # an account without a name, as in some containers
        return "reader"
