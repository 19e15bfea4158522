"""Expected shares of cells that carry predictions of several models."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.services.small_workspace import TAXONOMY, new_workspace
from tests.unit.services.workspace_models import registered
from wbc_desktop.services.inference.class_shares import ClassShareEstimator
from wbc_desktop.services.models.registry import base_ref
from wbc_desktop.services.session.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def rows(leaf: str, n: int) -> list[NDArray[np.float32]]:
    """Probabilities of cells that a model is sure of, each float32 (k,)."""
    probs = np.full(len(TAXONOMY.leaves), 0.001, np.float32)
    probs[TAXONOMY.leaves.index(leaf)] = 1 - 0.001 * (len(TAXONOMY.leaves) - 1)
    return [probs] * n


def test_each_model_has_a_say_by_the_number_of_its_cells(session: Session) -> None:
    adapted = registered(session).sha256
    base, gone = base_ref().sha256, "cd" * 32
    found = ClassShareEstimator(session.workspace, TAXONOMY).percents(
        {base: rows("monocyte", 30), adapted: rows("lymphocyte", 90), gone: rows("basophil", 99)}
    )
    assert found is not None
    assert found["monocyte"] == pytest.approx(25, abs=5)
    assert found["lymphocyte"] == pytest.approx(75, abs=5)
    assert found["basophil"] < 2


def test_few_cells_and_unknown_models_give_no_estimate(session: Session) -> None:
    expectation = ClassShareEstimator(session.workspace, TAXONOMY)
    assert expectation.percents({base_ref().sha256: rows("monocyte", 19)}) is None
    assert expectation.percents({"cd" * 32: rows("monocyte", 50)}) is None
