"""The list of steps over the real window: reading, filtering, showing cells, taking back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from tests.unit.filled_workspace import predictions
from tests.unit.gui.window_driver import Driver
from tests.unit.services.small_workspace import add_cells
from wbc_desktop.domain.filter.arrangement import Filter
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.gui.history.history_dialog import HistoryDialog
from wbc_desktop.services.session import history
from wbc_desktop.services.session.commands import Relabel, SetFlag
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

TEXTS = ["Flag 1 cell", "Relabel 1 cell as Blast", "Relabel 4 cells as Monocyte"]


@pytest.fixture
def busy(driver: Driver) -> Driver:
    """Ada labelled four cells at once, then one of them anew; Zoë flagged one."""
    session = driver.open_workspace.session
    session.set_reader("Ada")
    session.do(Relabel((1, 2, 3, 4), "monocyte", ReviewMode.BULK))
    session.do(Relabel((3,), "blast", ReviewMode.SINGLE))
    session.set_reader("Zoë")
    session.do(SetFlag((5,), flagged=True))
    session.set_reader("Ada")
    return driver


def opened(driver: Driver) -> HistoryDialog:
    driver.press("H")
    dialog = driver.open_workspace.history.dialog
    assert dialog is not None
    driver.until(lambda: dialog.model.complete and bool(dialog.scope))
    return dialog


def texts(dialog: HistoryDialog) -> list[str]:
    return [dialog.model.step(row).text for row in range(dialog.model.rowCount())]


def choose(driver: Driver, dialog: HistoryDialog, text: str) -> None:
    dialog.choose(texts(dialog).index(text))
    driver.until(lambda: bool(dialog.scope))


def test_the_newest_step_comes_first_and_is_chosen(busy: Driver) -> None:
    dialog = opened(busy)
    assert texts(dialog) == TEXTS
    assert dialog.chosen_seq() == dialog.model.step(0).seq
    assert "only Zoë can take it back" in dialog.scope
    assert not dialog.undo_button.isEnabled()
    assert dialog.show_button.isEnabled()


def test_an_old_bulk_step_shows_its_scope_and_is_taken_back(busy: Driver) -> None:
    dialog = opened(busy)
    choose(busy, dialog, "Relabel 4 cells as Monocyte")
    assert dialog.scope.startswith(
        "Undo takes back 3 of 4 cells. 1 was changed since and stays as it is, last by Ada at 20"
    )
    assert dialog.undo_button.text() == "&Undo this step (3 cells)"
    dialog.undo_button.click()
    assert [busy.label_of(i) for i in (1, 2, 3, 4)] == [None, None, "blast", None]
    assert busy.window.gallery.selected_ids() == [1, 2, 4]
    expected = "Taken back: Relabel 4 cells as Monocyte (1 cell changed since left alone)."
    assert busy.window.notice.text == expected
    busy.until(lambda: dialog.model.rowCount() == 4 and "was taken back" in dialog.scope)
    assert dialog.model.step(3).in_part
    assert not dialog.undo_button.isEnabled()
    dialog.close()
    busy.press("Ctrl+Z")
    assert busy.label_of(1) == "monocyte"


def test_its_cells_are_shown_in_the_gallery(busy: Driver) -> None:
    dialog = opened(busy)
    choose(busy, dialog, "Relabel 4 cells as Monocyte")
    dialog.show_button.click()
    assert busy.open_workspace.history.dialog is None
    assert busy.window.gallery.selected_ids() == [1, 2, 3, 4]
    assert busy.window.notice.text == "Relabel 4 cells as Monocyte, by Ada."


def test_cells_that_the_filter_hides_are_shown_all_the_same(busy: Driver) -> None:
    basophil = busy.open_workspace.session.taxonomy.ordinals["basophil"]
    busy.open_workspace.browser.set_filter(Filter(classes=frozenset({basophil})))
    assert not len(busy.open_workspace.browser.arrangement)
    dialog = opened(busy)
    choose(busy, dialog, "Relabel 1 cell as Blast")
    dialog.show_button.click()
    assert busy.window.gallery.selected_ids() == [3]


def test_cells_that_another_program_has_just_imported_can_be_shown(
    busy: Driver, workspace_of_six: Path
) -> None:
    with Workspace.open(workspace_of_six) as workspace:
        other = Session(workspace, reader="Zoë", taxonomy=busy.open_workspace.session.taxonomy)
        ids = add_cells(other, range(2), patient="P-9")
        other.do(SetFlag(ids, flagged=True))
    dialog = opened(busy)
    choose(busy, dialog, "Flag 2 cells")
    dialog.show_button.click()
    assert busy.window.gallery.selected_ids() == [*ids]


def test_the_list_is_narrowed_by_words_and_by_reader(busy: Driver) -> None:
    dialog = opened(busy)
    search, readers = dialog.findChild(QLineEdit), dialog.findChild(QComboBox)
    assert search is not None
    assert readers is not None
    QTest.keyClicks(search, "blast")
    busy.until(lambda: texts(dialog) == ["Relabel 1 cell as Blast"])
    search.clear()
    busy.until(lambda: texts(dialog) == TEXTS)
    readers.setCurrentText("Zoë")
    busy.until(lambda: texts(dialog) == ["Flag 1 cell"])
    QTest.keyClicks(search, "blast")
    busy.until(lambda: dialog.scope == "No step fits.")
    assert not dialog.show_button.isEnabled()


def test_older_steps_are_read_only_when_they_are_wanted(
    busy: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(60):
        busy.open_workspace.session.do(SetFlag((1,), flagged=i % 2 == 0))
    monkeypatch.setattr(history, "PAGE", 20)
    busy.press("H")
    dialog = busy.open_workspace.history.dialog
    assert dialog is not None
    busy.until(lambda: bool(dialog.scope))
    assert dialog.model.rowCount() < 63
    while not dialog.model.complete:
        before = dialog.model.rowCount()
        dialog.choose(before - 1)
        dialog.model.fetchMore(dialog.model.index(-1, -1))
        busy.until(lambda n=before: dialog.model.rowCount() > n or dialog.model.complete)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    assert dialog.model.rowCount() == 63


BULK = "Relabel 4 cells as Monocyte"


@pytest.fixture
def paged(busy: Driver, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Sixty flags above the labels, and pages of twenty steps."""
    for i in range(60):
        busy.open_workspace.session.do(SetFlag((1,), flagged=i % 2 == 0))
    monkeypatch.setattr(history, "PAGE", 20)
    return busy


