"""The classes of a workspace as acts of a reader: one event, one step back, replayed, verified."""

import csv
import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.filled_workspace import TAXONOMY, filled, predictions, reopened
from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.audit.replay import replay_definitions
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.domain.taxonomy.class_definitions import with_definitions
from wbc_desktop.domain.taxonomy.edits import ClassUpdate, NewClass
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.session.commands import Accept, Relabel, UserCommand
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.taxonomy_commands import (
    AddClass,
    ChangeClass,
    MergeClasses,
    MoveClass,
    SeparateClass,
    SplitClass,
)
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace

HAIRY = AddClass(NewClass(name="Hairy cell", code="HCL", hotkey="B"))
LYMPHOCYTES = MergeClasses(("lymphocyte_reactive",), "lymphocyte")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def human(session: Session) -> list[int]:
    labels: list[int] = session.workspace.catalogue.index.load(session.taxonomy).human.tolist()
    return labels


def test_a_change_of_the_classes_is_one_event_and_outlives_a_restart(session: Session) -> None:
    changes = session.do(ChangeClass("blast", ClassUpdate(name="Blast cell", code="BLC")))
    assert (changes.kinds, changes.cell_ids) == (Kind.CLASSES, ())
    assert changes.text == "Change the class Blast"
    assert session.taxonomy.by_id["blast"].code == "BLC"
    again = reopened(session)
    assert again.taxonomy == session.taxonomy
    assert again.undo_text == "Change the class Blast"
    again.undo()
    assert again.taxonomy == TAXONOMY
    again.redo()
    assert again.taxonomy.by_id["blast"].name == "Blast cell"
    assert verify(again.workspace, TAXONOMY).problems == ()


def test_the_id_of_a_class_taken_back_is_not_given_to_another_one(session: Session) -> None:
    given = set()
    for name in ("Foo", "foo!!", "Foo", "FOO."):
        session.do(AddClass(NewClass(name=name, code="FOO")))
        given.add(session.taxonomy.classes[-1].id)
        session.undo()
    assert len(given) == 4
    session.redo()
    assert session.taxonomy.classes[-1].id in given
    session.undo()
    parts = (NewClass(name="Foo", code="FO1"), NewClass(name="Bar", code="FO2"))
    session.do(SplitClass("lymphocyte", parts))
    assert session.taxonomy.classes[-2].id not in given
    assert session.taxonomy.classes[-1].id == "bar"


def test_classes_are_kept_while_they_must_not_change(session: Session) -> None:
    session.do(HAIRY)
    head = session.workspace.catalogue.events.head()

    def refuse() -> None:
        raise UserError("Not now")

    session.check_classes = refuse
    for act in (session.undo, lambda: session.do(LYMPHOCYTES)):
        with pytest.raises(UserError, match="Not now"):
            act()
    assert session.workspace.catalogue.events.head() == head
    assert session.undo_text == "Add the class Hairy cell"
    session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
    session.undo()
    session.check_classes = lambda: None
    session.undo()
    session.check_classes = refuse
    with pytest.raises(UserError, match="Not now"):
        session.redo()


def test_another_program_learns_of_it(session: Session) -> None:
    with Workspace.open(session.workspace.folder) as workspace:
        other = Session(workspace, reader="Zoë", taxonomy=TAXONOMY)
        session.do(HAIRY)
        assert other.refresh().kinds is Kind.CLASSES
        other.do(Relabel((1,), "hairy_cell", ReviewMode.SINGLE))
    session.refresh()
    assert human(session)[0] == len(TAXONOMY.classes)


def test_cells_are_labelled_with_a_new_class(session: Session) -> None:
    session.do(HAIRY)
    session.do(Relabel((2,), "hairy_cell", ReviewMode.SINGLE))
    review = session.workspace.catalogue.cells.get(2).review
    assert review is not None
    assert (review.label, review.status) == ("hairy_cell", Status.CORRECTED)
    assert human(session)[1] == len(TAXONOMY.classes)
    assert verify(session.workspace, TAXONOMY).ok


def test_a_new_class_is_taken_back_only_while_no_cell_is_labelled_so(session: Session) -> None:
    session.do(HAIRY)
    session.set_reader("Zoë")
    session.do(Relabel((2,), "hairy_cell", ReviewMode.SINGLE))
    session.do(Relabel((2,), "blast", ReviewMode.SINGLE))
    session.undo()
    session.set_reader("Ada")
    with pytest.raises(UserError, match="1 cell is labelled Hairy cell"):
        session.undo()
    session.set_reader("Zoë")
    session.redo()
    session.set_reader("Ada")
    session.undo()
    session.set_reader("Zoë")
    with pytest.raises(UserError, match="the class hairy_cell was taken back since"):
        session.undo()
    assert verify(session.workspace, TAXONOMY).ok


def test_a_key_that_was_given_away_meanwhile_stops_an_undo(session: Session) -> None:
    session.do(ChangeClass("plasma_cell", ClassUpdate(hidden=True)))
    session.set_reader("Zoë")
    session.do(ChangeClass("blast", ClassUpdate(hotkey="L")))
    session.set_reader("Ada")
    with pytest.raises(UserError, match=r"Cannot undo .* L for Blast and for Plasma cell"):
        session.undo()


def test_merged_cells_keep_their_label_and_count_as_the_other_class(session: Session) -> None:
    session.do(Relabel((1, 2), "lymphocyte_reactive", ReviewMode.BULK))
    changes = session.do(LYMPHOCYTES)
    assert changes.text == "Merge Reactive lymphocyte into Lymphocyte"
    assert human(session)[:3] == [TAXONOMY.ordinals["lymphocyte"]] * 2 + [-1]
    review = session.workspace.catalogue.cells.get(1).review
    assert review is not None
    assert review.label == "lymphocyte_reactive"
    session.undo()
    assert human(session)[0] == TAXONOMY.ordinals["lymphocyte_reactive"]
    assert verify(session.workspace, TAXONOMY).ok


