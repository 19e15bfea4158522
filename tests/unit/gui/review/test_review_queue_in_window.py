"""The review queue, groups accepted after a look, and keys at the mouse, in the real window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY, predictions
from tests.unit.gui.window_driver import Driver, imported
from wbc_desktop.domain.filter.arrangement import Filter
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.gui.gallery.input.drag import mime_of
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

N = 30
LYMPHOCYTES, MONOCYTES = range(1, 21), range(21, 31)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty cells: 20 sure lymphocytes, 10 monocytes of which the last three are not sure."""
    crops = drawn_crops.write(
        tmp_path / "P-9", {f"cell_{i:02d}.png": drawn_crops.png(i) for i in range(N)}
    )
    with Workspace.open(tmp_path / "thirty", create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        imported(session, crops)
        session.record(predictions(["lymphocyte"] * 20, first=1, p=0.97))
        session.record(predictions(["monocyte"] * 7, first=21, p=0.97))
        session.record(predictions(["monocyte"] * 3, first=28, p=0.6))
    return tmp_path / "thirty"


@pytest.fixture
def thirty(new_driver: Callable[[], Driver], folder: Path) -> Driver:
    return new_driver().start(folder)


def answer(driver: Driver, *keys: Qt.Key) -> None:
    """Press keys on whatever has the keyboard."""
    for key in keys:
        QTest.keyClick(driver.window.focusWidget(), key)


def reviewed(driver: Driver) -> dict[int, str]:
    found = driver.open_workspace.workspace.catalogue.reviews.reviews_for()
    return {cell_id: review.label for cell_id, review in found.items()}


def modes(driver: Driver) -> dict[int, ReviewMode]:
    found = driver.open_workspace.workspace.catalogue.reviews.reviews_for()
    return {cell_id: review.mode for cell_id, review in found.items()}


def test_the_count_is_stated_and_nothing_is_accepted_before_the_answer(thirty: Driver) -> None:
    thirty.choose(5)
    thirty.press("Shift+Space")
    bar = thirty.window.accept_bar
    assert bar.isVisible()
    assert bar.question == "Accept the 20 cells ≥ 95 % shown as Lymphocyte?"
    assert thirty.window.gallery.selected_ids() == list(LYMPHOCYTES)
    assert reviewed(thirty) == {}
    answer(thirty, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert reviewed(thirty) == {}
    assert thirty.window.gallery.selected_ids() == [5]


def test_each_group_accepted_is_one_step_and_the_next_one_is_asked_about(thirty: Driver) -> None:
    thirty.choose(5)
    thirty.press("Shift+Space")
    answer(thirty, Qt.Key.Key_Return)
    assert set(reviewed(thirty)) == set(LYMPHOCYTES)
    bar = thirty.window.accept_bar
    assert bar.question == "Accept the 7 cells ≥ 95 % shown as Monocyte?"
    assert bar.rest == "3 stay as they are: 3 below 95 %."
    answer(thirty, Qt.Key.Key_Return)
    assert len(reviewed(thirty)) == 27
    assert set(modes(thirty).values()) == {ReviewMode.BULK}
    assert thirty.window.notice.text == (
        "Accepted 27 cells in 2 groups. 3 shown cells are still to be looked at: V starts "
        "the review queue."
    )
    assert thirty.window.gallery.current_id() == 28
    thirty.press("Ctrl+Z")
    assert set(reviewed(thirty)) == set(LYMPHOCYTES)
    thirty.press("Ctrl+Z")
    assert reviewed(thirty) == {}


def test_the_threshold_follows_the_keys_and_is_remembered(thirty: Driver) -> None:
    thirty.choose(21)
    thirty.press("Shift+Space")
    answer(thirty, *[Qt.Key.Key_Minus] * 5)
    assert thirty.window.accept_bar.question == "Accept the 10 cells ≥ 60 % shown as Monocyte?"
    answer(thirty, Qt.Key.Key_Plus, Qt.Key.Key_Escape)
    thirty.press("Shift+Space")
    assert thirty.window.accept_bar.question == "Accept the 7 cells ≥ 70 % shown as Monocyte?"


def test_a_class_key_while_the_bar_asks_labels_nothing(thirty: Driver) -> None:
    thirty.choose(5)
    thirty.press("Shift+Space")
    answer(thirty, Qt.Key.Key_8, Qt.Key.Key_Space, Qt.Key.Key_X)
    assert reviewed(thirty) == {}
    assert thirty.window.accept_bar.rest.startswith("Enter accepts, Esc leaves")


def test_a_key_held_down_answers_no_second_question(thirty: Driver, qtbot: QtBot) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    thirty.choose(5)
    thirty.press("Shift+Space")
    answer(thirty, Qt.Key.Key_Return)
    held = QKeyEvent(
        QEvent.Type.KeyPress,
        Qt.Key.Key_Return,
        Qt.KeyboardModifier.NoModifier,
        text="\r",
        autorep=True,
    )
    QApplication.sendEvent(thirty.window.accept_bar, held)
    assert set(reviewed(thirty)) == set(LYMPHOCYTES)


def test_a_group_that_is_no_class_says_that_each_cell_keeps_its_own(thirty: Driver) -> None:
    thirty.open_workspace.browser.set_group(GroupBy.PATIENT)
    thirty.choose(5)
    thirty.press("Shift+Space")
    assert thirty.window.accept_bar.question == (
        "Accept the 27 cells ≥ 95 % in the group P-9, each as the model calls it?"
    )
    answer(thirty, Qt.Key.Key_Return)
    assert set(reviewed(thirty).values()) == {"lymphocyte", "monocyte"}
    assert len(reviewed(thirty)) == 27


def test_a_click_elsewhere_takes_the_question_back(thirty: Driver) -> None:
    thirty.choose(5)
    thirty.press("Shift+Space")
    thirty.window.gallery.setFocus()
    assert not thirty.window.accept_bar.isVisible()
    assert reviewed(thirty) == {}


def test_cells_outside_of_the_filter_are_not_accepted(thirty: Driver) -> None:
    thirty.open_workspace.browser.set_filter(Filter(min_conf=0.9, slides=frozenset({1})))
    thirty.open_workspace.session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
    lymphocyte = TAXONOMY.ordinals["lymphocyte"]
    thirty.open_workspace.browser.set_filter(Filter(classes=frozenset({lymphocyte})))
    thirty.choose(5)
    thirty.press("Shift+Space")
    assert thirty.window.accept_bar.question.startswith("Accept the 19 cells")
    answer(thirty, Qt.Key.Key_Return)
    assert set(reviewed(thirty)) == set(LYMPHOCYTES)
    assert not thirty.window.accept_bar.isVisible()  # no other group is shown


def test_what_another_program_changed_meanwhile_puts_the_question_again(
    thirty: Driver, folder: Path
) -> None:
    thirty.choose(5)
    thirty.press("Shift+Space")
    with Workspace.open(folder) as other:
        session = Session(other, reader="Bela", taxonomy=TAXONOMY)
        session.do(Relabel((3,), "blast", ReviewMode.SINGLE))
    answer(thirty, Qt.Key.Key_Return)
    assert reviewed(thirty) == {3: "blast"}
    assert thirty.window.accept_bar.question.startswith("Accept the 19 cells")
    assert "changed" in thirty.window.accept_bar.rest
    answer(thirty, Qt.Key.Key_Return)
    assert set(reviewed(thirty)) == set(LYMPHOCYTES)


@pytest.mark.parametrize("way", ["drop on the palette", "drop on a header", "key"])
def test_no_act_for_several_cells_reaches_a_hidden_one(
    thirty: Driver, qtbot: QtBot, way: str
) -> None:
    thirty.choose(1, 2, 21)
    carried = mime_of(thirty.window.gallery.selected_ids())
    assert carried.formats()
    monocyte = TAXONOMY.ordinals["monocyte"]
    thirty.open_workspace.browser.set_filter(Filter(classes=frozenset({monocyte})))
    if way == "drop on the palette":
        thirty.window.classes.dropped.emit([1, 2, 21], "blast")
    elif way == "drop on a header":
        thirty.window.gallery.label_requested.emit([1, 2, 21], "blast")
    else:
        thirty.press("8")
    assert reviewed(thirty) == {21: "blast"}
    if way != "key":
        assert thirty.window.notice.text == (
            "Saved: Relabel 1 cell as Blast. 2 cells hidden by the filter left alone."
        )


def test_an_act_for_hidden_cells_only_says_what_to_do(thirty: Driver) -> None:
    thirty.open_workspace.browser.set_filter(
        Filter(classes=frozenset({TAXONOMY.ordinals["monocyte"]}))
    )
    thirty.window.classes.dropped.emit([1, 2], "blast")
    assert reviewed(thirty) == {}
    assert "Ctrl+Shift+F" in thirty.window.notice.text


def test_the_queue_leads_from_one_cell_to_the_next(thirty: Driver) -> None:
    thirty.choose(1)
    thirty.press("V")
    strip, gallery = thirty.window.queue_strip, thirty.window.gallery
    assert strip.isVisible()
    seen = []
    while thirty.open_workspace.review_workflow.queue.running:
        seen.append(gallery.current_id())
        if len(seen) == 1:
            assert strip.progress == "1 of 6 · 6 left"
        thirty.press("Space" if len(seen) > 1 else "8")
    assert len(seen) == 6  # the three that are not sure and one in ten of the thirty
    assert {28, 29, 30} <= set(seen)
    assert set(reviewed(thirty)) == set(seen)
    assert strip.progress.startswith("6 cells reviewed: 5 accepted, 1 corrected")
    by_lot = {cell for cell, mode in modes(thirty).items() if mode is ReviewMode.DRAW}
    assert len(by_lot) == 3
    assert (
        set(thirty.open_workspace.workspace.catalogue.training.drawn_first()) == by_lot
    )  # these never train
    assert set(seen) - by_lot <= {28, 29, 30}


def test_at_the_end_the_queue_offers_the_sure_rest(thirty: Driver) -> None:
    thirty.press("V")
    while thirty.open_workspace.review_workflow.queue.running:
        thirty.press("Space")
    assert thirty.window.accept_bar.question.startswith("Accept the ")
    answer(thirty, Qt.Key.Key_Return, Qt.Key.Key_Return)
    assert len(reviewed(thirty)) == N
    assert thirty.window.notice.text.endswith("Every shown cell is reviewed.")


def test_backspace_leads_back_and_an_undo_stands_at_the_cell_it_gave_back(thirty: Driver) -> None:
    gallery = thirty.window.gallery
    thirty.press("V")
    first = gallery.current_id()
    thirty.press("8")
    second = gallery.current_id()
    thirty.press("Backspace")
    assert gallery.current_id() == first
    thirty.press("9")
    assert gallery.current_id() == second
    thirty.press("Ctrl+Z")
    thirty.press("Ctrl+Z")
    assert gallery.current_id() == first
    assert reviewed(thirty) == {}
    thirty.press("Space")
    assert gallery.current_id() == second


def test_a_cell_passed_over_stays_open(thirty: Driver) -> None:
    thirty.press("V")
    first = thirty.window.gallery.current_id()
    while thirty.open_workspace.review_workflow.queue.running:
        at_first = thirty.window.gallery.current_id() == first
        thirty.press("Shift+Backspace" if at_first else "Space")
    assert first not in reviewed(thirty)
    assert "1 still to look at" in thirty.window.queue_strip.progress


def test_cells_that_others_labelled_meanwhile_are_skipped(thirty: Driver, folder: Path) -> None:
    thirty.press("V")
    left = {28, 29, 30} - {thirty.window.gallery.current_id()}
    with Workspace.open(folder) as other:
        session = Session(other, reader="Bela", taxonomy=TAXONOMY)
        session.do(Relabel(tuple(left), "basophil", ReviewMode.BULK))
    thirty.window.came_to_front.emit()
    while thirty.open_workspace.review_workflow.queue.running:
        assert thirty.window.gallery.current_id() not in left
        thirty.press("Space")


def test_a_filter_that_hides_labelled_cells_loses_none_of_the_queue(thirty: Driver) -> None:
    thirty.open_workspace.browser.set_filter(Filter(statuses=frozenset({Status.UNREVIEWED})))
    thirty.press("V")
    n = 0
    while thirty.open_workspace.review_workflow.queue.running:
        thirty.press("Space")
        n += 1
    assert n == 6
    assert len(reviewed(thirty)) == 6
    assert thirty.window.queue_strip.progress == "6 cells reviewed: 6 accepted."
    by_lot = [cell for cell, mode in modes(thirty).items() if mode is ReviewMode.DRAW]
    assert len(by_lot) == 3


def test_an_act_elsewhere_comes_back_to_the_queue(thirty: Driver) -> None:
    thirty.press("V")
    first = thirty.window.gallery.current_id()
    thirty.choose(2, 3)
    thirty.press("8")
    assert thirty.window.gallery.current_id() == first
    assert modes(thirty) == {2: ReviewMode.BULK, 3: ReviewMode.BULK}


@pytest.mark.parametrize("key", ["V", "Esc"])
def test_the_queue_stops_and_the_chosen_cell_stays(thirty: Driver, key: str) -> None:
    thirty.press("V")
    current = thirty.window.gallery.current_id()
    if key == "V":
        thirty.press("V")
    else:
        answer(thirty, Qt.Key.Key_Escape)
    assert not thirty.window.queue_strip.isVisible()
    assert thirty.window.gallery.selected_ids() == [current]
    thirty.press("Space")
    assert modes(thirty) == {current: ReviewMode.SINGLE}


def test_where_nothing_needs_a_look_the_queue_says_what_else_to_do(thirty: Driver) -> None:
    thirty.open_workspace.session.do(Relabel(tuple(range(1, 28)), "blast", ReviewMode.BULK))
    thirty.open_workspace.browser.set_filter(Filter(min_conf=0.9))
    thirty.press("V")
    assert not thirty.window.queue_strip.isVisible()
    assert thirty.window.notice.text.startswith("No shown cell needs a look of its own.")


def rest_mouse_on(driver: Driver, cell_id: int) -> None:
    gallery = driver.window.gallery
    gallery.scroll_to(cell_id)
    centre = gallery.rect_in_view(gallery.scene.model.position_of(cell_id)).center()
    QTest.mouseMove(gallery.viewport(), centre + QPoint(3, 3))
    QTest.mouseMove(gallery.viewport(), centre)
    driver.until(lambda: gallery.hovered_id() == cell_id)


def test_keys_label_the_cell_under_the_mouse_once_that_is_switched_on(thirty: Driver) -> None:
    thirty.choose(5)
    rest_mouse_on(thirty, 2)
    thirty.press("8")
    assert reviewed(thirty) == {5: "blast"}  # off at first
    thirty.open_workspace.review_workflow.hover.toggle()
    rest_mouse_on(thirty, 2)
    selected = thirty.window.gallery.selected_ids()
    thirty.press("9")
    assert reviewed(thirty) == {2: "promyelocyte", 5: "blast"}
    assert thirty.window.gallery.selected_ids() == selected


def test_a_cell_under_the_mouse_that_is_selected_stands_for_all_selected(thirty: Driver) -> None:
    thirty.open_workspace.review_workflow.hover.toggle()
    rest_mouse_on(thirty, 2)
    thirty.choose(1, 2, 3)
    thirty.press("8")
    assert set(reviewed(thirty)) == {1, 2, 3}


def test_in_the_queue_the_keys_are_for_the_cell_of_the_queue(thirty: Driver) -> None:
    thirty.open_workspace.review_workflow.hover.toggle()
    rest_mouse_on(thirty, 2)
    thirty.press("V")
    current = thirty.window.gallery.current_id()
    thirty.press("8")
    assert reviewed(thirty) == {current: "blast"}


def compare_and_come_back(driver: Driver) -> None:
    driver.choose(1, 2)
    for _ in range(2):
        driver.press("C")
    assert driver.window.gallery.isVisible()
    assert driver.open_workspace.review_workflow.review.at_home


def test_after_a_comparison_the_queue_leads_on_as_before(thirty: Driver) -> None:
    compare_and_come_back(thirty)
    thirty.press("V")
    first = thirty.window.gallery.current_id()
    thirty.press("8")
    assert reviewed(thirty) == {first: "blast"}
    assert thirty.window.gallery.current_id() != first
    assert thirty.window.queue_strip.progress.startswith("2 of 6")
    thirty.press("Backspace")
    assert thirty.window.gallery.current_id() == first


def test_after_a_comparison_keys_label_the_cell_under_the_mouse_again(thirty: Driver) -> None:
    thirty.open_workspace.review_workflow.hover.toggle()
    compare_and_come_back(thirty)
    rest_mouse_on(thirty, 5)
    thirty.press("8")
    assert reviewed(thirty) == {5: "blast"}
