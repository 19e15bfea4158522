"""Edits against the tables: what stands there now, writing, and whether an undo would trample."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.audit.edits import Edit, Field, Value
from wbc_desktop.domain.audit.undo_stacks import Act, effective_acts
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.transaction import Transaction

if TYPE_CHECKING:
    from wbc_desktop.domain.cells.reference import Reference
    from wbc_desktop.domain.review.review import Review

KIND_OF = {
    Field.REVIEW: Kind.REVIEWS,
    Field.FLAG: Kind.FLAGS,
    Field.NOTE: Kind.NOTES,
    Field.REFERENCE: Kind.REFERENCES,
    Field.ATTRIBUTES: Kind.ATTRIBUTES,
    Field.VOCABULARY: Kind.VOCABULARY,
    Field.CLASSES: Kind.CLASSES,
}


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
            reviews = catalogue.reviews.reviews_for(ids)
            return {cell_id: reviews.get(cell_id) for cell_id in ids}
        case Field.FLAG:
            flagged = catalogue.reviews.flagged(ids)
            return {cell_id: cell_id in flagged for cell_id in ids}
        case Field.NOTE:
            notes = catalogue.reviews.notes_for(ids)
            return {cell_id: notes.get(cell_id) for cell_id in ids}
        case Field.REFERENCE:
            references = catalogue.references.references_for(ids)
            return {cell_id: references.get(cell_id) for cell_id in ids}
        case Field.ATTRIBUTES:
            attributes = catalogue.reviews.attributes_for(ids)
            return {cell_id: attributes.get(cell_id, ()) for cell_id in ids}
        case Field.VOCABULARY | Field.CLASSES:
            definitions = catalogue.meta.definitions(field)
            return {key: definitions.get(key) for key in ids}


def write(tx: Transaction, edit: Edit) -> None:
    """Write what an edit says holds after it."""
    match edit.field:
        case Field.REVIEW:
            tx.set_reviews(cast("dict[int, Review | None]", edit.after))
        case Field.FLAG:
            tx.set_flags(cast("dict[int, bool]", edit.after))
        case Field.NOTE:
            tx.set_notes(cast("dict[int, str | None]", edit.after))
        case Field.REFERENCE:
            tx.set_references(cast("dict[int, Reference | None]", edit.after))
        case Field.ATTRIBUTES:
            tx.set_attributes(cast("dict[int, tuple[str, ...]]", edit.after))
        case Field.VOCABULARY | Field.CLASSES:
            tx.set_definitions(edit.field, cast("dict[int, str | None]", edit.after))


def refuse_undo(catalogue: Catalogue, edit: Edit, *, command: Act) -> None:
    """Refuse an undo where one of its cells was changed since.

    A change that was itself taken back does not count. One that happens to have led back to the
    same value does: undoing below it would take away what somebody else said.

    Args:
        catalogue: Reads of the transaction.
        edit: The inverse, about to be written; its ``before`` must still hold.
        command: What is undone.

    Raises:
        UserError: Names the cell, and who changed it when.
    """
    changed = changed_since(catalogue, edit, command=command)
    if changed:
        raise refusal(catalogue, edit, changed, act=f"undo “{command.text}”")


def changed_since(catalogue: Catalogue, edit: Edit, *, command: Act) -> dict[int, int | None]:
    """Return the cells that an undo must not touch, in the order of the edit.

    Args:
        catalogue: Reads of the transaction.
        edit: The inverse of the command's edit; its ``before`` must still hold.
        command: What is to be undone.

    Returns:
        By cell: the event that changed it since, or None if no event did.
    """
    later = {}
    if edit.field.of_cells:
        later = catalogue.events.acts_by_cell(edit.before, field=edit.field, after_seq=command.seq)
    differing = set(_differing(catalogue, edit))
    changed: dict[int, int | None] = {}
    for cell_id in edit.before:
        acts = effective_acts(command, later.get(cell_id, ()))
        if acts != [command]:
            changed[cell_id] = acts[-1].seq if acts else None
        elif cell_id in differing:
            changed[cell_id] = None
    return changed


def refusal(
    catalogue: Catalogue, edit: Edit, changed: Mapping[int, int | None], *, act: str
) -> UserError:
    """Return the refusal that names the latest change of some cells.

    Args:
        catalogue: Reads of the transaction.
        edit: What was about to be written.
        changed: As from ``changed_since``; not empty.
        act: What cannot be done, in the user's words.
    """
    latest = max(changed.values(), key=lambda seq: seq or 0)
    cells = [cell_id for cell_id, seq in changed.items() if seq == latest]
    return _changed(catalogue, edit, cells, act=act, by=latest)


def refuse_redo(catalogue: Catalogue, edit: Edit, *, command: Act) -> None:
    """Refuse a redo where a cell does not hold what it held before the command.

    Args:
        catalogue: Reads of the transaction.
        edit: The command's edit, about to be written; its ``before`` must hold.
        command: What is done again.

    Raises:
        UserError: Names the cell, and who changed it when.
    """
    if differing := _differing(catalogue, edit):
        acts = _acts_since(catalogue, edit, command) if edit.field.of_cells else []
        by = acts[-1].seq if acts else None
        raise _changed(catalogue, edit, differing, act=f"redo “{command.text}”", by=by)


def _acts_since(catalogue: Catalogue, edit: Edit, command: Act) -> list[Act]:
    """Return the acts on these cells after the command was last done or undone."""
    acts = catalogue.events.acts_on(edit.before, field=edit.field, after_seq=command.seq)
    own = [i for i, act in enumerate(acts) if act.command == command.seq]
    return acts[own[-1] + 1 :] if own else acts


def _differing(catalogue: Catalogue, edit: Edit) -> list[int]:
    now = present(catalogue, edit.field, edit.before)
    return [cell_id for cell_id, value in edit.before.items() if now[cell_id] != value]


def _changed(
    catalogue: Catalogue, edit: Edit, cell_ids: list[int], *, act: str, by: int | None
) -> UserError:
    who = "outside of the program"
    if by is not None:
        event = catalogue.events.get(by)
        who = f"by {event.reader} at {event.at[:19]}Z"
    if not edit.field.of_cells:
        what = f"the {_WORDS[edit.field]} was changed since"
        return UserError(f"Cannot {act}", what, "Look at it and change it by hand if it is wrong.")
    others = f" and {len(cell_ids) - 1:,} more" if len(cell_ids) > 1 else ""
    where = f"{catalogue.cells.describe(cell_ids[0])}{others}"
    return UserError(
        f"Cannot {act}",
        f"the {_WORDS[edit.field]} of {where} was changed {who}",
        "Look at the cell and change it by hand if it is wrong.",
    )


_WORDS = {
    Field.REVIEW: "review",
    Field.FLAG: "flag",
    Field.NOTE: "note",
    Field.REFERENCE: "place among the reference cells",
    Field.ATTRIBUTES: "list of attributes",
    Field.VOCABULARY: "definition of an attribute",
    Field.CLASSES: "definition of a class",
}
