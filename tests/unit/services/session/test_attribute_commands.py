"""Attributes as acts of a reader: one event, undone in one step, replayed and verified."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, filled, reopened
from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.audit.replay import replay
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.attributes import Attribute, built_in
from wbc_desktop.services.session.attribute_commands import (
    DefineAttribute,
    SetAttribute,
    vocabulary_of,
)
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace

VACUOLES = built_in().by_id["vacuoles"]
TOXIC = built_in().by_id["toxic_granulation"]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def carried(session: Session) -> dict[int, tuple[str, ...]]:
    return session.workspace.catalogue.reviews.attributes_for()


def own(session: Session, name: str) -> Attribute:
    vocabulary = vocabulary_of(session.workspace.catalogue)
    return vocabulary.by_id[name]


def test_cells_carry_several_attributes_and_lose_one_of_them(session: Session) -> None:
    session.do(SetAttribute((1, 2), VACUOLES, present=True))
    changes = session.do(SetAttribute((2, 3), TOXIC, present=True))
    assert (changes.kinds, changes.cell_ids) == (Kind.ATTRIBUTES, (2, 3))
    assert changes.text == "Mark 2 cells with Toxic granulation"
    session.do(SetAttribute((1, 2, 3), VACUOLES, present=False))
    assert carried(session) == {2: ("toxic_granulation",), 3: ("toxic_granulation",)}
    assert session.workspace.catalogue.cells.get(3).attributes == ("toxic_granulation",)


def test_one_act_is_one_event_and_one_step_back(session: Session) -> None:
    head, _ = session.workspace.catalogue.events.head()
    session.do(SetAttribute((1,), VACUOLES, present=True))
    session.do(SetAttribute((1, 2, 3), VACUOLES, present=True))
    assert session.workspace.catalogue.events.head()[0] == head + 2
    again = reopened(session)
    again.undo()
    assert carried(again) == {1: ("vacuoles",)}
    again.redo()
    assert sorted(carried(again)) == [1, 2, 3]
    again.undo()
    again.undo()
    assert carried(again) == {}
    assert verify(again.workspace, TAXONOMY).problems == ()


def test_nothing_happens_where_every_cell_is_so_already(session: Session) -> None:
    session.do(SetAttribute((1,), VACUOLES, present=True))
    assert session.do(SetAttribute((1, 1), VACUOLES, present=True)).kinds is Kind.NONE
    assert session.do(SetAttribute((2,), VACUOLES, present=False)).kinds is Kind.NONE


def test_replay_rebuilds_the_attributes(session: Session) -> None:
    session.do(SetAttribute((1, 4), VACUOLES, present=True))
    session.do(SetAttribute((4,), TOXIC, present=True))
    states = replay(session.workspace.catalogue.events.all())
    assert {i: s.attributes for i, s in states.items()} == carried(session)


def test_undo_is_refused_where_somebody_else_marked_the_cell_since(session: Session) -> None:
    session.do(SetAttribute((1,), VACUOLES, present=True))
    session.set_reader("Zoë")
    session.do(SetAttribute((1,), TOXIC, present=True))
    session.set_reader("Ada")
    with pytest.raises(UserError, match=r"list of attributes of cell .* was changed by Zoë"):
        session.undo()


def test_an_unknown_attribute_or_cell_is_refused(session: Session) -> None:
    with pytest.raises(UserError, match="no such attribute"):
        session.do(SetAttribute((1,), Attribute(id="x", letter="X", name="X"), present=True))
    with pytest.raises(UserError, match="no such cell"):
        session.do(SetAttribute((99,), VACUOLES, present=True))


def test_a_workspace_defines_attributes_of_its_own(session: Session) -> None:
    changes = session.do(DefineAttribute("Pelger-Huët anomaly", "p"))
    assert (changes.kinds, changes.cell_ids) == (Kind.VOCABULARY, ())
    session.do(SetAttribute((2,), own(session, "pelger_huet_anomaly"), present=True))
    again = reopened(session)
    vocabulary = vocabulary_of(again.workspace.catalogue)
    assert vocabulary.by_letter["P"].name == "Pelger-Huët anomaly"
    assert vocabulary.bits["pelger_huet_anomaly"] == 5
    assert again.workspace.catalogue.cells.get(2).attributes == ("pelger_huet_anomaly",)
    assert verify(again.workspace, TAXONOMY).ok


def test_a_definition_is_taken_back_only_while_no_cell_needs_it(session: Session) -> None:
    session.do(DefineAttribute("Smudged", "S"))
    session.set_reader("Zoë")
    session.do(SetAttribute((2,), own(session, "smudged"), present=True))
    session.set_reader("Ada")
    with pytest.raises(UserError, match="1 cell carries Smudged"):
        session.undo()
    session.set_reader("Zoë")
    session.undo()
    session.do(DefineAttribute("Torn", "O"))
    session.set_reader("Ada")
    with pytest.raises(UserError, match="other attributes were defined since"):
        session.undo()
    session.set_reader("Zoë")
    session.undo()
    session.set_reader("Ada")
    session.undo()
    assert vocabulary_of(session.workspace.catalogue) == built_in()
    session.redo()
    assert own(session, "smudged").letter == "S"


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("DELETE FROM attribute", "attributes differ from the audit log"),
        ("UPDATE attribute SET ids = 'auer_rods'", "attributes differ from the audit log"),
        ("INSERT INTO attribute VALUES (5, 'vacuoles')", "attributes differ from the audit log"),
        ("DELETE FROM definition", "definition of attribute 5 differs from the audit log"),
        ("UPDATE definition SET text = '{}'", "definition of attribute 5 differs"),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found(
    session: Session, sql: str, problem: str
) -> None:
    session.do(DefineAttribute("Smudged", "S"))
    session.do(SetAttribute((2,), VACUOLES, present=True))
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.executescript(sql)
    connection.close()
    with Workspace.open(session.workspace.folder) as workspace:
        problems = verify(workspace, TAXONOMY).problems
    assert any(problem in line for line in problems), problems


def test_the_columns_of_all_cells_carry_them_as_bits(session: Session) -> None:
    session.do(DefineAttribute("Smudged", "S"))
    session.do(SetAttribute((2, 3), VACUOLES, present=True))
    session.do(SetAttribute((3,), own(session, "smudged"), present=True))
    index = session.workspace.catalogue.index.load(TAXONOMY)
    assert index.attributes.tolist() == [0, 0b10, 0b100010, 0, 0, 0]


def test_a_damaged_definition_stops_the_opening_in_plain_words(session: Session) -> None:
    session.do(DefineAttribute("Smudged", "S"))
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.executescript("UPDATE definition SET text = '{}'")
    connection.close()
    with (
        Workspace.open(session.workspace.folder) as workspace,
        pytest.raises(UserError, match="attributes of the workspace are damaged"),
    ):
        Session(workspace, reader="Ada", taxonomy=TAXONOMY)
