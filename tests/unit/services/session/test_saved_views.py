"""Saved views in a workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.filled_workspace import filled, reopened
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.saved_view import SavedView, from_text, to_text
from wbc_desktop.services.session.saved_views import KEY, DeleteView, SaveView, saved_views
from wbc_desktop.services.session.session import Session


def view(name: str, text: str = "conf:<0.7") -> SavedView:
    return SavedView(name=name, filter=text, group="class", sort="confidence_asc")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = filled(tmp_path / "workspace", n=2)
    yield made
    made.workspace.close()


def names(session: Session) -> list[str]:
    return [each.name for each in saved_views(session.workspace.catalogue)]


def test_views_survive_a_restart_in_the_order_of_their_names(tmp_path: Path) -> None:
    session = filled(tmp_path / "workspace", n=1)
    assert names(session) == []
    for name in ("to do", "Blasts"):
        session.record(SaveView(view(name)))
    again = reopened(session, reader="Eve")
    assert saved_views(again.workspace.catalogue) == (view("Blasts"), view("to do"))
    again.workspace.close()


def test_a_view_of_the_same_name_is_replaced(session: Session) -> None:
    session.record(SaveView(view("To do")))
    session.record(SaveView(view("  to   DO ", "flag:yes")))
    assert saved_views(session.workspace.catalogue) == (view("to DO", "flag:yes"),)


def test_a_view_is_deleted_by_its_name(session: Session) -> None:
    session.record(SaveView(view("To do")))
    session.record(DeleteView("to do"))
    assert names(session) == []
    with pytest.raises(UserError, match="no such view"):
        session.record(DeleteView("to do"))


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 61, "a\x00b"])
def test_a_view_needs_a_name(session: Session, name: str) -> None:
    with pytest.raises(UserError):
        session.record(SaveView(view(name)))
    assert names(session) == []


def test_views_are_no_events_and_not_undone(session: Session) -> None:
    before = session.workspace.catalogue.events.head()
    session.record(SaveView(view("To do")))
    assert session.workspace.catalogue.events.head() == before
    assert session.undo_text is None


@pytest.mark.parametrize("text", ["{", '{"a": 1}', '[{"name": "x"}]', "[1]", "7"])
def test_damaged_views_are_told_and_never_overwritten(session: Session, text: str) -> None:
    with session.workspace.atomic() as transaction:
        transaction.set_meta(KEY, text)
    with pytest.raises(UserError, match="damaged"):
        session.record(SaveView(view("To do")))
    assert session.workspace.catalogue.meta.get(KEY) == text


def test_views_are_written_as_text_that_people_can_read() -> None:
    text = to_text((view("Zellen prüfen", 'reader:"A. Maier"'),))
    assert "Zellen prüfen" in text
    assert from_text(text) == (view("Zellen prüfen", 'reader:"A. Maier"'),)
