from collections.abc import Callable
from pathlib import Path

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver, imported
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.gui.widgets.notice_strip import HINT
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


def test_a_class_key_labels_the_chosen_cell_at_once_and_goes_on(driver: Driver) -> None:
    following = driver.window.gallery.next_after([1])
    driver.choose(1)
    driver.press("8")
    assert driver.label_of(1) == "blast"
    assert driver.window.gallery.selected_ids() == [following]
    assert driver.window.notice.text == "Saved: Relabel 1 cell as Blast."


def test_the_label_is_in_the_file_before_the_window_closes(
    driver: Driver, workspace_of_six: Path
) -> None:
    driver.choose(1)
    driver.press("4")
    with Workspace.open(workspace_of_six) as other:
        assert other.catalogue.reviews.reviews_for([1])[1].label == "monocyte"


def test_space_accepts_what_the_model_says(driver: Driver) -> None:
    driver.choose(2)
    driver.press("Space")
    review = driver.open_workspace.workspace.catalogue.cells.get(2).review
    assert review is not None
    assert (review.label, review.status) == ("monocyte", Status.ACCEPTED)


def test_the_name_is_asked_once_before_the_first_label(driver: Driver) -> None:
    driver.answers.text = "A. Maier"
    driver.choose(1)
    driver.press("8")
    driver.choose(2)
    driver.press("8")
    assert driver.answers.asked == ["Who is reading?"]
    review = driver.open_workspace.workspace.catalogue.cells.get(1).review
    assert review is not None
    assert review.reviewer == "A. Maier"


def test_without_a_name_no_label_is_made(driver: Driver) -> None:
    driver.answers.text = None
    driver.choose(1)
    driver.press("8")
    assert driver.label_of(1) is None


def test_undo_comes_back_to_what_it_changed(driver: Driver) -> None:
    driver.choose(1, 2)
    driver.press("8")
    driver.choose(5)
    driver.press("Ctrl+Z")
    assert driver.label_of(1) is driver.label_of(2) is None
    assert driver.window.gallery.selected_ids() == [1, 2]
    assert driver.window.notice.text == "Undone: Relabel 2 cells as Blast."
    driver.press("Ctrl+Shift+Z")
    assert driver.label_of(2) == "blast"


def test_undo_still_works_after_a_restart(
    driver: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    driver.choose(1)
    driver.press("8")
    driver.close()
    again = new_driver().start(workspace_of_six)
    assert again.window.commands["undo"].text() == "&Undo: Relabel 1 cell as Blast"
    again.press("Ctrl+Z")
    assert again.label_of(1) is None


def test_a_refused_undo_is_explained(driver: Driver, workspace_of_six: Path) -> None:
    driver.choose(1)
    driver.press("8")
    with Workspace.open(workspace_of_six) as other:
        session = Session(other, reader="Bela", taxonomy=driver.open_workspace.session.taxonomy)
        session.do(Relabel((1,), "monocyte", ReviewMode.SINGLE))
    driver.press("Ctrl+Z")
    assert driver.label_of(1) == "monocyte"
    (error,) = driver.answers.errors
    assert "Bela" in error.detail


def test_a_drop_on_the_palette_labels_the_dropped_cells(driver: Driver) -> None:
    driver.choose(1)
    driver.window.classes.dropped.emit([3, 4], "plasma_cell")
    assert [driver.label_of(i) for i in (1, 3, 4)] == [None, "plasma_cell", "plasma_cell"]


def test_a_drop_on_a_header_labels_the_dropped_cells(driver: Driver) -> None:
    driver.window.gallery.label_requested.emit([3], "basophil")
    assert driver.label_of(3) == "basophil"


def test_back_returns_to_the_cell_just_labelled(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    driver.press("Backspace")
    assert driver.window.gallery.selected_ids() == [1]


def test_flag_and_note_are_kept_and_shown(driver: Driver) -> None:
    driver.choose(1)
    driver.press("F")
    driver.window.inspector.note.setText("look again")
    driver.window.inspector.note.editingFinished.emit()
    record = driver.open_workspace.workspace.catalogue.cells.get(1)
    assert (record.flagged, record.note) == (True, "look again")
    driver.press("F")
    assert not driver.open_workspace.workspace.catalogue.cells.get(1).flagged


def test_a_key_without_a_chosen_cell_says_what_to_do(driver: Driver) -> None:
    driver.window.gallery.clear_selection()
    driver.press("8")
    assert driver.window.notice.text == "Select a cell first."


def test_few_changes_offer_no_undo_button(driver: Driver) -> None:
    assert driver.window.notice.text == HINT
    driver.choose(1)
    driver.press("8")
    assert not driver.window.notice.undo_button.isVisible()


def test_labels_of_another_program_show_when_the_reader_comes_back(
    driver: Driver, workspace_of_six: Path
) -> None:
    with Workspace.open(workspace_of_six) as other:
        session = Session(other, reader="Bela", taxonomy=driver.open_workspace.session.taxonomy)
        session.do(Relabel((1,), "basophil", ReviewMode.SINGLE))
    driver.window.came_to_front.emit()
    index = driver.open_workspace.browser.index
    assert driver.open_workspace.session.taxonomy.classes[index.label_of(0)].id == "basophil"


def test_a_bulk_change_states_its_count_and_offers_to_take_it_back(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    folder = drawn_crops.write(
        tmp_path / "P-8", {f"cell_{i:02d}.png": drawn_crops.png(i) for i in range(25)}
    )
    with Workspace.open(tmp_path / "bulk", create=True) as workspace:
        imported(Session(workspace, reader="Ada", taxonomy=TAXONOMY), folder)
    driver = new_driver().start(tmp_path / "bulk")
    driver.choose(*range(1, 26))
    driver.press("8")
    assert driver.window.notice.text == "Saved: Relabel 25 cells as Blast."
    assert driver.window.notice.undo_button.isVisible()
    driver.window.notice.undo_button.click()
    assert driver.label_of(25) is None
    assert not driver.window.notice.undo_button.isVisible()
