"""The session: the one door through which a workspace is changed.

One action of a reader = one transaction = one undo step = one audit event = one ``Changes``.
``do`` runs a user command, ``record`` a system command; ``undo``, ``redo`` and ``undo_step`` write
the inverse edit as a new event, so that history never shrinks. The undo stacks are derived from
the events of this reader: they survive a restart, and they stay right when the same reader has the
workspace open twice. A new command needs nothing here.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.audit.undo_stacks import Act, UndoStacks
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.wording import plain_text
from wbc_desktop.services.session.attribute_commands import vocabulary_of
from wbc_desktop.services.session.commands import Context, SystemCommand, UserCommand
from wbc_desktop.services.session.consistency import refuse_inconsistent
from wbc_desktop.services.session.edit_writes import KIND_OF, refuse_redo, refuse_undo, write
from wbc_desktop.services.session.revert_step import revert_edit
from wbc_desktop.services.session.taxonomy_commands import taxonomy_of
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.workspace import Workspace, utc_now

_log = logging.getLogger(__name__)

Subscriber = Callable[[Changes], None]
NOTHING = Changes(Kind.NONE)


class Session:
    """Changes one workspace in the name of one reader, on the thread that made it.

    Attributes:
        workspace: The open workspace.
        taxonomy: The classes, as the workspace has them now.
        reader: Who acts.
        check_classes: Called before classes are changed, undone or redone; keeps them as they are
            with a ``UserError``.

    Args:
        workspace: As above.
        reader: As above.
        taxonomy: The classes of the program.
        clock: Gives the time.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        reader: str,
        taxonomy: Taxonomy,
        clock: Callable[[], str] = utc_now,
    ) -> None:
        version = taxonomy.root.version
        if workspace.taxonomy_version != version:
            raise UserError(
                "The workspace uses other classes than this program",
                f"{workspace.folder}: {workspace.taxonomy_version}, not {version}",
                "Open it with the version of WBC Desktop that made it.",
            )
        self.workspace = workspace
        self.taxonomy = taxonomy
        self.check_classes: Callable[[], None] = lambda: None
        self._clock = clock
        self._thread = threading.get_ident()
        self._subscribers: list[Subscriber] = []
        self._stacks = UndoStacks()
        self._head = 0  # the last event taken account of
        self.reader = ""
        self.set_reader(reader)

    @property
    def undo_text(self) -> str | None:
        """What ``undo`` would take back, in the user's words; None if there is nothing."""
        return self._stacks.done[-1].text if self._stacks.done else None

    @property
    def redo_text(self) -> str | None:
        """What ``redo`` would do again, in the user's words; None if there is nothing."""
        return self._stacks.undone[-1].text if self._stacks.undone else None

    def set_reader(self, reader: str) -> None:
        """Act in the name of another reader from now on; the undo stacks become theirs.

        Raises:
            UserError: If the name is empty or cannot be stored.
        """
        name = plain_text(reader, what="The reader's name")
        if not name:
            raise UserError("The reader has no name", "", "Type the name of the person reviewing.")
        self._check_thread()
        with self.workspace.snapshot() as catalogue:
            foreign = self._catch_up(catalogue)
            self._stacks = UndoStacks()
            for act in catalogue.events.acts_of(name):
                self._stacks.feed(act)
        self.reader = name
        self._publish(foreign)

    def do(self, command: UserCommand) -> Changes:
        """Carry out a reader's command.

        Returns:
            What changed; kind NONE and no event if nothing did.

        Raises:
            UserError: If it cannot be done; nothing is written then.
        """

        def act(context: Context) -> Changes:
            edit = command.edit(context)
            if not edit.after:
                return NOTHING
            text = command.text(edit, self.taxonomy)
            return self._write(context, edit, type_=command.event_type, facts={"text": text})

        return self._run(act)

    def record(self, command: SystemCommand) -> Changes:
        """Carry out a command of the program; it is never on the undo stack.

        Raises:
            UserError: If it cannot be done; nothing is written then.
        """
        return self._run(command.apply)

    def undo(self) -> Changes:
        """Take back the reader's last command that is not yet taken back.

        Raises:
            UserError: If there is none, or if somebody changed one of its cells since.
        """

        def act(context: Context) -> Changes:
            last = _top(self._stacks.done, "There is nothing to undo")
            edit = Edit.from_payload(context.tx.catalogue.events.get(last.seq).payload).inverse()
            refuse_undo(context.tx.catalogue, edit, command=last)
            facts: dict[str, Json] = {"undoes": last.seq, "text": last.text}
            changes = self._write(context, edit, type_=EventType.UNDO, facts=facts)
            return replace(changes, text=f"Undone: {last.text}", reverts=True)

        return self._run(act)

    def undo_step(self, seq: int, *, leave_changed: bool = False) -> Changes:
        """Take back an older command of the reader, as a new one that can itself be undone.

        Args:
            seq: Sequence number of the command's event.
            leave_changed: Leave out cells that were changed since, instead of refusing.

        Raises:
            UserError: If it is not the reader's, or if one of its cells was changed since.
        """

        def act(context: Context) -> Changes:
            edit, text, scope = revert_edit(
                context.tx.catalogue, seq, reader=self.reader, leave_changed=leave_changed
            )
            facts: dict[str, Json] = {"takes_back": seq, "text": text}
            changes = self._write(context, edit, type_=EventType.TAKE_BACK, facts=facts)
            return replace(changes, text=scope.done_text, reverts=True)

        return self._run(act)

    def redo(self) -> Changes:
        """Do again what was last undone.

        Raises:
            UserError: If there is nothing, or if somebody changed one of its cells since.
        """

        def act(context: Context) -> Changes:
            last = _top(self._stacks.undone, "There is nothing to redo")
            edit = Edit.from_payload(context.tx.catalogue.events.get(last.seq).payload)
            refuse_redo(context.tx.catalogue, edit, command=last)
            facts: dict[str, Json] = {"redoes": last.seq, "text": last.text}
            changes = self._write(context, edit, type_=EventType.REDO, facts=facts)
            return replace(changes, text=f"Redone: {last.text}", reverts=True)

        return self._run(act)

    def refresh(self) -> Changes:
        """Take note of what other programs have written, and tell the subscribers.

        Returns:
            What they changed; kind NONE if nothing.
        """
        self._check_thread()
        with self.workspace.snapshot() as catalogue:
            foreign = self._catch_up(catalogue)
        self._publish(foreign)
        return foreign

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call ``callback`` after every change that is in the file.

        An error that it raises reaches whoever made the change, after everybody was told.

        Returns:
            A function that ends the subscription.
        """
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def _run(self, act: Callable[[Context], Changes]) -> Changes:
        self._check_thread()
        foreign = committed = NOTHING
        try:
            with self.workspace.atomic(at=self._clock()) as tx:
                foreign = self._catch_up(tx.catalogue)
                changes = act(Context(tx=tx, taxonomy=self.taxonomy, reader=self.reader))
                own = tx.catalogue.events.acts_of(self.reader, after_seq=self._head)
                head, _ = tx.catalogue.events.head()
            for done in own:
                self._stacks.feed(done)
            self._head = head
            if changes.kinds & Kind.CLASSES:
                self.taxonomy = taxonomy_of(self.workspace.catalogue, self.taxonomy)
            committed = changes
        finally:
            # What others wrote is in the file, whether or not our own act is.
            self._publish(foreign, committed)
        return committed

    def _write(
        self, context: Context, edit: Edit, *, type_: EventType, facts: dict[str, Json]
    ) -> Changes:
        if edit.field is Field.CLASSES:
            self.check_classes()
        verb = _VERBS.get(type_, "do")
        refuse_inconsistent(context, edit, act=f"{verb} “{facts['text']}”")
        event = context.tx.append_event(
            context.reader, type_, {**edit.payload(), **facts}, cell_ids=edit.cell_ids
        )
        write(context.tx, edit)
        return Changes(KIND_OF[edit.field], edit.cell_ids, event.seq, str(facts["text"]))

    def _catch_up(self, catalogue: Catalogue) -> Changes:
        """Feed the stacks what was written since; return what other programs changed."""
        head, _ = catalogue.events.head()
        if head == self._head:
            return NOTHING
        known, self._head = self._head, head
        for act in catalogue.events.acts_of(self.reader, after_seq=known):
            self._stacks.feed(act)
        if not known:
            self.taxonomy = taxonomy_of(catalogue, self.taxonomy)
            vocabulary_of(catalogue)  # if it is damaged, say so now and not amid the work
            return NOTHING
        kinds = Kind.NONE
        for type_, field in catalogue.events.kinds_after(known):
            kinds |= KIND_OF[Field(field)] if field else _KINDS.get(type_, Kind.NONE)
        if kinds & Kind.CLASSES:
            self.taxonomy = taxonomy_of(catalogue, self.taxonomy)
        ids = tuple(catalogue.events.cells_after(known))
        return Changes(kinds, ids, head, "Changed by another program", foreign=True)

    def _publish(self, *told: Changes) -> None:
        """Tell every subscriber, even if one of them fails: the changes are in the file.

        Raises:
            Exception: What the first that failed raised; the errors of others are in the log.
        """
        errors: list[Exception] = []
        for changes in told:
            if changes.kinds is Kind.NONE:
                continue
            for callback in tuple(self._subscribers):
                try:
                    callback(changes)
                except Exception as error:  # noqa: BLE001  # any fault of theirs; raised below
                    errors.append(error)
        for further in errors[1:]:
            _log.error("A subscriber failed", exc_info=further)
        if errors:
            raise errors[0]

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("a session is used on the thread that made it")


_KINDS = {
    EventType.PREDICTIONS_STORED: Kind.PREDICTIONS,
    EventType.SLIDES_ASSESSED: Kind.SLIDES,
    EventType.PATIENT_IMPORTED: Kind.PATIENTS,
    EventType.MODEL_REGISTERED: Kind.MODELS,
    EventType.MODEL_IMPORTED: Kind.MODELS,
    EventType.MODEL_PROMOTED: Kind.MODELS,
    EventType.MODEL_ROLLED_BACK: Kind.MODELS,
    EventType.JOB_STARTED: Kind.MODELS,
    EventType.JOB_ENDED: Kind.MODELS,
}


_VERBS = {EventType.UNDO: "undo", EventType.REDO: "redo"}


def _top(stack: list[Act], title: str) -> Act:
    if not stack:
        raise UserError(title)
    return stack[-1]
