"""What an action of the window is, and the words and keys that come with one."""

from collections.abc import Sequence
from dataclasses import dataclass

MENUS = ("&File", "&Edit", "&Cells", "C&lassify", "&Model", "&View", "&Go", "&Help")

# Single keys kept for commands; no class may take them. U and X are the classes unidentified and
# artefact; C, S, R and P belong to views that come later.
RESERVED_KEYS = frozenset(
    {"Space", "Backspace", "F", "N", "C", "S", "R", "Z", "G", "P", "A", "Q", "V", "H", "E", "?"}
)


@dataclass(frozen=True, kw_only=True)
class ActionSpec:
    """One command of the window.

    Attributes:
        id: Name in code and settings.
        text: What the menu says.
        menu: One of ``MENUS``.
        tooltip: One sentence; the shortcut is appended to it.
        keys: Shortcuts, the first one shown.
        icon: Name in ``resources/icons``, or empty.
        toolbar: Short text on the toolbar, or empty where it is not on the toolbar.
        choice: Name of the group of which exactly one action is checked, or empty.
        separated: True if a line stands above it in the menu.
        needs_cells: True if it makes sense only while cells are shown.
        submenu: The submenu it stands in, or empty.
    """

    id: str
    text: str
    menu: str
    tooltip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    toolbar: str = ""
    choice: str = ""
    separated: bool = False
    needs_cells: bool = False
    submenu: str = ""


def plain(text: str) -> str:
    """Return a menu text without its mnemonic marks."""
    return text.replace("&", "")


def tooltip(spec: ActionSpec, keys: Sequence[str] | None = None) -> str:
    """Return the sentence and the first key of an action.

    Args:
        spec: The action.
        keys: Its keys if the reader has changed them.
    """
    keys = spec.keys if keys is None else keys
    return f"{spec.tooltip} ({keys[0]})" if keys else spec.tooltip
