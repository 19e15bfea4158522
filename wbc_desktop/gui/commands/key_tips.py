"""Tips that name a key, such as “Take this back (Ctrl+Z)”, name the key that works now.

A tip names the program's own key of an action in brackets, wherever a widget writes one; after the
reader has changed that key, the tip is rewritten. Nothing needs to be registered.
"""

import re

from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from wbc_desktop.gui.commands.key_map import KeyMap

_OWN = "own_tip"
_KEY = re.compile(r" \(([^()\s]+)\)")


class KeyTips:
    """Keeps the tips of a window in line with its keys.

    Args:
        window: Whose widgets are looked through, now and whenever keys change.
        keys: Which keys belong to what.
    """

    def __init__(self, window: QWidget, keys: KeyMap) -> None:
        self._window = window
        self._keys = keys
        self._owners = {
            target.default[0]: target.id
            for target in keys.targets
            if target.default and not target.is_class
        }
        keys.subscribe(self.rewrite)
        self.rewrite()

    def rewrite(self) -> None:
        """Name the present keys in every tip and placeholder."""
        for widget in self._window.findChildren(QWidget):
            if isinstance(widget, QToolButton) and widget.defaultAction() is not None:
                continue  # has the tip of its action
            for name in ("toolTip", "placeholderText"):
                if name == "toolTip" or isinstance(widget, QLineEdit):
                    self._rewrite(widget, name)

    def _rewrite(self, widget: QWidget, name: str) -> None:
        own = widget.property(f"{_OWN}_{name}") or widget.property(name)
        now = self.written(str(own))
        if now != widget.property(name):
            widget.setProperty(f"{_OWN}_{name}", own)
            widget.setProperty(name, now)

    def written(self, tip: str) -> str:
        """Return a tip with the keys of now in the place of the program's own."""

        def present(found: re.Match[str]) -> str:
            owner = self._owners.get(found[1])
            if owner is None:
                return found[0]
            keys = self._keys.of(owner)
            return f" ({keys[0]})" if keys else ""

        return _KEY.sub(present, tip)
