"""The table of everything a reader can do: menus, toolbar, tooltips, help page derive from it.

To add an action, append an ``ActionSpec`` to the module of its menu and give its id a handler in
``gui/commands/handlers.py``; a test fails while either is missing. Keys of classes come from the
taxonomy and are never listed here. A key may stand only once in both tables.
"""

from wbc_desktop.gui.commands.actions.arrange_menu import ARRANGE
from wbc_desktop.gui.commands.actions.cells_menu import CELLS
from wbc_desktop.gui.commands.actions.classify_menu import CLASSIFY
from wbc_desktop.gui.commands.actions.crop_menu import CROP
from wbc_desktop.gui.commands.actions.edit_menu import EDIT
from wbc_desktop.gui.commands.actions.file_menu import FILE
from wbc_desktop.gui.commands.actions.go_menu import GO
from wbc_desktop.gui.commands.actions.help_menu import HELP
from wbc_desktop.gui.commands.actions.model_menu import MODEL
from wbc_desktop.gui.commands.actions.similarity_menu import SIMILARITY
from wbc_desktop.gui.commands.actions.spec import MENUS, RESERVED_KEYS, ActionSpec, plain, tooltip
from wbc_desktop.gui.commands.actions.view_menu import VIEW

__all__ = ["ACTIONS", "MENUS", "RESERVED_KEYS", "ActionSpec", "plain", "tooltip"]

ACTIONS: tuple[ActionSpec, ...] = (
    *FILE,
    *EDIT,
    *CELLS,
    *CLASSIFY,
    *MODEL,
    *VIEW,
    *CROP,
    *ARRANGE,
    *SIMILARITY,
    *GO,
    *HELP,
)
