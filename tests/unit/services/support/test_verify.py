"""Verification names what does not fit the audit log."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, ImportCells, cells, filled
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.session.commands import Accept, Relabel, SetFlag, SetNote
from wbc_desktop.services.session.system_commands import StoreSlideShifts
from wbc_desktop.services.support.verify import VerifyReport, verify
from wbc_desktop.store.workspace import Workspace

SHIFT = SlideShift(n=20, score=1.5, alarm=True, statistic="s", text="t", advice="a")
UNLOCK = "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete; DROP TRIGGER event_in_order;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Reviewed: cells 1 and 2 monocytes, 3 accepted, 4 flagged, 5 with a note; slide assessed."""
    session = filled(tmp_path / "ws")
    session.do(Relabel((1, 2), "monocyte", ReviewMode.BULK))
    session.do(Accept((3,), ReviewMode.QUEUE))
    session.do(SetFlag((4,), flagged=True))
    session.do(SetNote(5, "smeared"))
    session.record(ImportCells("P2", cells(2, prefix="other"), "Ward"))
    session.record(StoreSlideShifts(model_id="m", model_sha256="ab" * 32, shifts={1: SHIFT}))
    session.workspace.close()
    return session.workspace.folder


@pytest.fixture
def tampered(folder: Path) -> Callable[[str], VerifyReport]:
    """Change the file with SQL, then verify."""

    def change(sql: str) -> VerifyReport:
        connection = sqlite3.connect(folder / "workspace.wbc")
        if sql.startswith(("UPDATE event", "DELETE FROM event")):
            connection.executescript(UNLOCK)
        connection.executescript(sql)
        connection.close()
        with Workspace.open(folder) as workspace:
            return verify(workspace, TAXONOMY)

    return change


