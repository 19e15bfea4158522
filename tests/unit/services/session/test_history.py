"""The list of steps: newest first, page by page, with what became of each."""

from pathlib import Path

import pytest

from tests.unit.filled_workspace import filled
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.session import history
from wbc_desktop.services.session.commands import Relabel, SetFlag, SetNote
from wbc_desktop.services.session.history import HistoryReader, HistoryStep
from wbc_desktop.services.session.session import Session

BULK = Relabel((1, 2, 3, 4), "monocyte", ReviewMode.BULK)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return filled(tmp_path / "ws")


def steps(session: Session, *, reader: str = "", text: str = "") -> list[HistoryStep]:
    """Every step, page after page."""
    reading = HistoryReader(session.workspace.catalogue, reader=reader, text=text)
    found: list[HistoryStep] = []
    more = True
    while more:
        page = reading.next_page()
        found += page.steps
        more = page.more
    return found


def told(session: Session, **wanted: str) -> list[tuple[str, int, bool]]:
    return [(s.text, s.n_cells, s.reverted is not None) for s in steps(session, **wanted)]


def test_steps_come_newest_first_with_reader_and_number_of_cells(session: Session) -> None:
    session.do(BULK)
    session.set_reader("Zoë")
    session.do(SetFlag((5,), flagged=True))
    assert told(session) == [("Flag 1 cell", 1, False), ("Relabel 4 cells as Monocyte", 4, False)]
    assert [step.reader for step in steps(session)] == ["Zoë", "Ada"]
    session.workspace.close()


def test_a_step_says_whether_it_stands(session: Session) -> None:
    session.do(BULK)
    session.undo()
    assert told(session) == [("Relabel 4 cells as Monocyte", 4, True)]
    session.redo()
    assert told(session) == [("Relabel 4 cells as Monocyte", 4, False)]
    session.workspace.close()


def test_a_step_taken_back_in_part_says_so(session: Session) -> None:
    bulk = session.do(BULK).event_seq
    session.do(Relabel((3,), "blast", ReviewMode.SINGLE))
    session.undo_step(bulk, leave_changed=True)
    newest, _, oldest = steps(session)
    assert newest.reverted is None
    assert oldest.reverted is not None
    assert oldest.reverted.n_cells == 3
    assert oldest.in_part
    session.undo()
    newest, _, oldest = steps(session)
    assert newest.reverted is not None
    assert oldest.reverted is None
    session.workspace.close()


def test_the_list_is_narrowed_by_reader_and_by_words(session: Session) -> None:
    session.do(BULK)
    session.do(SetNote(1, "50 % “sure”_"))
    session.undo()
    session.set_reader("Zoë")
    session.do(SetFlag((1, 2), flagged=True))
    assert told(session, reader="Zoë") == [("Flag 2 cells", 2, False)]
    assert told(session, text="mono 4") == [("Relabel 4 cells as Monocyte", 4, False)]
    assert told(session, text="NOTE") == [("Write the note of 1 cell", 1, True)]
    assert told(session, text="%") == []
    assert told(session, reader="Nobody") == []
    session.workspace.close()


def test_pages_leave_no_step_out(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(25):
        session.do(SetFlag((1,), flagged=i % 2 == 0))
    session.undo()
    whole = steps(session)
    assert len(whole) == 25
    monkeypatch.setattr(history, "PAGE", 4)
    monkeypatch.setattr(history, "SPAN", 7)
    assert steps(session) == whole
    session.workspace.close()


def test_a_page_of_a_long_history_does_not_read_it_all(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(12):
        session.do(SetFlag((1,), flagged=i % 2 == 0))
    monkeypatch.setattr(history, "SPAN", 5)
    page = HistoryReader(session.workspace.catalogue, text="nothing like it").next_page()
    assert page == history.HistoryPage((), more=True)
    session.workspace.close()


def test_everybody_who_acted_is_named(session: Session) -> None:
    session.set_reader("Zoë")
    session.do(BULK)
    assert session.workspace.catalogue.events.readers() == ["Ada", "Zoë"]
    session.workspace.close()
