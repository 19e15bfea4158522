"""A random walk through do, undo, redo, taking back older steps, restarts and two readers.

After every step the tables hold what a plain model in memory says, replaying the events gives the
same, and the chain verifies. At the end, undoing everything restores the state the walk began
with.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.filled_workspace import TAXONOMY, filled, predictions, reopened
from wbc_desktop.domain.audit.edits import Edit
from wbc_desktop.domain.audit.events import USER_TYPES
from wbc_desktop.domain.audit.replay import CellState, replay
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.attributes import built_in
from wbc_desktop.services.session.attribute_commands import SetAttribute
from wbc_desktop.services.session.commands import Accept, Relabel, SetFlag, SetNote, UserCommand
from wbc_desktop.services.session.edit_writes import present
from wbc_desktop.services.session.reference_commands import (
    AddReferences,
    RemoveReferences,
    examples,
)
from wbc_desktop.services.session.revert_step import revert_scope
from wbc_desktop.services.support.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from wbc_desktop.services.session.session import Session
    from wbc_desktop.store.catalogue.catalogue import Catalogue

N = 5
READERS = ("Ada", "Zoë")

some_cells = st.lists(st.integers(1, N), max_size=N).map(tuple)
modes = st.sampled_from(ReviewMode)
commands: st.SearchStrategy[UserCommand] = st.one_of(
    st.builds(Relabel, some_cells, st.sampled_from([*TAXONOMY.by_id][:4]), modes),
    st.builds(Accept, some_cells, modes),
    st.builds(SetFlag, some_cells, st.booleans()),
    st.builds(SetNote, st.integers(1, N), st.sampled_from(["", "smeared", "=1+1 “\U0001f9a0”"])),
    st.builds(SetAttribute, some_cells, st.sampled_from(built_in().attributes[:2]), st.booleans()),
    st.builds(RemoveReferences, some_cells),
)


def said(catalogue: Catalogue) -> dict[int, CellState]:
    """Return what the tables hold of every cell that is not blank."""
    reviews, flags, notes = (
        catalogue.reviews.reviews_for(),
        catalogue.reviews.flagged(),
        catalogue.reviews.notes_for(),
    )
    references, attributes = (
        catalogue.references.references_for(),
        catalogue.reviews.attributes_for(),
    )
    said_of = reviews.keys() | flags | notes.keys() | references.keys() | attributes.keys()
    return {
        i: CellState(
            review=reviews.get(i),
            flagged=i in flags,
            note=notes.get(i),
            reference=references.get(i),
            attributes=attributes.get(i, ()),
        )
        for i in sorted(said_of)
    }


def refused(act: Callable[[], object]) -> UserError | None:
    """Return the refusal of an undo or redo, or None if it was done."""
    try:
        act()
    except UserError as error:
        return error
    return None


class SessionMachine(RuleBasedStateMachine):
    """The model: for each reader, the states before and after each of their commands."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.session: Session = filled(self.folder / "ws", n=N)
        self.start = said(self.session.workspace.catalogue)

    @initialize()
    def begin(self) -> None:
        self.depth = dict.fromkeys(READERS, 0)
        self.undone = dict.fromkeys(READERS, 0)

    @rule(command=commands)
    def do(self, command: UserCommand) -> None:
        changes = self.session.do(command)
        if changes.event_seq:
            self.depth[self.session.reader] += 1
            self.undone[self.session.reader] = 0

    @rule(cells=some_cells)
    def add_references(self, cells: tuple[int, ...]) -> None:
        if examples(self.session.workspace.catalogue, cells):
            self.do(AddReferences(cells))
        else:
            assert refused(lambda: self.session.do(AddReferences(cells))) is not None

    @rule()
    def undo(self) -> None:
        before = said(self.session.workspace.catalogue)
        refusal = refused(self.session.undo)
        if refusal is not None:
            nothing = self.depth[self.session.reader] == 0
            assert refusal.title.startswith("There is nothing" if nothing else "Cannot undo")
            assert said(self.session.workspace.catalogue) == before
            return
        self.depth[self.session.reader] -= 1
        self.undone[self.session.reader] += 1

    @rule()
    def redo(self) -> None:
        before = said(self.session.workspace.catalogue)
        refusal = refused(self.session.redo)
        if refusal is not None:
            nothing = self.undone[self.session.reader] == 0
            assert refusal.title.startswith("There is nothing" if nothing else "Cannot redo")
            assert said(self.session.workspace.catalogue) == before
            return
        self.depth[self.session.reader] += 1
        self.undone[self.session.reader] -= 1

    @precondition(lambda self: any(self.depth.values()))
    @rule(data=st.data(), leave_changed=st.booleans())
    def take_back(self, data: st.DataObject, leave_changed: bool) -> None:
        catalogue = self.session.workspace.catalogue
        steps = [event for event in catalogue.events.all() if event.type in USER_TYPES]
        step = data.draw(st.sampled_from(steps))
        before, scope = said(catalogue), revert_scope(catalogue, step.seq)
        refusal = refused(lambda: self.session.undo_step(step.seq, leave_changed=leave_changed))
        if refusal is not None:
            own = step.reader == self.session.reader
            assert scope.changed or not own
            assert not (own and leave_changed and scope.open_ids)
            assert said(catalogue) == before
            return
        self.depth[self.session.reader] += 1
        self.undone[self.session.reader] = 0
        logged = Edit.from_payload(step.payload)
        now = present(catalogue, logged.field, logged.before)
        assert {i: now[i] for i in scope.open_ids} == {i: logged.before[i] for i in scope.open_ids}
        others = before.keys() - {*scope.open_ids}
        assert {i: said(catalogue).get(i) for i in others} == {i: before[i] for i in others}

    @precondition(lambda self: self.session.undo_text is not None)
    @rule()
    def undo_and_redo_is_nothing(self) -> None:
        before = said(self.session.workspace.catalogue)
        if refused(self.session.undo) is None:
            self.session.redo()
        assert said(self.session.workspace.catalogue) == before

    @rule(label=st.sampled_from(["lymphocyte", "blast"]))
    def classify_again(self, label: str) -> None:
        self.session.record(predictions([label] * N))

    @rule()
    def restart(self) -> None:
        texts = (self.session.undo_text, self.session.redo_text)
        self.session = reopened(self.session)
        assert (self.session.undo_text, self.session.redo_text) == texts

    @rule(reader=st.sampled_from(READERS))
    def hand_over(self, reader: str) -> None:
        self.session.set_reader(reader)

    @invariant()
    def the_stacks_are_as_deep_as_the_work(self) -> None:
        reader = self.session.reader
        assert (self.session.undo_text is None) == (self.depth[reader] == 0)
        assert (self.session.redo_text is None) == (self.undone[reader] == 0)

    @invariant()
    def replay_rebuilds_every_label(self) -> None:
        catalogue = self.session.workspace.catalogue
        assert replay(catalogue.events.all()) == said(catalogue)

    def teardown(self) -> None:
        assert verify(self.session.workspace, TAXONOMY).problems == ()
        self.undo_everything()
        assert said(self.session.workspace.catalogue) == self.start
        self.session.workspace.close()
        shutil.rmtree(self.folder)

    def undo_everything(self) -> None:
        """Undo by turns until nothing is left: the last act of all can always be undone."""
        while any(self.depth.values()):
            progress = False
            for reader in READERS:
                self.session.set_reader(reader)
                while self.depth[reader] and refused(self.session.undo) is None:
                    self.depth[reader] -= 1
                    progress = True  # where it is refused, the other reader has to go first
            assert progress, "two readers block one another for ever"


TestSession = SessionMachine.TestCase
TestSession.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