def test_an_honest_workspace_verifies(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        verdict = verify(workspace, TAXONOMY)
        assert verdict == VerifyReport(
            ok=True,
            n_events=9,
            head_hash=workspace.catalogue.events.head()[1],
            problems=(),
        )


def test_a_changed_label_is_named_with_its_cell(
    folder: Path, tampered: Callable[[str], VerifyReport]
) -> None:
    verdict = tampered("UPDATE review SET label = 'blast' WHERE cell_id = 2")
    with Workspace.open(folder) as workspace:
        code = workspace.code
    assert not verdict.ok
    where = f"cell {code}-0000002 (patient P1, slide slide 1, cell_00001.png)"
    assert verdict.problems == (f"{where}: the label is blast, the audit log says monocyte",)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE review SET status = 'accepted' WHERE cell_id = 1", "0000001 .* the status is acc"),
        ("UPDATE review SET status = 'sure' WHERE cell_id = 1", "the status is sure"),
        ("UPDATE review SET reviewer = 'Zoë' WHERE cell_id = 3", "0000003 .* the reviewer is Zoë"),
        ("UPDATE review SET reviewed_at = '2020' WHERE cell_id = 3", "the time of review is 2020"),
        ("UPDATE review SET mode = 'single' WHERE cell_id = 3", "the mode of review is single"),
        ("UPDATE review SET n_reviews = 7 WHERE cell_id = 3", "the number of reviews is 7"),
        ("DELETE FROM review WHERE cell_id = 2", "0000002 .* the label is missing"),
        (
            "INSERT INTO review VALUES (6, 'blast', 'corrected', 'Ada', '2026', 'single', 1)",
            "0000006 .* the label blast is in no event",
        ),
        ("DELETE FROM flag", "0000004 .* the flag is missing"),
        ("INSERT INTO flag VALUES (1)", "0000001 .* the flag is in no event"),
        ("UPDATE note SET text = 'fine'", "0000005 .* the note differs"),
        ("INSERT INTO note VALUES (1, 'x')", "0000001 .* the note differs"),
        ("DELETE FROM note", "0000005 .* the note differs"),
        ("UPDATE cell SET image_sha256 = 'ff' WHERE id = 7", "patient P2: the cells imported"),
        ("UPDATE cell SET source_label = 'SNE' WHERE id = 1", "patient P1: the cells imported"),
        ("UPDATE patient SET code = 'P9' WHERE code = 'P2'", "patient P2: the cells imported"),
        ("DELETE FROM cell WHERE id = 8", "patient P2: the cells imported"),
        (
            "INSERT INTO cell VALUES (9, 1, 'new.png', 'ff', NULL, NULL)",
            "0000009 .* not imported by this program",
        ),
        ("DROP TRIGGER event_no_update", "the guard event_no_update"),
        ("UPDATE event SET reader = 'Zoë' WHERE seq = 4", "event 4 .* was changed"),
        (
            "UPDATE event SET payload = replace(payload, 'monocyte', 'blast')",
            "event 4 .* was changed",
        ),
        ("UPDATE event SET payload = '{' WHERE seq = 5", "event 5 cannot be read"),
        ("UPDATE event SET payload = '{}' WHERE seq = 5", "event 5: .* holds no edit"),
        ("UPDATE event SET payload = '{}' WHERE seq = 2", "event 2: it describes no import"),
        ("UPDATE event SET payload = '[1]' WHERE seq = 2", "event 2: it describes no import"),
        ("UPDATE event SET payload = '{}' WHERE seq = 3", "event 3: it names no labels"),
        (
            """UPDATE event SET payload = '{"labels":{"blast":[[1,90000000000]]}}' WHERE seq = 3""",
            "event 3: it names no labels",
        ),
        ("UPDATE meta SET value = 'wrong1' WHERE key = 'code'", "the workspace's code is wrong1"),
        ("UPDATE meta SET value = 'x' WHERE key = 'taxonomy'", "the workspace's taxonomy is x"),
        ("UPDATE site SET name = 'Elsewhere'", "patient P2: the site is Elsewhere, .* says Ward"),
        ("UPDATE prediction SET probs = x'00' WHERE cell_id = 2", "0000002 .* probabilities are"),
        ("UPDATE slide_shift SET alarm = 0", "patient P1, slide slide 1: its assessment differs"),
        ("UPDATE slide_shift SET score = 0.5", "its assessment differs"),
        ("DELETE FROM slide_shift", "patient P1, slide slide 1: its assessment is missing"),
        (
            "INSERT INTO slide_shift VALUES (2, 1, 20, 1.5, 1, 's', 't', 'a', '2026')",
            "patient P2, slide slide 1: its assessment is in no event",
        ),
        ("UPDATE event SET payload = '{}' WHERE seq = 9", "event 9: it assesses no slides"),
        ("UPDATE event SET type = 'party' WHERE seq = 2", "event 2 cannot be read"),
        ("UPDATE event SET at = x'00ff' WHERE seq = 2", "event 2 .* was changed"),
        ("UPDATE event SET prev_hash = '' WHERE seq = 6", "event 6 .* does not follow"),
        (
            "DELETE FROM event WHERE seq = 6",
            "events 6 to 6 .* are missing",
        ),
        (
            "DELETE FROM event WHERE seq > 5",
            "0000004 .* the flag is in no event",
        ),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found(
    tampered: Callable[[str], VerifyReport], sql: str, problem: str
) -> None:
    verdict = tampered(sql)
    assert not verdict.ok
    assert any(re.search(problem, line) for line in verdict.problems), verdict.problems


def test_a_log_written_anew_is_found_by_a_printed_hash(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        _, printed = workspace.catalogue.events.head()
        assert verify(workspace, TAXONOMY, pinned=printed).ok
        verdict = verify(workspace, TAXONOMY, pinned="ab" * 32)
    assert verdict.problems == (
        f"the audit log holds no event with the hash {'ab' * 32}: it was cut or written anew",
    )


def test_a_changed_model_label_is_named_with_its_cell(
    tampered: Callable[[str], VerifyReport],
) -> None:
    verdict = tampered("UPDATE prediction SET label = 'basophil' WHERE cell_id = 4")
    assert len(verdict.problems) == 1
    assert re.search(
        r"-0000004.*model's label is basophil, the audit log says", verdict.problems[0]
    )


def test_a_lost_model_label_is_named_with_its_cell(tampered: Callable[[str], VerifyReport]) -> None:
    verdict = tampered("DELETE FROM prediction WHERE cell_id = 4")
    assert len(verdict.problems) == 1
    assert re.search(r"-0000004.*model's label is missing", verdict.problems[0])


def test_columns_of_the_gallery_that_differ_from_the_log_are_named(
    tampered: Callable[[str], VerifyReport],
) -> None:
    verdict = tampered("UPDATE prediction_columns SET labels = 'basophil'")
    assert verdict.problems
    assert all("the gallery shows another class" in problem for problem in verdict.problems)
    lost = tampered("DELETE FROM prediction_columns")
    assert len(lost.problems) >= len(verdict.problems)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE prediction_columns SET data = x'00'",
        "PRAGMA foreign_keys = OFF; INSERT INTO flag VALUES (999)",
        "INSERT INTO definition VALUES ('vocabulary', 'x y', 'no such thing')",
    ],
)
def test_damage_becomes_a_problem_and_the_rest_is_still_checked(
    tampered: Callable[[str], VerifyReport], sql: str
) -> None:
    assert not tampered(sql).ok
    both = tampered("UPDATE prediction SET label = 'basophil' WHERE cell_id = 4")
    assert any("model's label is basophil" in problem for problem in both.problems)
