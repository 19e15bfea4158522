"""Slides are assessed by the shipped model from all their cells."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.inference.predictor import Predictor
from tests.unit.services.small_workspace import TAXONOMY, add_cells, new_workspace
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.services.inference.classify import classify, open_predictor
from wbc_desktop.services.inference.slide_assessment import assess_slides
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.services.support.verify import verify


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return open_predictor(TAXONOMY)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def classified(session: Session, predictor: Predictor, cells: tuple[int, ...]) -> NDArray[np.bool_]:
    steps = list(classify(session.workspace, predictor, cells))
    for step in steps:
        session.record(StorePredictions(step.batch))
    return np.concatenate([step.batch.pred_set for step in steps])


def test_a_slide_of_drawn_discs_raises_the_alarm_and_is_in_the_log(
    session: Session, predictor: Predictor
) -> None:
    catalogue = session.workspace.catalogue
    sets = classified(session, predictor, add_cells(session, range(20), slide="discs"))
    assert sets.any(axis=1).all()
    command = assess_slides(catalogue, predictor)
    assert command is not None
    session.record(command)
    (quality,) = catalogue.slides.qualities()
    assert quality.alarm
    assert quality.shift is not None
    assert quality.shift.n == 20
    assert quality.shift.text
    assert quality.shift.advice
    *_, event = catalogue.events.all()
    assert event.type is EventType.SLIDES_ASSESSED
    assert verify(session.workspace, TAXONOMY).ok
    assert assess_slides(catalogue, predictor) is None


def test_more_cells_are_taken_into_account(session: Session, predictor: Predictor) -> None:
    catalogue = session.workspace.catalogue
    classified(session, predictor, add_cells(session, range(19)))
    assert assess_slides(catalogue, predictor) is None
    classified(session, predictor, add_cells(session, range(19, 25)))
    command = assess_slides(catalogue, predictor)
    assert command is not None
    assert [shift and shift.n for shift in command.shifts.values()] == [25]


def test_a_slide_that_lost_its_cells_to_another_model_loses_its_assessment(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(20))
    classified(session, predictor, cells)
    command = assess_slides(session.workspace.catalogue, predictor)
    assert command is not None
    session.record(command)
    step = next(classify(session.workspace, predictor, cells[:1]))
    other = PredictionBatch(
        model_id="other",
        model_sha256="cd" * 32,
        cell_ids=step.batch.cell_ids,
        probs=step.batch.probs,
        scale_source=step.batch.scale_source,
        pred_set=step.batch.pred_set,
        ood_score=step.batch.ood_score,
        appearance=step.batch.appearance,
    )
    session.record(StorePredictions(other))
    again = assess_slides(session.workspace.catalogue, predictor)
    assert again is not None
    session.record(again)
    (quality,) = session.workspace.catalogue.slides.qualities()
    assert quality.shift is None
