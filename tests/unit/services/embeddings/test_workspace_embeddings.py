"""Embeddings: kept while classifying, computed where missing, searched, and mended when damaged."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from model.inference.predictor import Predictor
from tests.unit.services.small_workspace import TAXONOMY, add_cells, crop_bytes, new_workspace
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.embeddings.embedding_fill import fill, store_embeddings
from wbc_desktop.services.embeddings.workspace_embeddings import (
    WorkspaceEmbeddings,
    shipped_model_sha256,
)
from wbc_desktop.services.inference.classify import classify, open_predictor
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.names import FILE_NAME
from wbc_desktop.store.workspace import Workspace


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return open_predictor(TAXONOMY)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def test_the_card_alone_names_the_shipped_model(predictor: Predictor) -> None:
    assert shipped_model_sha256() == predictor.model_sha256


def test_a_classification_keeps_what_the_network_saw(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(5))
    steps = classify(session.workspace, predictor, cells, batch_size=2)
    for _ in store_embeddings(steps, session.workspace, predictor):
        pass
    embeddings = WorkspaceEmbeddings(session.workspace)
    assert embeddings.similarity().cell_ids.tolist() == list(cells)
    assert not len(embeddings.missing(cells))
    (name,) = embeddings.store.names()
    direct = predictor.predict([decode(crop_bytes(i), name="drawn") for i in range(5)])
    stored = embeddings.store.read(name)
    np.testing.assert_allclose(stored.embedding, direct.embedding, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(
        stored.reduced, predictor.reduced(direct.embedding), rtol=2e-3, atol=2e-2
    )


def test_a_broken_off_classification_keeps_what_it_saw(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(6))
    steps = store_embeddings(
        classify(session.workspace, predictor, cells, batch_size=2), session.workspace, predictor
    )
    next(steps)
    steps.close()
    assert WorkspaceEmbeddings(session.workspace).missing(cells).tolist() == list(cells[2:])


def test_missing_embeddings_are_computed_once_for_each_crop(
    session: Session, predictor: Predictor
) -> None:
    first = add_cells(session, range(3))
    again = add_cells(session, range(3), patient="P-2")
    embeddings = WorkspaceEmbeddings(session.workspace)
    every = (*first, *again)
    steps = list(fill(session.workspace, predictor, embeddings, embeddings.missing(every)))
    assert (steps[-1].done, steps[-1].total, steps[-1].unreadable) == (6, 6, 0)
    assert not len(embeddings.missing(every))
    for one, other in zip(first, again, strict=True):
        alike = embeddings.similarity().to(one)
        assert alike is not None
        row = int(embeddings.similarity().rows_of(np.array([other]))[0])
        assert alike[row] == pytest.approx(1.0, abs=1e-3)


def test_a_damaged_file_is_told_and_its_cells_are_computed_again(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(4))
    embeddings = WorkspaceEmbeddings(session.workspace)
    for _ in fill(session.workspace, predictor, embeddings, cells):
        pass
    before = embeddings.similarity().reduced.copy()
    (name,) = embeddings.store.names()
    path = embeddings.store.folder / name
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 0xFF
    path.write_bytes(raw)

    opened = WorkspaceEmbeddings(session.workspace)
    assert opened.missing(cells).tolist() == list(cells)
    (told,) = opened.damaged
    assert name in told
    assert "Compute the embeddings again" in told
    for _ in fill(session.workspace, predictor, opened, opened.missing(cells)):
        pass
    assert opened.damaged == ()
    np.testing.assert_array_equal(opened.similarity().reduced, before)
    assert not path.exists()


def test_after_a_restore_ids_of_other_crops_have_no_embedding(
    tmp_path: Path, predictor: Predictor
) -> None:
    folder = tmp_path / "workspace"
    session = new_workspace(folder)
    with session.workspace:
        kept = add_cells(session, range(3))
        fill_all(session, predictor, kept)
    backup = (folder / FILE_NAME).read_bytes()
    session = opened(folder)
    with session.workspace:
        fill_all(session, predictor, add_cells(session, range(3, 6), patient="P-2"))
    (folder / FILE_NAME).write_bytes(backup)

    session = opened(folder)
    with session.workspace:
        embeddings = WorkspaceEmbeddings(session.workspace)
        assert embeddings.similarity().cell_ids.tolist() == list(kept)
        reused = add_cells(session, [8, 4, 9], patient="P-3")  # the middle one as before
        assert embeddings.missing((*kept, *reused)).tolist() == [reused[0], reused[2]]
        for _ in fill(session.workspace, predictor, embeddings, embeddings.missing(reused)):
            pass
        assert not len(embeddings.missing((*kept, *reused)))


def fill_all(session: Session, predictor: Predictor, cells: Sequence[int]) -> None:
    for _ in fill(session.workspace, predictor, WorkspaceEmbeddings(session.workspace), cells):
        pass


def opened(folder: Path) -> Session:
    return Session(Workspace.open(folder), reader="Tester", taxonomy=TAXONOMY)


def test_the_nearest_labelled_cells_are_the_most_alike_and_never_the_cell_itself(
    session: Session, predictor: Predictor
) -> None:
    cells = add_cells(session, range(8))
    embeddings = WorkspaceEmbeddings(session.workspace)
    assert embeddings.nearest_labelled(cells[0]) == []
    for _ in fill(session.workspace, predictor, embeddings, cells):
        pass
    assert embeddings.nearest_labelled(cells[0]) == []
    session.do(Relabel(cells[:4], "monocyte", ReviewMode.BULK))
    session.do(Relabel(cells[4:5], "unidentified", ReviewMode.SINGLE))
    found = embeddings.nearest_labelled(cells[0], k=2)
    alike = embeddings.similarity().to(cells[0])
    assert alike is not None
    expected = sorted(range(1, 4), key=lambda row: -alike[row])[:2]
    assert [cell for cell, _ in found] == [cells[row] for row in expected]
    assert {cell for cell, _ in embeddings.nearest_labelled(cells[7])} == set(cells[:4])
