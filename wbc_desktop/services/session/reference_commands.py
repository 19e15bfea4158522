"""What a reader does to the reference library: add labelled cells to it, and take cells out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED, Taxonomy
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.commands import Context, check_known
from wbc_desktop.store.catalogue.catalogue import Catalogue


@dataclass(frozen=True)
class AddReferences:
    """Add cells to the reference cells of the class a person gave them.

    Cells without a person's label are left out, and so are unidentified ones: they are no example
    of anything.

    Attributes:
        cell_ids: Row ids.
    """

    cell_ids: tuple[int, ...]
    event_type: ClassVar[EventType] = EventType.REFERENCE

    def edit(self, context: Context) -> Edit:
        """Return the places that are new or of another class than before.

        Raises:
            UserError: If none of the cells can be an example.
        """
        check_known(context, self.cell_ids)
        labels = examples(context.tx.catalogue, self.cell_ids)
        if not labels:
            raise UserError(
                "Only a cell that a person labelled can be a reference cell",
                f"{counted(len(self.cell_ids), 'selected cell')} without such a label",
                "Label or accept it first.",
            )
        before = context.tx.catalogue.references.references_for(labels)
        after = {
            cell_id: Reference(label=label, reader=context.reader, at=context.tx.at)
            for cell_id, label in labels.items()
            if cell_id not in before or before[cell_id].label != label
        }
        return Edit(Field.REFERENCE, {i: before.get(i) for i in after}, after)

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Add {counted(edit.n, 'cell')} to the reference cells"


@dataclass(frozen=True)
class RemoveReferences:
    """Take cells out of the reference library. Cells outside it are left alone.

    Attributes:
        cell_ids: Row ids.
    """

    cell_ids: tuple[int, ...]
    event_type: ClassVar[EventType] = EventType.REFERENCE

    def edit(self, context: Context) -> Edit:
        """Return the places that fall free."""
        check_known(context, self.cell_ids)
        before = context.tx.catalogue.references.references_for(self.cell_ids)
        return Edit(Field.REFERENCE, before, dict.fromkeys(before))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Remove {counted(edit.n, 'cell')} from the reference cells"


def examples(catalogue: Catalogue, cell_ids: Iterable[int]) -> dict[int, str]:
    """Return those of some cells that can be examples, with the class a person gave them.

    Args:
        catalogue: Reads of the workspace or of the transaction.
        cell_ids: Row ids.
    """
    reviews = catalogue.reviews.reviews_for(cell_ids)
    return {i: review.label for i, review in reviews.items() if review.label != UNIDENTIFIED}
