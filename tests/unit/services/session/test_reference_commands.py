"""The reference library: who may be in it, undo, the log."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, filled, reopened
from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.audit.replay import replay
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.session.commands import Accept, Relabel
from wbc_desktop.services.session.reference_commands import AddReferences, RemoveReferences
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Cell 1 a monocyte, 2 accepted as lymphocyte, 3 unidentified; 4 to 6 not reviewed."""
    session = filled(tmp_path / "ws")
    session.do(Relabel((1,), "monocyte", ReviewMode.SINGLE))
    session.do(Accept((2,), ReviewMode.SINGLE))
    session.do(Relabel((3,), "unidentified", ReviewMode.SINGLE))
    return session


def library(session: Session) -> dict[int, str]:
    return {i: r.label for i, r in session.workspace.catalogue.references.references_for().items()}


def test_labelled_cells_become_examples_of_their_class(session: Session) -> None:
    changes = session.do(AddReferences((1, 2, 3, 4)))
    assert library(session) == {1: "monocyte", 2: "lymphocyte"}
    assert (changes.kinds, changes.cell_ids) == (Kind.REFERENCES, (1, 2))
    assert changes.text == "Add 2 cells to the reference cells"
    found = session.workspace.catalogue.references.of_classes(["monocyte"])
    assert found[1] == Reference(label="monocyte", reader="Ada", at=found[1].at)


@pytest.mark.parametrize("cells", [(4, 5), (3,)])
def test_cells_that_are_no_example_are_refused(session: Session, cells: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="a person labelled"):
        session.do(AddReferences(cells))
    assert library(session) == {}


def test_adding_again_changes_nothing_unless_the_label_is_another(session: Session) -> None:
    session.do(AddReferences((1,)))
    assert session.do(AddReferences((1,))).kinds is Kind.NONE
    session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
    assert library(session) == {1: "monocyte"}  # kept, not silently moved
    session.do(AddReferences((1,)))
    assert library(session) == {1: "blast"}


def test_undo_restores_who_added_it_and_when_also_after_a_restart(session: Session) -> None:
    session.do(AddReferences((1, 2)))
    before = session.workspace.catalogue.references.references_for()
    session.do(RemoveReferences((1, 2, 4)))
    assert library(session) == {}
    again = reopened(session)
    again.undo()
    assert again.workspace.catalogue.references.references_for() == before
    again.undo()
    assert library(again) == {}
    again.redo()
    assert again.workspace.catalogue.references.references_for() == before


def test_replay_and_verify_know_the_library(session: Session) -> None:
    session.do(AddReferences((1, 2)))
    session.do(RemoveReferences((2,)))
    states = replay(session.workspace.catalogue.events.all())
    assert {i for i, state in states.items() if state.reference} == {1}
    assert verify(session.workspace, TAXONOMY).ok


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM reference",
        "UPDATE reference SET label = 'blast'",
        "UPDATE reference SET reader = 'Eve'",
        "INSERT INTO reference VALUES (2, 'lymphocyte', 'Eve', '2026')",
    ],
)
def test_a_library_that_was_tampered_with_is_named(session: Session, sql: str) -> None:
    session.do(AddReferences((1,)))
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.executescript(sql)
    connection.close()
    with Workspace.open(session.workspace.folder) as workspace:
        (problem,) = verify(workspace, TAXONOMY).problems
    assert "its place among the reference cells differs" in problem


def test_the_newest_examples_of_a_class_come_first(session: Session) -> None:
    session.do(AddReferences((2,)))
    session.do(Relabel((5,), "lymphocyte", ReviewMode.SINGLE))
    session.do(AddReferences((5,)))
    assert [*session.workspace.catalogue.references.of_classes(["lymphocyte"])] == [5, 2]
