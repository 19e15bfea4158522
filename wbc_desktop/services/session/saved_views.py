"""Saved views: read, save, replace, delete.

They lie in the workspace, so that they travel with the cells and every reader there finds them.
They say nothing of any cell, so no event records them and Undo leaves them alone.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.saved_view import (
    SavedView,
    checked_name,
    from_text,
    named,
    to_text,
    with_view,
    without_view,
)
from wbc_desktop.domain.wording import plain_text
from wbc_desktop.services.session.commands import Context
from wbc_desktop.store.catalogue.catalogue import Catalogue

KEY = "saved_views"


@dataclass(frozen=True)
class SaveView:
    """Keep a view; one of the same name is replaced."""

    view: SavedView

    def apply(self, context: Context) -> Changes:
        """Write it.

        Raises:
            UserError: If its name is none.
        """
        name = checked_name(plain_text(self.view.name, what="The name"))
        view = SavedView(
            name=name, filter=self.view.filter, group=self.view.group, sort=self.view.sort
        )
        views = saved_views(context.tx.catalogue)
        context.tx.set_meta(KEY, to_text(with_view(views, view)))
        return Changes(Kind.NONE, text=f"View “{name}” saved")


@dataclass(frozen=True)
class DeleteView:
    """Delete the view of a name."""

    name: str

    def apply(self, context: Context) -> Changes:
        """Write the others.

        Raises:
            UserError: If there is no such view.
        """
        views = saved_views(context.tx.catalogue)
        if named(views, self.name) is None:
            raise UserError("There is no such view", self.name, "Somebody may have deleted it.")
        context.tx.set_meta(KEY, to_text(without_view(views, self.name)))
        return Changes(Kind.NONE, text=f"View “{self.name}” deleted")


def saved_views(catalogue: Catalogue) -> tuple[SavedView, ...]:
    """Return the views of a workspace in the order of their names.

    Raises:
        UserError: If they are damaged.
    """
    try:
        return from_text(catalogue.meta.get(KEY) or "")
    except ValueError as error:
        raise UserError(
            "The saved views of this workspace are damaged",
            str(error),
            "The cells are not concerned. Restore the workspace from a backup to have them back.",
        ) from error
