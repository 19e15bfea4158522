"""Which classes the card of the active model says are known from rendered cells only."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.model.layered import BASE
from tests.unit.services.small_workspace import TAXONOMY, new_workspace
from tests.unit.services.workspace_models import ADAPTED, model_folder, registered
from wbc_desktop.services.inference.rendered_only import rendered_only
from wbc_desktop.services.models.promotion import RollBack, promote
from wbc_desktop.services.session.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def promoted(session: Session, known: object) -> Path:
    """Let a model be in use whose card says what it knows from rendered cells only."""
    registered(session, rendered_only=known)
    promote(session, ADAPTED)
    return model_folder(session)


def test_the_classes_are_those_of_the_shipped_model_where_none_was_promoted(
    session: Session,
) -> None:
    card = json.loads((BASE / "card.json").read_text(encoding="utf-8"))
    assert rendered_only(session.workspace, TAXONOMY) == {*card["rendered_only"]}


def test_a_model_that_learned_from_real_cells_lists_fewer(session: Session) -> None:
    before = rendered_only(session.workspace, TAXONOMY)
    promoted(session, ["smudge_cell", "unicorn"])
    assert rendered_only(session.workspace, TAXONOMY) == {"smudge_cell"}
    session.record(RollBack())
    assert rendered_only(session.workspace, TAXONOMY) == before


def test_a_card_that_does_not_say_lowers_no_trust(session: Session) -> None:
    promoted(session, "all")
    assert rendered_only(session.workspace, TAXONOMY) == frozenset()


def test_a_missing_card_lowers_no_trust(session: Session) -> None:
    (promoted(session, []) / "card.json").unlink()
    assert rendered_only(session.workspace, TAXONOMY) == frozenset()