def test_what_the_model_calls_a_merged_class_counts_as_the_other(session: Session) -> None:
    session.record(predictions(["lymphocyte_reactive"] * 6))
    session.do(LYMPHOCYTES)
    index = session.workspace.catalogue.index.load(session.taxonomy)
    assert set(index.predicted.tolist()) == {TAXONOMY.ordinals["lymphocyte"]}
    session.do(Accept((1,), ReviewMode.SINGLE))
    session.do(Relabel((2,), "lymphocyte", ReviewMode.SINGLE))
    session.do(Relabel((3,), "lymphocyte_reactive", ReviewMode.SINGLE))
    reviews = session.workspace.catalogue.reviews.reviews_for([1, 2, 3])
    assert {(r.label, r.status) for r in reviews.values()} == {("lymphocyte", Status.ACCEPTED)}


def test_the_csv_says_what_was_merged(session: Session, tmp_path: Path) -> None:
    session.do(Relabel((1,), "lymphocyte_reactive", ReviewMode.SINGLE))
    session.do(LYMPHOCYTES)
    export(session, tmp_path / "cells.csv")
    export(session, tmp_path / "differential.csv", what=ExportKind.DIFFERENTIAL)
    with (tmp_path / "cells.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["final_label"], r["merged_from"]) for r in rows[:2]] == [
        ("lymphocyte", "lymphocyte_reactive"),
        ("lymphocyte", ""),
    ]
    with (tmp_path / "differential.csv").open(encoding="utf-8", newline="") as file:
        shares = {r["class"]: r["n"] for r in csv.DictReader(file)}
    assert shares["lymphocyte"] == "6"
    assert "lymphocyte_reactive" not in shares
    meta = json.loads((tmp_path / "cells.csv.meta.json").read_text(encoding="utf-8"))
    assert meta["taxonomy"] == session.taxonomy.version != TAXONOMY.version


def test_a_split_class_sums_those_below_it(session: Session, tmp_path: Path) -> None:
    parts = (NewClass(name="Small", code="SLY"), NewClass(name="Large granular", code="LGL"))
    session.do(SplitClass("lymphocyte", parts))
    session.do(Relabel((1, 2), "small", ReviewMode.BULK))
    export(session, tmp_path / "differential.csv", what=ExportKind.DIFFERENTIAL)
    with (tmp_path / "differential.csv").open(encoding="utf-8", newline="") as file:
        shares = {r["class"]: (r["n_own"], r["n"], r["percent"]) for r in csv.DictReader(file)}
    assert shares["lymphocyte"] == ("4", "6", "100.000")
    assert shares["small"] == ("2", "2", "33.333")
    assert shares["large_granular"][:2] == ("0", "0")


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("DELETE FROM definition", "definition of class 7 differs from the audit log"),
        ("UPDATE definition SET text = '{}'", "definition of class 7 differs"),
        ("INSERT INTO definition VALUES ('classes', 3, 'x')", "definition of class 3 differs"),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found(
    session: Session, sql: str, problem: str
) -> None:
    session.do(ChangeClass("blast", ClassUpdate(name="Blast cell")))
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.executescript(sql)
    connection.close()
    with Workspace.open(session.workspace.folder) as workspace:
        problems = verify(workspace, TAXONOMY).problems
    assert any(problem in line for line in problems), problems


def test_a_damaged_definition_stops_the_opening_in_plain_words(session: Session) -> None:
    session.do(ChangeClass("blast", ClassUpdate(name="Blast cell")))
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    connection.executescript("UPDATE definition SET text = '{}'")
    connection.close()
    with (
        Workspace.open(session.workspace.folder) as workspace,
        pytest.raises(UserError, match="classes of the workspace are damaged"),
    ):
        Session(workspace, reader="Ada", taxonomy=TAXONOMY)


ids = st.sampled_from(["blast", "lymphocyte", "neutrophil", "neutrophil_band", "alpha", "beta"])
commands: st.SearchStrategy[UserCommand] = st.one_of(
    st.builds(
        ChangeClass,
        ids,
        st.builds(
            ClassUpdate,
            name=st.sampled_from([None, "Alpha", "Gamma"]),
            hotkey=st.sampled_from([None, "", "B", "D"]),
            hidden=st.none() | st.booleans(),
        ),
    ),
    st.builds(
        AddClass,
        st.builds(
            NewClass,
            name=st.sampled_from(["Alpha", "Beta"]),
            code=st.sampled_from(["AAA", "BBB"]),
            parent=st.none() | ids,
        ),
    ),
    st.builds(MergeClasses, st.tuples(ids), ids),
    st.builds(SeparateClass, ids),
    st.builds(MoveClass, ids, st.none() | ids),
    st.builds(Relabel, st.sampled_from([(1,), (2, 3)]), ids, st.just(ReviewMode.BULK)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(commands, max_size=8))
def test_any_acts_are_rebuilt_from_the_log_and_all_taken_back(acts: list[UserCommand]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        session = filled(Path(folder) / "ws")
        catalogue = session.workspace.catalogue
        for act in acts:
            try:
                session.do(act)
            except UserError:
                continue
            logged = replay_definitions(catalogue.events.all(), Field.CLASSES)
            assert with_definitions(TAXONOMY, logged) == session.taxonomy
            assert all(ordinal >= -1 for ordinal in human(session))
        assert verify(session.workspace, TAXONOMY).problems == ()
        while session.undo_text is not None:
            session.undo()
        assert session.taxonomy == TAXONOMY
        assert catalogue.reviews.reviews_for() == {}
        session.workspace.close()
