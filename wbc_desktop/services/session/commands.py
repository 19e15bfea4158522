"""What people do to cells, as frozen dataclasses of ids; and what every command is.

A *user* command says what it would change as an ``Edit``; the session writes it, records it and
can undo it. A *system* command (import, predictions, export) writes by itself and appends its own
event; it is never on the undo stack: see ``system_commands``. To add a user command, write a
dataclass here that fulfils ``UserCommand``, and a type in ``EventType`` and ``USER_TYPES``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from wbc_desktop.domain.audit.changes import Changes
from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Review, ReviewMode, status_of
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.wording import counted, plain_text
from wbc_desktop.store.names import cell_key
from wbc_desktop.store.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a command works with.

    Attributes:
        tx: The open write transaction; ``tx.catalogue`` reads, ``tx.at`` is the time.
        taxonomy: The classes.
        reader: Who acts.
    """

    tx: Transaction
    taxonomy: Taxonomy
    reader: str


class UserCommand(Protocol):
    """What a person does to cells."""

    @property
    def event_type(self) -> EventType:
        """The type of event that records it."""

    def edit(self, context: Context) -> Edit:
        """Return what it would change; no cells if nothing.

        Raises:
            UserError: If it cannot be done.
        """

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:
        """Return it in the user's words, for what ``edit`` has found to change."""


class SystemCommand(Protocol):
    """What the program does by itself."""

    def apply(self, context: Context) -> Changes:
        """Write it, and append the event that records it if there is to be one.

        Raises:
            UserError: If it cannot be done; nothing is written then.
        """


@dataclass(frozen=True)
class Relabel:
    """Give cells a label. Cells whose human label counts as this class already are left alone.

    Attributes:
        cell_ids: Row ids.
        label: Class id.
        mode: How it came about.
    """

    cell_ids: tuple[int, ...]
    label: str
    mode: ReviewMode
    event_type: ClassVar[EventType] = EventType.RELABEL

    def edit(self, context: Context) -> Edit:
        """Return the new reviews."""
        if self.label not in context.taxonomy.by_id:
            raise UserError(
                "There is no such class", self.label, "Choose one of the classes of the palette."
            )
        label = context.taxonomy.counted_as[self.label]
        return _reviewed(context, dict.fromkeys(self.cell_ids, label), mode=self.mode)

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:
        """Return it in the user's words."""
        return f"Relabel {counted(edit.n, 'cell')} as {taxonomy.by_id[self.label].name}"


@dataclass(frozen=True)
class Accept:
    """Take the model's label for cells. Cells with a human label are left alone.

    Attributes:
        cell_ids: Row ids.
        mode: How it came about.
    """

    cell_ids: tuple[int, ...]
    mode: ReviewMode
    event_type: ClassVar[EventType] = EventType.ACCEPT

    def edit(self, context: Context) -> Edit:
        """Return the new reviews."""
        catalogue = context.tx.catalogue
        labelled = catalogue.reviews.reviews_for(self.cell_ids)
        open_ids = [cell_id for cell_id in self.cell_ids if cell_id not in labelled]
        predicted = catalogue.predictions.labels_for(open_ids)
        for cell_id in open_ids:
            if cell_id not in predicted:
                raise UserError(
                    "There is no model label to accept",
                    cell_key(catalogue.code, cell_id),
                    "Classify the cells first, or give them a label.",
                )
        counted_as = context.taxonomy.counted_as
        labels = {i: counted_as[predicted[i]] for i in open_ids}
        return _reviewed(context, labels, mode=self.mode)

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:
        """Return it in the user's words."""
        labels = {review.label for review in edit.after.values() if isinstance(review, Review)}
        cells = counted(edit.n, "cell")
        if len(labels) > 1:
            return f"Accept {cells} of {len(labels):,} classes"
        return f"Accept {cells} as {taxonomy.by_id[labels.pop()].name}"


@dataclass(frozen=True)
class SetFlag:
    """Flag cells, or take their flag away.

    Attributes:
        cell_ids: Row ids.
        flagged: Whether they are to be flagged.
    """

    cell_ids: tuple[int, ...]
    flagged: bool
    event_type: ClassVar[EventType] = EventType.FLAG

    def edit(self, context: Context) -> Edit:
        """Return the flags that change."""
        check_known(context, self.cell_ids)
        flagged = context.tx.catalogue.reviews.flagged(self.cell_ids)
        ids = [i for i in dict.fromkeys(self.cell_ids) if (i in flagged) != self.flagged]
        return Edit(
            field=Field.FLAG,
            before=dict.fromkeys(ids, not self.flagged),
            after=dict.fromkeys(ids, self.flagged),
        )

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return f"{'Flag' if self.flagged else 'Unflag'} {counted(edit.n, 'cell')}"


@dataclass(frozen=True)
class SetNote:
    """Write the note of one cell; an empty text removes it.

    Attributes:
        cell_id: Row id.
        note: Free text; white space around it is dropped.
    """

    cell_id: int
    note: str
    event_type: ClassVar[EventType] = EventType.NOTE

    def edit(self, context: Context) -> Edit:
        """Return the note if it changes."""
        check_known(context, [self.cell_id])
        note = plain_text(self.note, what="The note") or None
        before = context.tx.catalogue.reviews.notes_for([self.cell_id]).get(self.cell_id)
        if note == before:
            return Edit(Field.NOTE, {}, {})
        return Edit(Field.NOTE, {self.cell_id: before}, {self.cell_id: note})

    def text(self, edit: Edit, taxonomy: Taxonomy) -> str:  # noqa: ARG002  # the protocol's signature
        """Return it in the user's words."""
        return (
            f"Write the note of {counted(edit.n, 'cell')}" if self.note.strip() else "Remove a note"
        )


def _reviewed(context: Context, labels: dict[int, str], *, mode: ReviewMode) -> Edit:
    """Return the reviews that these labels give; cells that count as the label are left out."""
    check_known(context, labels)
    before = context.tx.catalogue.reviews.reviews_for(labels)
    predicted = context.tx.catalogue.predictions.labels_for(labels)
    counted_as = context.taxonomy.counted_as
    predicted = {i: counted_as.get(said, said) for i, said in predicted.items()}
    human = {i: counted_as.get(review.label, review.label) for i, review in before.items()}
    changed = {i: label for i, label in labels.items() if human.get(i) != label}
    after = {
        cell_id: Review(
            label=label,
            status=status_of(label, predicted=predicted.get(cell_id)),
            reviewer=context.reader,
            reviewed_at=context.tx.at,
            mode=mode,
            n_reviews=(before[cell_id].n_reviews if cell_id in before else 0) + 1,
        )
        for cell_id, label in changed.items()
    }
    return Edit(Field.REVIEW, {cell_id: before.get(cell_id) for cell_id in after}, after)


def check_known(context: Context, cell_ids: Iterable[int]) -> None:
    """Refuse ids that are not in the workspace.

    Raises:
        UserError: naming the first of them.
    """
    wanted = set(cell_ids)
    if unknown := wanted - context.tx.catalogue.cells.existing(wanted):
        raise UserError(
            "There is no such cell",
            cell_key(context.tx.catalogue.code, min(unknown)),
            "Open the workspace again.",
        )
