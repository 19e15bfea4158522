"""Edits against the tables: what stands there now, writing, and whether an undo would trample."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from wbc_desktop.domain.changes import Kind
from wbc_desktop.domain.edits import Edit, Field, Value
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.catalogue import Catalogue
from wbc_desktop.store.transaction import Transaction

if TYPE_CHECKING:
    from wbc_desktop.domain.review import Review

KIND_OF = {Field.REVIEW: Kind.REVIEWS, Field.FLAG: Kind.FLAGS, Field.NOTE: Kind.NOTES}


def present(catalogue: Catalogue, field: Field, cell_ids: Iterable[int]) -> dict[int, Value]:
    """Return the value a field has now, cell by cell.

    Args:
        catalogue: Reads of the transaction.
        field: Which thing about the cells.
        cell_ids: Row ids.
    """
    ids = [*cell_ids]
    match field:
        case Field.REVIEW:
            reviews = catalogue.reviews_for(ids)
            return {cell_id: reviews.get(cell_id) for cell_id in ids}
        case Field.FLAG:
            flagged = catalogue.flagged(ids)
            return {cell_id: cell_id in flagged for cell_id in ids}
        case Field.NOTE:
            notes = catalogue.notes_for(ids)
            return {cell_id: notes.get(cell_id) for cell_id in ids}


def write(tx: Transaction, edit: Edit) -> None:
    """Write what an edit says holds after it."""
    match edit.field:
        case Field.REVIEW:
            tx.set_reviews(cast("dict[int, Review | None]", edit.after))
        case Field.FLAG:
            tx.set_flags(cast("dict[int, bool]", edit.after))
        case Field.NOTE:
            tx.set_notes(cast("dict[int, str | None]", edit.after))


def refuse_if_changed(catalogue: Catalogue, edit: Edit, *, act: str) -> None:
    """Refuse an undo or redo where somebody changed one of its cells in between.

    Args:
        catalogue: Reads of the transaction.
        edit: The edit about to be written; its ``before`` must still hold.
        act: What was asked for, in the user's words.

    Raises:
        UserError: Names the cell, and who changed it when.
    """
    now = present(catalogue, edit.field, edit.before)
    changed = [cell_id for cell_id, value in edit.before.items() if now[cell_id] != value]
    if not changed:
        return
    history = catalogue.history(changed[0])
    last = next((e for e in history if e.payload.get("field") == edit.field.value), None)
    by = f"by {last.reader} at {last.at[:19]}Z" if last else "outside the program"
    others = f" and {len(changed) - 1:,} more" if len(changed) > 1 else ""
    raise UserError(
        f"Cannot {act}",
        f"the {edit.field.value} of {catalogue.whereabouts(changed[0])}{others} was changed {by}",
        "Look at the cell and change it by hand if it is wrong.",
    )
