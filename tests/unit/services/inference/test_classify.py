"""Classification: order, resumption, cancelling, and crops that cannot be read."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.inference.predictor import Predictor
from tests.unit.services.small_workspace import TAXONOMY, add_cells, crop_bytes, new_workspace
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.inference.classify import classify, open_predictor
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.decoding import decode


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return open_predictor(TAXONOMY)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def test_batches_come_in_order_and_say_what_the_predictor_says(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(11))
    steps = list(classify(session.workspace, predictor, cells, batch_size=2))
    assert [step.batch.cell_ids for step in steps] == [cells[i : i + 2] for i in range(0, 11, 2)]
    assert [step.done for step in steps] == [2, 4, 6, 8, 10, 11]
    assert {step.total for step in steps} == {11}
    assert steps[-1].eta_s == 0.0
    assert steps[0].batch.model_id == predictor.model_id
    probs = np.concatenate([step.batch.probs for step in steps])
    direct = predictor.predict([decode(crop_bytes(i), name="drawn") for i in range(11)])
    np.testing.assert_allclose(probs, direct.probs, atol=1e-5)
    np.testing.assert_array_equal(
        np.concatenate([step.batch.scale_source for step in steps]), direct.scale_source
    )


def test_a_cancelled_run_keeps_its_batches_and_the_next_one_does_the_rest(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(9))
    catalogue = session.workspace.catalogue
    steps = classify(session.workspace, predictor, cells, batch_size=3)
    session.record(StorePredictions(next(steps).batch))
    steps.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("classify")]
    left = catalogue.predictions.to_classify(predictor.model_sha256)
    assert left == cells[3:]
    for step in classify(session.workspace, predictor, left, batch_size=3):
        session.record(StorePredictions(step.batch))
    assert catalogue.predictions.to_classify(predictor.model_sha256) == ()
    assert len(catalogue.predictions.labels_for(cells)) == 9


def test_a_crop_that_cannot_be_read_is_skipped_and_named(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(4))
    broken = session.workspace.catalogue.cells.shas(cells)[1]
    with sqlite3.connect(session.workspace.folder / "crops.db") as connection:
        connection.execute("DROP TRIGGER crop_is_never_changed")
        connection.execute(
            "UPDATE crop SET encoded = x'00' WHERE sha256 = ?", (bytes.fromhex(broken),)
        )
    connection.close()
    (step,) = classify(session.workspace, predictor, cells)
    assert step.batch.cell_ids == (cells[0], *cells[2:])
    assert [skipped.cell_id for skipped in step.skipped] == [cells[1]]
    assert step.skipped[0].reason
    assert step.done == 4


def test_nothing_to_classify_is_no_step(session: Session, predictor: Predictor) -> None:
    assert list(classify(session.workspace, predictor, ())) == []


def test_a_model_that_is_missing_is_told_in_the_users_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="model cannot be loaded"):
        open_predictor(TAXONOMY, folder=tmp_path)
