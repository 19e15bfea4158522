"""What is known of slides as a whole."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.filled_workspace import MODEL_SHA, ImportCells, cells, filled, predictions
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StoreSlideShifts

P1, P2 = 1, 2  # row ids of their slides


def shift(n: int, *, score: float = 1.5) -> SlideShift:
    return SlideShift(n=n, score=score, alarm=score >= 1, statistic="s", text="t", advice="a")


def store(shifts: dict[int, SlideShift | None], sha256: str = MODEL_SHA) -> StoreSlideShifts:
    return StoreSlideShifts(model_id="test-model", model_sha256=sha256, shifts=shifts)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """P1 with 20 classified cells, P2 with 19."""
    session = filled(tmp_path / "ws", n=20)
    session.record(ImportCells("P2", cells(19, prefix="few")))
    session.record(predictions(["monocyte"] * 19, first=21, ood=0.75))
    with session.workspace:
        yield session


def test_a_slide_is_assessed_from_twenty_cells_on(session: Session) -> None:
    catalogue = session.workspace.catalogue
    assert catalogue.slides.to_assess(MODEL_SHA) == (P1,)
    assert catalogue.slides.to_assess("cd" * 32) == ()


def test_an_assessment_that_rests_on_all_cells_stands(session: Session) -> None:
    catalogue = session.workspace.catalogue
    session.record(store({P1: shift(20)}))
    assert catalogue.slides.to_assess(MODEL_SHA) == ()
    session.record(ImportCells("P1", cells(1, prefix="late")))
    assert catalogue.slides.to_assess(MODEL_SHA) == ()  # not classified yet
    session.record(predictions(["monocyte"], first=40))
    assert catalogue.slides.to_assess(MODEL_SHA) == (P1,)


def test_an_assessment_by_another_model_is_outdated(session: Session) -> None:
    session.record(store({P1: shift(20)}, sha256="cd" * 32))
    assert session.workspace.catalogue.slides.to_assess(MODEL_SHA) == (P1,)


def test_measures_are_those_of_the_slide_by_this_model(session: Session) -> None:
    catalogue = session.workspace.catalogue
    measures = catalogue.slides.measures(P2, MODEL_SHA)
    assert (measures.patient, measures.slide) == ("P2", "slide 1")
    assert measures.appearance.tolist() == [[0.25, 0.5]] * 19
    assert measures.ood_score.tolist() == [0.75] * 19
    assert len(catalogue.slides.measures(P2, "cd" * 32).appearance) == 0
    with pytest.raises(UserError, match="no such slide"):
        catalogue.slides.measures(99, MODEL_SHA)


def test_damaged_measures_are_told_with_their_slide(session: Session) -> None:
    with sqlite3.connect(session.workspace.folder / "workspace.wbc") as connection:
        connection.execute("UPDATE prediction SET appearance = x'0000' WHERE cell_id = 3")
    connection.close()
    with pytest.raises(UserError, match="slide 1 of P1"):
        session.workspace.catalogue.slides.measures(P1, MODEL_SHA)


def test_every_slide_has_its_quality(session: Session) -> None:
    session.record(store({P1: shift(20, score=1.23456)}))
    first, second = session.workspace.catalogue.slides.qualities()
    assert (first.patient, first.slide, first.n_cells, first.alarm) == ("P1", "slide 1", 20, True)
    assert first.shift == shift(20, score=1.2346)
    assert (second.patient, second.shift) == ("P2", None)
    assert "too few" in second.words()
    *_, p2 = session.workspace.catalogue.patients.all()
    assert session.workspace.catalogue.slides.qualities([p2.id]) == (second,)


def test_a_later_assessment_takes_the_place_of_an_earlier_one(session: Session) -> None:
    session.record(store({P1: shift(20), P2: shift(19)}))
    session.record(store({P1: shift(20, score=0.5), P2: None}))
    first, second = session.workspace.catalogue.slides.qualities()
    assert first.shift == shift(20, score=0.5)
    assert second.shift is None


def test_a_cell_knows_the_score_of_its_slide(session: Session) -> None:
    session.record(store({P1: shift(20)}))
    assert session.workspace.catalogue.cells.get(1).slide_shift == 1.5
    assert session.workspace.catalogue.cells.get(21).slide_shift is None
    assert session.workspace.catalogue.cells.get(21).ood_score == 0.75
