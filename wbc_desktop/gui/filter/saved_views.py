"""Saved views in the window: the menu that lists them, and the dialog that names them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.cell_filter import only_patients_and_slides
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.saved_view import SavedView, named
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import (
    filter_text,
    parse_filter,
    without_patients_and_slides,
)
from wbc_desktop.gui.commands.actions import plain
from wbc_desktop.gui.commands.actions.arrange_menu import GROUPS, SORTS, Choice, K
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.filter.filter_controller import FilterController
from wbc_desktop.gui.filter.saved_views_dialog import SavedViewsDialog

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.saved_views import DeleteView, SaveView

SUBMENU = "Saved &views"


class SavedViewsController(Controller):
    """Saves, shows and deletes views of one workspace.

    Args:
        context: The open workspace, which keeps them; the menu of its window lists them.
        filter_: Knows what is shown, and shows another view.
    """

    def __init__(self, context: WorkspaceContext, *, filter_: FilterController) -> None:
        super().__init__()
        self._session = context.session
        self._window = context.window
        self._explain = context.dialogs.error
        self._filter = filter_
        self._views: tuple[SavedView, ...] = ()
        self._entries: list[QAction] = []
        self._dialog: SavedViewsDialog | None = None
        try:
            self._reload()
        except UserError as error:
            self._window.notice.warn(str(error))
        self.on_close(self._clear_menu)

    def _clear_menu(self) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        for entry in self._entries:
            entry.deleteLater()
        self._entries = []

    def open_dialog(self) -> SavedViewsDialog:
        """Ask for the name of the present view, and list the saved ones."""
        wanted, names = self._filter.wanted, self._filter.names
        group, sort = _text(GROUPS, self._filter.group_name), _text(SORTS, self._filter.sort_name)
        dialog = SavedViewsDialog(
            present=filter_text(without_patients_and_slides(wanted), names),
            arranged=f"{group}, {sort}",
            chosen=filter_text(only_patients_and_slides(wanted), names),
            parent=self._window,
        )
        dialog.saved.connect(self._save)
        dialog.chosen.connect(self.show)
        dialog.deleted.connect(self._delete)
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        self._guarded(self._reload)
        dialog.open()
        return dialog

    def show(self, name: str) -> None:
        """Show the view of a name; what it names and is gone is told, and nothing changes."""
        view = named(self._views, name)
        if view is None:
            return
        try:
            wanted = parse_filter(view.filter, self._filter.names)
        except FilterTextError as error:
            self._window.notice.warn(f"The view “{view.name}” cannot be shown. {error}")
            return
        groups = {each.name: each.key for each in GROUPS}
        sorts = {each.name: each.key for each in SORTS}
        self._filter.show_view(
            wanted,
            group=groups.get(view.group, GroupBy.CLASS),
            sort=sorts.get(view.sort, SortKey.CONFIDENCE_DESC),
        )
        self._window.notice.say(f"View “{view.name}”.")
        self._window.gallery.setFocus()

    def _save(self, name: str, with_chosen: bool) -> None:
        from wbc_desktop.services.session.saved_views import SaveView

        wanted = (
            self._filter.wanted if with_chosen else without_patients_and_slides(self._filter.wanted)
        )
        view = SavedView(
            name=name,
            filter=filter_text(wanted, self._filter.names),
            group=self._filter.group_name,
            sort=self._filter.sort_name,
        )
        self._guarded(lambda: self._record(SaveView(view), marked=" ".join(name.split())))

    def _delete(self, name: str) -> None:
        from wbc_desktop.services.session.saved_views import DeleteView

        self._guarded(lambda: self._record(DeleteView(name)))

    def _record(self, command: "SaveView | DeleteView", *, marked: str = "") -> None:
        changes = self._session.record(command)
        self._reload(marked=marked)
        self._window.notice.say(f"{changes.text}.")
        if marked and self._dialog is not None:
            self._dialog.accept()

    def _reload(self, *, marked: str = "") -> None:
        from wbc_desktop.services.session.saved_views import saved_views

        self._views = saved_views(self._session.workspace.catalogue)
        if self._dialog is not None:
            self._dialog.show_views(self._views, marked=marked)
        self._fill_menu()

    def _fill_menu(self) -> None:
        menu = self._window.commands.submenu(SUBMENU)
        for entry in self._entries:
            menu.removeAction(entry)
            entry.deleteLater()
        self._entries = [QAction(menu)] if self._views else []
        for line in self._entries:
            line.setSeparator(True)
        for view in self._views:
            entry = QAction(view.name.replace("&", "&&"), menu)
            entry.setToolTip(view.filter)
            entry.triggered.connect(partial(self._show_from_menu, view.name))
            self._entries.append(entry)
        menu.addActions(self._entries)

    def _show_from_menu(self, name: str, _checked: bool = False) -> None:
        self.show(name)

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._explain(error)


def _text(choices: Sequence[Choice[K]], name: str) -> str:
    return next((plain(each.text) for each in choices if each.name == name), name)
