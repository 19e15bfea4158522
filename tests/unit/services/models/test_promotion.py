"""Promoting and rolling back on a real workspace with the shipped model and one over it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.unit.services.small_workspace import TAXONOMY, add_cells, new_workspace
from tests.unit.services.workspace_models import (
    ADAPTED,
    classified,
    model_folder,
    reclassified,
    registered,
)
from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.evaluation import Outcome
from wbc_desktop.services.inference.classify import classify, open_predictor
from wbc_desktop.services.inference.slide_assessment import assess_slides
from wbc_desktop.services.models.promotion import RollBack, promote, reason_needed
from wbc_desktop.services.models.registry import (
    active_ref,
    base_ref,
    model_entries,
    model_entry,
    open_active,
)
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StaleModelError, StorePredictions
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.names import FILE_NAME
from wbc_desktop.store.workspace import Workspace

N = 24


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        add_cells(session, range(N))
        classified(session)
        yield session


def problems(session: Session) -> tuple[str, ...]:
    return verify(session.workspace, TAXONOMY).problems


def test_promotion_changes_predictions_of_unreviewed_cells_and_rolling_back_brings_them_back(
    session: Session,
) -> None:
    catalogue = session.workspace.catalogue
    before = {cell.id: cell for cell in catalogue.cells.all()}
    ids = sorted(before)
    labelled = tuple(ids[:4])
    session.do(Relabel(labelled, "monocyte", ReviewMode.SINGLE))
    reviews = catalogue.reviews.reviews_for()
    registered(session)
    changes = promote(session, ADAPTED)
    assert changes.kinds == Kind.MODELS
    assert catalogue.predictions.to_classify(active_ref(catalogue).sha256) == tuple(ids[4:])

    report = reclassified(session)

    after = {cell.id: cell for cell in catalogue.cells.all()}
    assert (report.cells, report.changed, report.fresh) == (N - 4, N - 4, 0)
    assert {change.after for change in report.changes} == {"neutrophil_segmented"}
    assert {after[cell].predicted for cell in ids[4:]} == {"neutrophil_segmented"}
    assert {after[cell].model_id for cell in ids[4:]} == {ADAPTED}
    assert {after[cell].model_id for cell in labelled} == {base_ref().model_id}
    assert all(after[cell].predicted == before[cell].predicted for cell in labelled)
    assert catalogue.reviews.reviews_for() == reviews
    assert problems(session) == ()

    session.record(RollBack())
    back = reclassified(session)

    assert back.changed == N - 4
    now = {cell.id: cell for cell in catalogue.cells.all()}
    for cell in ids:
        assert (now[cell].predicted, now[cell].model_sha256) == (
            before[cell].predicted,
            before[cell].model_sha256,
        )
        said, said_before = now[cell].probs, before[cell].probs
        assert said is not None
        assert said_before is not None
        np.testing.assert_allclose(said, said_before, atol=1e-5)
    assert catalogue.reviews.reviews_for() == reviews
    assert problems(session) == ()


def test_later_imports_are_classified_by_the_active_model(session: Session) -> None:
    registered(session)
    promote(session, ADAPTED)
    reclassified(session)
    cells = add_cells(session, range(30, 33), patient="P-2")
    assert (
        session.workspace.catalogue.predictions.to_classify(
            active_ref(session.workspace.catalogue).sha256
        )
        == cells
    )
    classified(session)
    assert {m.name: m.n_cells for m in session.workspace.catalogue.predictions.models()}[
        ADAPTED
    ] == N + 3


def test_promotions_stand_on_one_another(session: Session) -> None:
    catalogue = session.workspace.catalogue
    registered(session)
    registered(session, model_id="wbc-robust-1+adapt-2", turn=3.0)
    promote(session, ADAPTED)
    promote(session, "wbc-robust-1+adapt-2", reason="Tried on a second slide.")
    promote(session, base_ref().model_id)
    seen = []
    for _ in range(3):
        session.record(RollBack())
        seen.append(active_ref(catalogue).model_id)
        assert problems(session) == ()
    assert seen == ["wbc-robust-1+adapt-2", ADAPTED, base_ref().model_id]
    with pytest.raises(UserError, match="no earlier model"):
        session.record(RollBack())


def test_the_active_model_survives_a_restart(session: Session) -> None:
    registered(session)
    promote(session, ADAPTED)
    with Workspace.open(session.workspace.folder) as again:
        assert open_active(again, TAXONOMY).model_id == ADAPTED
        assert [one.active for one in model_entries(again)] == [False, True]


def test_a_model_that_was_judged_not_better_needs_a_written_reason(session: Session) -> None:
    found = registered(session, outcome=Outcome.NOT_BETTER)
    assert "not better" in reason_needed(found, active_ref(session.workspace.catalogue))
    for nothing in ("", "   "):
        with pytest.raises(UserError, match="needs a written reason"):
            promote(session, ADAPTED, nothing)
    promote(session, ADAPTED, "Band forms matter most to us.")
    *_, event = session.workspace.catalogue.events.all()
    assert event.type is EventType.MODEL_PROMOTED
    assert event.payload["reason"] == "Band forms matter most to us."
    assert event.payload["outcome"] == "not_better"
    assert event.reader == "Tester"


def test_a_verdict_against_a_model_no_longer_in_use_does_not_count(session: Session) -> None:
    registered(session)
    registered(session, model_id="wbc-robust-1+adapt-2")
    promote(session, ADAPTED)
    with pytest.raises(UserError, match=r"judged against wbc-robust-1, and .*adapt-1 is in use"):
        promote(session, "wbc-robust-1+adapt-2")


def test_what_cannot_be_promoted_is_told(session: Session) -> None:
    with pytest.raises(UserError, match="no such model"):
        promote(session, "wbc-robust-1+adapt-9")
    with pytest.raises(UserError, match="active already"):
        promote(session, base_ref().model_id)
    registered(session)
    head = model_folder(session) / "head.safetensors"
    head.write_bytes(head.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="damaged"):
        promote(session, ADAPTED)
    assert active_ref(session.workspace.catalogue).shipped


@pytest.mark.parametrize("how", ["gone", "head", "card"])
def test_a_damaged_active_model_is_told_and_rolled_back(session: Session, how: str) -> None:
    registered(session)
    promote(session, ADAPTED)
    folder = model_folder(session)
    if how == "gone":
        shutil.rmtree(folder)
    else:
        (folder / ("card.json" if how == "card" else "head.safetensors")).write_bytes(b"{")
    with pytest.raises(UserError) as caught:
        open_active(session.workspace, TAXONOMY)
    assert ADAPTED in caught.value.detail
    assert "Roll back" in caught.value.advice
    assert any(ADAPTED in line for line in problems(session))
    with Workspace.open(session.workspace.folder) as again:  # the workspace opens all the same
        assert model_entry(again, ADAPTED).active
    session.record(RollBack())
    assert open_active(session.workspace, TAXONOMY).model_id == base_ref().model_id


def test_another_model_in_the_folder_of_the_active_one_is_refused(session: Session) -> None:
    registered(session)
    other = registered(session, model_id="wbc-robust-1+adapt-2", turn=1.0)
    promote(session, ADAPTED)
    shutil.rmtree(model_folder(session))
    shutil.copytree(model_folder(session, other.model_id), model_folder(session))
    with pytest.raises(UserError, match="holds another model than the one that was promoted"):
        open_active(session.workspace, TAXONOMY)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE key = 'active_model'",
        "UPDATE meta SET value = replace(value, 'adapt-1', 'adapt-2') WHERE key = 'active_model'",
        "UPDATE meta SET value = 'nonsense' WHERE key = 'active_model'",
    ],
)
def test_a_tampered_active_model_is_found(session: Session, statement: str) -> None:
    registered(session)
    promote(session, ADAPTED)
    assert problems(session) == ()
    with closing(sqlite3.connect(session.workspace.folder / FILE_NAME)) as connection:
        connection.execute(statement)
        connection.commit()
    (line,) = problems(session)
    assert "another model is active than the audit log says" in line
    assert ADAPTED in line


def test_predictions_of_a_model_no_longer_active_are_refused(session: Session) -> None:
    """A classification that runs while another program promotes does not undo its work."""
    catalogue = session.workspace.catalogue
    steps = classify(
        session.workspace, open_predictor(TAXONOMY), sorted(c.id for c in catalogue.cells.all())
    )
    late = next(steps)
    registered(session)
    with Workspace.open(session.workspace.folder) as elsewhere:
        other = Session(elsewhere, reader="Other", taxonomy=TAXONOMY)
        promote(other, ADAPTED)
    head = catalogue.events.head()
    with pytest.raises(StaleModelError, match="in use now"):
        session.record(StorePredictions(late.batch))
    assert catalogue.events.head() == (head[0], head[1])
    assert reclassified(session).changed == N
    session.record(RollBack())
    session.record(StorePredictions(late.batch))
    assert problems(session) == ()


def test_a_slide_keeps_its_assessment_over_a_promotion_of_an_adapted_head(session: Session) -> None:
    catalogue = session.workspace.catalogue
    command = assess_slides(catalogue, open_active(session.workspace, TAXONOMY))
    assert command is not None
    session.record(command)
    ids = sorted(cell.id for cell in catalogue.cells.all())
    session.do(Relabel(tuple(ids[:10]), "monocyte", ReviewMode.BULK))  # 14 cells are left
    registered(session)
    promote(session, ADAPTED)
    reclassified(session)
    assert assess_slides(catalogue, open_active(session.workspace, TAXONOMY)) is None
    (quality,) = catalogue.slides.qualities()
    assert quality.shift is not None
    assert quality.shift.n == N


def test_other_programs_hear_of_a_promotion(session: Session) -> None:
    registered(session)
    with Workspace.open(session.workspace.folder) as elsewhere:
        promote(Session(elsewhere, reader="Other", taxonomy=TAXONOMY), ADAPTED)
    assert session.refresh().kinds & Kind.MODELS
