"""Attributes at the window: the leader key opens the list, a letter puts one on or takes it off."""

from collections import Counter
from functools import partial
from string import ascii_uppercase, digits

from PySide6.QtCore import QPoint

from wbc_desktop.domain.taxonomy.attributes import Attribute
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.review.attribute_widgets import AttributeDialog, AttributeMenu
from wbc_desktop.gui.review.review_controller import ReviewController


class AttributeController(Controller):
    """Acts on the selected cells.

    Args:
        context: The workspace, and the window where the list opens.
        review: Knows the selected cells and carries out commands.
    """

    def __init__(self, context: WorkspaceContext, *, review: ReviewController) -> None:
        super().__init__()
        self._session = context.session
        self._review = review
        self._window = context.window
        self._ensure_reader = context.ensure_reader
        self.menu: AttributeMenu | None = None
        self.dialog: AttributeDialog | None = None
        self.reload()

    def reload(self) -> None:
        """Read the attributes of the workspace, after one was defined or taken back."""
        from wbc_desktop.services.session.attribute_commands import vocabulary_of

        self.vocabulary = vocabulary_of(self._session.workspace.catalogue)
        self._window.inspector.set_vocabulary(self.vocabulary)

    def ask(self) -> None:
        """Open the list for the selected cells."""
        cell_ids = tuple(self._review.selected())
        if not cell_ids:
            self._window.notice.say("Select a cell first.")
            return
        known = self._session.workspace.catalogue.reviews.attributes_for(cell_ids)
        carried = Counter(own_id for ids in known.values() for own_id in ids)
        menu = AttributeMenu(self.vocabulary, carried, n_cells=len(cell_ids), parent=self._window)
        # Kept: with the list open the mouse is no longer on the cell that it was asked for.
        menu.chosen.connect(partial(self._set, cell_ids))
        menu.define_asked.connect(self._ask_definition)
        menu.destroyed.connect(self._forget_menu)
        self.menu = menu
        menu.popup(self._menu_position())

    def define(self, name: str, letter: str) -> None:
        """Define one more attribute.

        Raises:
            UserError: If name or letter is no good.
        """
        from wbc_desktop.services.session.attribute_commands import DefineAttribute

        changes = self._session.do(DefineAttribute(name, letter))
        self._window.notice.say(f"Saved: {changes.text}.")

    def close(self) -> None:
        """Put list and dialog away; what they would change is closed with the workspace."""
        for asked in (self.menu, self.dialog):
            if asked is not None:
                asked.close()
        super().close()

    def _set(self, cell_ids: tuple[int, ...], attribute: Attribute, present: bool) -> None:
        from wbc_desktop.services.session.attribute_commands import SetAttribute

        self._review.carry_out(lambda: SetAttribute(cell_ids, attribute, present=present))

    def _ask_definition(self) -> None:
        if not self._ensure_reader():
            return
        taken = self.vocabulary.by_letter
        free = "".join(sign for sign in ascii_uppercase + digits if sign not in taken)
        self.dialog = AttributeDialog(self.define, free=free, parent=self._window)
        self.dialog.destroyed.connect(self._forget_dialog)
        self.dialog.open()

    def _menu_position(self) -> QPoint:
        """Return where the list opens: below the current tile, or in the middle of the window."""
        gallery, current = self._window.gallery, self._review.current()
        at = NOWHERE if current is None else gallery.scene.model.position_of(current)
        if at != NOWHERE and gallery.isVisible():
            tile = gallery.rect_in_view(at)
            if gallery.viewport().rect().intersects(tile):
                return gallery.viewport().mapToGlobal(tile.bottomLeft())
        return self._window.mapToGlobal(self._window.rect().center())

    def _forget_menu(self) -> None:
        self.menu = None

    def _forget_dialog(self) -> None:
        self.dialog = None
