"""What every edit must leave whole: cells carry what is defined, definitions can be worked with.

An act of one reader can take the ground from under an older act of another, such as a label whose
class was taken back meanwhile. So this is asked of every edit, of undo and redo above all, right
before it is written.
"""

from typing import TYPE_CHECKING, cast

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.attribute_commands import refuse_broken_vocabulary, vocabulary_of
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.taxonomy_commands import refuse_broken_classes

if TYPE_CHECKING:
    from wbc_desktop.domain.cells.reference import Reference
    from wbc_desktop.domain.review.review import Review


def refuse_inconsistent(context: Context, edit: Edit, *, act: str) -> None:
    """Refuse an edit after which a cell would carry what is not defined.

    Args:
        context: The transaction and the classes.
        edit: About to be written.
        act: What is attempted, in the user's words, such as ``undo “Relabel 1 cell”``.

    Raises:
        UserError: Names what is missing.
    """
    match edit.field:
        case Field.VOCABULARY:
            refuse_broken_vocabulary(context.tx.catalogue, edit, act=act)
        case Field.CLASSES:
            refuse_broken_classes(context.tx.catalogue, edit, base=context.taxonomy, act=act)
        case Field.REVIEW | Field.REFERENCE:
            said = cast("dict[int, Review | Reference | None]", edit.after).values()
            labels = {value.label for value in said if value is not None}
            _refuse(labels - context.taxonomy.by_id.keys(), what="class", act=act)
        case Field.ATTRIBUTES:
            carried = cast("dict[int, tuple[str, ...]]", edit.after).values()
            used = {own_id for ids in carried for own_id in ids}
            known = vocabulary_of(context.tx.catalogue).by_id.keys()
            _refuse(used - known, what="attribute", act=act)
        case _:
            return


def _refuse(missing: set[str], *, what: str, act: str) -> None:
    if missing:
        raise UserError(
            f"Cannot {act}",
            f"the {what} {min(missing)} was taken back since",
            f"Define the {what} again, or look at the cells and change them by hand.",
        )