def scrolled_down(driver: Driver) -> HistoryDialog:
    """Open the list, read it to its end and choose its oldest step."""
    driver.press("H")
    dialog = driver.open_workspace.history.dialog
    assert dialog is not None
    driver.until(lambda: bool(dialog.scope))
    while not dialog.model.complete:
        before = dialog.model.rowCount()
        dialog.model.fetchMore(QModelIndex())
        driver.until(lambda n=before: dialog.model.rowCount() > n or dialog.model.complete)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    choose(driver, dialog, BULK)
    return dialog


def test_a_step_far_down_stays_chosen_once_it_was_taken_back(paged: Driver) -> None:
    dialog = scrolled_down(paged)
    seq = dialog.chosen_seq()
    dialog.undo_button.click()
    assert dialog.chosen_seq() in {0, seq}
    paged.until(lambda: "was taken back" in dialog.scope)
    assert dialog.chosen_seq() == seq
    assert not dialog.undo_button.isEnabled()


def test_while_the_chosen_step_has_not_come_again_nothing_is_chosen(paged: Driver) -> None:
    dialog = scrolled_down(paged)
    seq, chosen = dialog.chosen_seq(), set[int]()
    dialog.chosen.connect(chosen.add)
    for flagged in (True, False, True):  # one after the other, faster than the list is read
        paged.open_workspace.session.do(SetFlag((2,), flagged=flagged))
        assert dialog.chosen_seq() == 0
        assert not dialog.undo_button.isEnabled()
    paged.until(lambda: bool(dialog.scope))
    assert chosen == {0, seq}
    assert dialog.chosen_step() == dialog.model.step(dialog.model.row_of(seq))


def test_a_running_classification_leaves_the_list_alone(paged: Driver) -> None:
    dialog = scrolled_down(paged)
    seq, n = dialog.chosen_seq(), dialog.model.rowCount()
    paged.open_workspace.session.record(predictions(["blast"] * 6))
    assert (dialog.chosen_seq(), dialog.model.rowCount()) == (seq, n)
    assert dialog.undo_button.isEnabled()


def test_the_newest_step_is_chosen_where_a_search_leaves_the_chosen_one_out(busy: Driver) -> None:
    dialog = opened(busy)
    choose(busy, dialog, BULK)
    search = dialog.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, "blast")
    busy.until(lambda: texts(dialog) == ["Relabel 1 cell as Blast"])
    busy.until(lambda: bool(dialog.scope))
    step = dialog.chosen_step()
    assert step is not None
    assert step.text == "Relabel 1 cell as Blast"


def test_an_empty_history_says_what_will_stand_there(driver: Driver) -> None:
    dialog = opened(driver)
    assert dialog.model.rowCount() == 0
    assert dialog.scope.startswith("Nothing was labelled yet")
    assert not dialog.undo_button.isEnabled()


def test_a_step_that_was_changed_meanwhile_is_refused_with_its_reason(
    busy: Driver, workspace_of_six: Path
) -> None:
    dialog = opened(busy)
    choose(busy, dialog, "Relabel 1 cell as Blast")
    from wbc_desktop.store.workspace import Workspace

    with Workspace.open(workspace_of_six) as other:
        session = Session(other, reader="Bela", taxonomy=busy.open_workspace.session.taxonomy)
        session.do(Relabel((3,), "basophil", ReviewMode.SINGLE))
    dialog.undo_button.click()
    (error,) = busy.answers.errors
    assert "left to take back" in error.title
    assert busy.label_of(3) == "basophil"


def test_closing_the_window_with_the_list_open_leaves_nothing_behind(busy: Driver) -> None:
    opened(busy)
    busy.close()
    assert busy.controller.open_workspace is None
