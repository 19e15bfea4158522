"""Morphology attributes as commands: put one on cells, take it away, define one more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.attributes import (
    Attribute,
    Vocabulary,
    defined,
    definition,
    with_own,
)
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.commands import Context, check_known
from wbc_desktop.store.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from wbc_desktop.domain.taxonomy.classes import Taxonomy


def vocabulary_of(catalogue: Catalogue) -> Vocabulary:
    """Return the attributes of a workspace.

    Raises:
        UserError: If a definition is damaged.
    """
    try:
        return with_own(catalogue.meta.definitions(Field.VOCABULARY))
    except ValueError as error:
        raise UserError(
            "The attributes of the workspace are damaged",
            str(error),
            "Run wbc verify to see what is wrong, and restore the folder from a backup.",
        ) from error


@dataclass(frozen=True)
class SetAttribute:
    """Say of cells that they show an attribute, or that they do not.

    Attributes:
        cell_ids: Row ids.
        attribute: One of the workspace's vocabulary.
        present: Whether they are to carry it.
    """

    cell_ids: tuple[int, ...]
    attribute: Attribute
    present: bool
    event_type: ClassVar[EventType] = EventType.ATTRIBUTE

    def edit(self, context: Context) -> Edit:
        """Return the attributes of the cells that change."""
        catalogue, own_id = context.tx.catalogue, self.attribute.id
        if own_id not in vocabulary_of(catalogue).by_id:
            raise UserError(
                "There is no such attribute", self.attribute.name, "Choose one of the list."
            )
        check_known(context, self.cell_ids)
        known = catalogue.reviews.attributes_for(self.cell_ids)
        before = {
            cell_id: known.get(cell_id, ())
            for cell_id in dict.fromkeys(self.cell_ids)
            if (own_id in known.get(cell_id, ())) != self.present
        }
        after = {
            cell_id: tuple(sorted({*ids, own_id} if self.present else {*ids} - {own_id}))
            for cell_id, ids in before.items()
        }
        return Edit(Field.ATTRIBUTES, {**before}, {**after})

    def text(self, edit: Edit, taxonomy: "Taxonomy") -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        if self.present:
            return f"Mark {counted(edit.n, 'cell')} with {self.attribute.name}"
        return f"Take {self.attribute.name} from {counted(edit.n, 'cell')}"


@dataclass(frozen=True)
class DefineAttribute:
    """Add an attribute to the workspace.

    Attributes:
        name: For people.
        letter: The key that toggles it after the leader key.
    """

    name: str
    letter: str
    event_type: ClassVar[EventType] = EventType.ATTRIBUTE_DEFINED

    def edit(self, context: Context) -> Edit:
        """Return the definition under the next free bit."""
        vocabulary = vocabulary_of(context.tx.catalogue)
        made = defined(vocabulary, name=self.name, letter=self.letter)
        bit = len(vocabulary.attributes)
        return Edit(Field.VOCABULARY, {bit: None}, {bit: definition(made)})

    def text(self, edit: Edit, taxonomy: "Taxonomy") -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Define the attribute {' '.join(self.name.split())}"


def refuse_broken_vocabulary(catalogue: Catalogue, edit: Edit, *, act: str) -> None:
    """Refuse to take back the definition of an attribute that cells carry, or one in the middle.

    Args:
        catalogue: Reads of the transaction.
        edit: About to be written.
        act: What is attempted, in the user's words.

    Raises:
        UserError: Names the attribute and how many cells carry it.
    """
    present = catalogue.meta.definitions(Field.VOCABULARY)
    kept = {key: text for key, text in present.items() if key not in edit.after}
    kept |= {key: str(text) for key, text in edit.after.items() if text is not None}
    vocabulary = vocabulary_of(catalogue)
    for key, value in edit.after.items():
        if value is None and key < len(vocabulary.attributes):
            gone = vocabulary.attributes[key]
            if n := sum(gone.id in ids for ids in catalogue.reviews.attributes_for().values()):
                raise UserError(
                    f"Cannot {act}",
                    f"{counted(n, 'cell')} {'carries' if n == 1 else 'carry'} {gone.name}",
                    "Take it from these cells first.",
                )
    try:
        with_own(kept)
    except ValueError as error:
        raise UserError(
            f"Cannot {act}", "other attributes were defined since", "Undo these first."
        ) from error
