"""Which classes the card says are known from rendered cells only."""

import json
from pathlib import Path

import pytest

from tests.unit.services.small_workspace import TAXONOMY
from wbc_desktop import paths
from wbc_desktop.services.inference.rendered_only import rendered_only


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a-model").mkdir()
    monkeypatch.setattr(paths, "models_dir", lambda: tmp_path)
    return tmp_path / "a-model" / "card.json"


def test_the_classes_are_those_of_the_card(card: Path) -> None:
    card.write_text(json.dumps({"rendered_only": ["smudge_cell", "plasma_cell", "unicorn"]}))
    assert rendered_only(TAXONOMY) == {"smudge_cell", "plasma_cell"}


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"rendered_only": "all"}'])
def test_a_card_that_does_not_say_lowers_no_trust(card: Path, text: str) -> None:
    card.write_text(text)
    assert rendered_only(TAXONOMY) == frozenset()


def test_a_missing_card_lowers_no_trust(card: Path) -> None:
    assert not card.exists()
    assert rendered_only(TAXONOMY) == frozenset()
