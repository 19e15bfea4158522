"""Taking back an older step of a reader: what it would reach, and the edit that does it.

To take back is a command of its own, on top of the reader's stack: it can be undone like any other,
and the step it is about stays in the log. Cells that were changed since are never touched. They
are counted first; the step is refused for them, unless the reader wants the others taken back.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.edits import Edit
from wbc_desktop.domain.audit.events import USER_TYPES, Event
from wbc_desktop.domain.audit.undo_stacks import Act
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.session.edit_writes import changed_since, refusal
from wbc_desktop.store.catalogue.catalogue import Catalogue


@dataclass(frozen=True, kw_only=True)
class RevertScope:
    """What taking back a step would reach.

    Attributes:
        step: The step.
        edit: Its inverse, for all its cells.
        text: The step in the user's words.
        changed: Cells changed since, with the event that did it; None if no event did, or if
            they were taken back already.
        changed_by: Who changed the last of them and when (UTC), or None.
    """

    step: Event
    edit: Edit
    text: str
    changed: dict[int, int | None]
    changed_by: tuple[str, str] | None

    @property
    def cell_ids(self) -> tuple[int, ...]:
        """All cells of the step."""
        return self.edit.cell_ids

    @property
    def open_ids(self) -> tuple[int, ...]:
        """The cells that can be taken back."""
        return tuple(cell_id for cell_id in self.edit.after if cell_id not in self.changed)

    @property
    def done_text(self) -> str:
        """What was done once it is taken back, in the user's words."""
        n = len(self.changed)
        rest = f" ({counted(n, 'cell')} changed since left alone)" if n else ""
        return f"Taken back: {self.text}{rest}"

    def open_edit(self) -> Edit:
        """Return the edit that takes back what can be taken back."""
        before, after = self.edit.before, self.edit.after
        cells = self.open_ids
        return Edit(self.edit.field, {i: before[i] for i in cells}, {i: after[i] for i in cells})


def revert_scope(catalogue: Catalogue, seq: int) -> RevertScope:
    """Return what taking back a step would reach.

    Args:
        catalogue: Reads of the workspace; of a transaction if the step is to be taken back in it.
        seq: Sequence number of the step's event.

    Raises:
        UserError: If it is no step that can be taken back.
    """
    step = catalogue.events.get(seq)
    text = str(step.payload.get("text", ""))
    try:
        edit = Edit.from_payload(step.payload).inverse() if step.type in USER_TYPES else None
    except ValueError:  # another kind of payload
        edit = None
    if edit is None or not edit.field.of_cells:
        raise UserError(
            "This step is not about cells and cannot be taken back here",
            text or f"event {seq}",
            "If it is your last act, undo takes it back.",
        )
    command = Act(seq, step.type, None, text)
    changed = changed_since(catalogue, edit, command=command)
    last = max((by for by in changed.values() if by is not None), default=None)
    by = catalogue.events.get(last) if last is not None else None
    return RevertScope(
        step=step,
        edit=edit,
        text=text,
        changed=changed,
        changed_by=None if by is None else (by.reader, by.at),
    )


def revert_edit(
    catalogue: Catalogue, seq: int, *, reader: str, leave_changed: bool
) -> tuple[Edit, str, RevertScope]:
    """Return the edit that takes back a step, and what it is called.

    Args:
        catalogue: Reads of the transaction.
        seq: Sequence number of the step's event.
        reader: Who acts; the step must be theirs.
        leave_changed: Leave out cells that were changed since, instead of refusing.

    Raises:
        UserError: If the step is another reader's, or was taken back, or was changed since.
    """
    scope = revert_scope(catalogue, seq)
    if scope.step.reader != reader:
        raise UserError(
            "Cannot take back a step of another reader",
            f"“{scope.text}” by {scope.step.reader}",
            "Label the cells yourself if they are wrong.",
        )
    n = len(scope.open_ids)
    if not n:
        raise UserError(
            f"Nothing is left to take back of “{scope.text}”",
            f"all of its {counted(len(scope.cell_ids), 'cell')} were changed or taken back since",
        )
    if scope.changed and not leave_changed:
        raise refusal(catalogue, scope.edit, scope.changed, act=f"take back “{scope.text}”")
    part = f" for {n:,} of its {len(scope.cell_ids):,} cells" if scope.changed else ""
    return scope.open_edit(), f"Take back “{scope.text}”{part}", scope
