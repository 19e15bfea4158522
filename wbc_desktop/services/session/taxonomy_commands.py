"""The classes of a workspace: read them, and change them as a reader's command.

Every command is one event and one step to undo. What a class may be is decided in
``domain/taxonomy/edits``; here is only what needs the workspace.
"""

from dataclasses import dataclass
from typing import ClassVar

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import check_taxonomy
from wbc_desktop.domain.taxonomy.class_definitions import (
    defined_id,
    stored_definition,
    with_definitions,
)
from wbc_desktop.domain.taxonomy.class_file import changes_from_text
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.taxonomy.edits import (
    ClassChanges,
    ClassUpdate,
    NewClass,
    add_classes,
    merge_classes,
    move_class,
    split_class,
    unmerge_class,
    update_class,
)
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.commands import Context
from wbc_desktop.store.catalogue.catalogue import Catalogue


def taxonomy_of(catalogue: Catalogue, base: Taxonomy) -> Taxonomy:
    """Return the classes of a workspace.

    Args:
        catalogue: Its reads.
        base: The taxonomy it was made with; if a changed one, that which it was made from.

    Raises:
        UserError: If a definition is damaged.
    """
    try:
        return with_definitions(base, catalogue.meta.definitions(Field.CLASSES))
    except ValueError as error:
        raise UserError(
            "The classes of the workspace are damaged",
            str(error),
            "Run wbc verify to see what is wrong, and restore the folder from a backup.",
        ) from error


@dataclass(frozen=True)
class ChangeClass:
    """Rename, recode, re-key, recolour, hide or show a class.

    Attributes:
        class_id: The class.
        wanted: How it is to be.
    """

    class_id: str
    wanted: ClassUpdate
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return its definition."""
        return _edit(context, update_class(context.taxonomy, self.class_id, self.wanted))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        name = taxonomy.by_id[self.class_id].name
        if self.wanted == ClassUpdate(hidden=True):
            return f"Hide the class {name}"
        if self.wanted == ClassUpdate(hidden=False):
            return f"Show the class {name} again"
        return f"Change the class {name}"


@dataclass(frozen=True)
class MoveClass:
    """Put a class of the workspace below another one, or on its own.

    Attributes:
        class_id: The class.
        parent: Id of the class above it, or None.
    """

    class_id: str
    parent: str | None
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return its definition, and those of the classes below it."""
        return _edit(context, move_class(context.taxonomy, self.class_id, self.parent))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Move the class {taxonomy.by_id[self.class_id].name}"


@dataclass(frozen=True)
class AddClass:
    """Add a class to the workspace.

    Attributes:
        new: The class.
    """

    new: NewClass
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return its definition under the next ordinal."""
        return _edit(context, add_classes(context.taxonomy, [self.new], given=_given(context)))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Add the class {' '.join(self.new.name.split())}"


@dataclass(frozen=True)
class SplitClass:
    """Add classes below a class; its cells keep their label until they are labelled anew.

    Attributes:
        class_id: The class.
        parts: The new ones.
    """

    class_id: str
    parts: tuple[NewClass, ...]
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return the definitions of the new classes."""
        parts = split_class(context.taxonomy, self.class_id, self.parts, given=_given(context))
        return _edit(context, parts)

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:
        """Return it in the user's words."""
        return (
            f"Split {taxonomy.by_id[self.class_id].name} into {counted(edit.n, 'class', 'classes')}"
        )


@dataclass(frozen=True)
class MergeClasses:
    """Let the cells of some classes count as those of another one.

    Attributes:
        sources: Ids of the classes that go.
        target: Id of the class that stays.
    """

    sources: tuple[str, ...]
    target: str
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return the definitions of the classes that go."""
        return _edit(context, merge_classes(context.taxonomy, self.sources, self.target))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        names = ", ".join(taxonomy.by_id[source].name for source in self.sources)
        return f"Merge {names} into {taxonomy.by_id[self.target].name}"


@dataclass(frozen=True)
class SeparateClass:
    """Let a class that was merged stand by itself again.

    Attributes:
        class_id: The class.
    """

    class_id: str
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return its definition."""
        return _edit(context, unmerge_class(context.taxonomy, self.class_id))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Separate {taxonomy.by_id[self.class_id].name} again"


@dataclass(frozen=True)
class TakeClasses:
    """Take over the classes of a file.

    Attributes:
        content: The text of the file, see ``class_file``.
        name: Name of the file, for the log.
    """

    content: str
    name: str
    event_type: ClassVar[EventType] = EventType.CLASSES_EDITED

    def edit(self, context: Context) -> Edit:
        """Return the definitions of the classes that change."""
        return _edit(context, changes_from_text(self.content, context.taxonomy))

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"Take {counted(edit.n, 'class', 'classes')} from {self.name}"


def refuse_broken_classes(catalogue: Catalogue, edit: Edit, *, base: Taxonomy, act: str) -> None:
    """Refuse what would leave cells without their class, or classes that cannot be worked with.

    Args:
        catalogue: Reads of the transaction.
        edit: An undo or redo about to be written.
        base: The taxonomy of the program.
        act: What is attempted, in the user's words.

    Raises:
        UserError: Names the class.
    """
    present = catalogue.meta.definitions(Field.CLASSES)
    taxonomy = taxonomy_of(catalogue, base)
    left = {key: text for key, text in present.items() if key not in edit.after}
    left |= {key: str(text) for key, text in edit.after.items() if text is not None}
    gone = [
        taxonomy.classes[key]
        for key, text in edit.after.items()
        if text is None and len(base.root.classes) <= key < len(taxonomy.classes)
    ]
    for cell_class in gone:
        if n := catalogue.reviews.count_labelled(cell_class.id):
            raise UserError(
                f"Cannot {act}",
                f"{counted(n, 'cell')} {'is' if n == 1 else 'are'} labelled {cell_class.name}",
                "Give these cells another label first, or hide the class.",
            )
    try:
        check_taxonomy(with_definitions(base, left))
    except UserError as error:
        raise UserError(f"Cannot {act}", f"{error.title}: {error.detail}", error.advice) from error
    except ValueError as error:
        raise UserError(
            f"Cannot {act}", "other classes were changed since", "Undo these changes first."
        ) from error


def _given(context: Context) -> frozenset[str]:
    """Return the ids of all classes that were ever added or changed here, also if taken back."""
    events = context.tx.catalogue.events.of_type(EventType.CLASSES_EDITED)
    edits = [Edit.from_payload(event.payload) for event in events]
    return frozenset(
        defined_id(str(text)) for edit in edits for text in edit.after.values() if text
    )


def _edit(context: Context, changes: ClassChanges) -> Edit:
    before = context.tx.catalogue.meta.definitions(Field.CLASSES)
    after = {
        ordinal: stored_definition(context.taxonomy, ordinal, c) for ordinal, c in changes.items()
    }
    return Edit(Field.CLASSES, {ordinal: before.get(ordinal) for ordinal in after}, {**after})
