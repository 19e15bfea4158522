"""Writes: the audit log, labels, flags, notes and predictions."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from tests.unit.filled_workspace import MODEL_SHA, cells, filled, predictions
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Review, ReviewMode, Status
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

REVIEW = Review(
    label="monocyte",
    status=Status.CORRECTED,
    reviewer="Zoë “Z” 陈",
    reviewed_at="2026-11-21T09:30:00.000000Z",
    mode=ReviewMode.QUEUE,
    n_reviews=3,
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def test_events_are_numbered_and_chained(session: Session) -> None:
    with session.workspace.atomic(at="2026-11-21T09:30:00.000000Z") as tx:
        before = tx.catalogue.events.head()
        first = tx.append_event("Ada", EventType.EXPORTED, {"what": "cells"}, cell_ids=[1, 2])
        second = tx.append_event("Zoë", EventType.EXPORTED, {"what": "“audit”"})
    assert (first.seq, first.prev_hash) == (before[0] + 1, before[1])
    assert (second.seq, second.prev_hash) == (first.seq + 1, first.hash)
    assert session.workspace.catalogue.events.head() == (second.seq, second.hash)
    assert session.workspace.catalogue.events.get(second.seq) == second
    assert session.workspace.catalogue.events.history(2)[0] == first
    session.workspace.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET reader = 'someone else'",
        "DELETE FROM event WHERE seq = 2",
        "REPLACE INTO event SELECT seq, at, 'X', type, payload, prev_hash, hash FROM event",
        "INSERT INTO event VALUES (99, '', '', '', '', '', '')",
    ],
)
def test_the_audit_log_only_grows(session: Session, statement: str) -> None:
    session.workspace.close()
    connection = sqlite3.connect(session.workspace.folder / "workspace.wbc")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_reviews_are_set_and_taken_away(session: Session) -> None:
    with session.workspace.atomic() as tx:
        tx.set_reviews({1: REVIEW, 2: REVIEW})
        tx.set_reviews({2: None, 3: REVIEW})
        assert tx.catalogue.reviews.reviews_for([1, 2, 3]) == {1: REVIEW, 3: REVIEW}
    assert session.workspace.catalogue.reviews.reviews_for() == {1: REVIEW, 3: REVIEW}
    assert session.workspace.catalogue.cells.get(1).review == REVIEW
    assert session.workspace.catalogue.cells.get(2).review is None
    session.workspace.close()


def test_flags_and_notes_are_set_and_taken_away(session: Session) -> None:
    with session.workspace.atomic() as tx:
        tx.set_flags({1: True, 2: True})
        tx.set_flags({1: False, 2: True})
        tx.set_notes({1: "’tis \U0001f9a0\n=1+1", 2: "x"})
        tx.set_notes({2: None})
    catalogue = session.workspace.catalogue
    assert (catalogue.reviews.flagged(), catalogue.reviews.notes_for()) == (
        {2},
        {1: "’tis \U0001f9a0\n=1+1"},
    )
    assert (catalogue.cells.get(2).flagged, catalogue.cells.get(2).note) == (True, "")
    session.workspace.close()


def test_a_label_for_no_cell_is_refused_by_the_file_itself(session: Session) -> None:
    with pytest.raises(IntegrityError), session.workspace.atomic() as tx:
        tx.set_reviews({99: REVIEW})
    session.workspace.close()


def test_a_later_prediction_takes_the_place_of_the_earlier(session: Session) -> None:
    session.record(predictions(["basophil"], first=2, p=0.75))
    cell = session.workspace.catalogue.cells.get(2)
    assert cell.probs is not None
    assert cell.probs.dtype == np.float32
    assert cell.probs.sum() == pytest.approx(1)
    assert (cell.predicted, cell.pred_prob) == ("basophil", 0.75)
    assert (cell.model_id, cell.model_sha256, cell.scale_source) == ("test-model", MODEL_SHA, 1)
    (model,) = session.workspace.catalogue.predictions.models()
    assert model.n_cells == 6
    session.workspace.close()


def test_a_prediction_for_no_cell_writes_nothing(session: Session) -> None:
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError, match="no such cell"):
        session.record(predictions(["basophil", "basophil"], first=6))
    assert session.workspace.catalogue.cells.get(6).predicted == "lymphocyte"
    assert session.workspace.catalogue.events.head() == head
    session.workspace.close()


def test_a_process_that_dies_in_a_transaction_leaves_nothing(session: Session) -> None:
    workspace = session.workspace
    head, after = workspace.catalogue.events.head(), workspace.folder.with_name("after")
    with workspace.atomic() as tx:
        tx.append_event("Ada", EventType.EXPORTED, {})
        tx.stage_cells(tx.stage_patient("P2"), cells(10))
        shutil.copytree(workspace.folder, after)  # what the disk holds when the process dies
    with Workspace.open(after) as survivor:
        assert survivor.catalogue.events.head() == head
        assert survivor.swept == ()
    assert workspace.catalogue.events.head()[0] == head[0] + 1
    workspace.close()
