"""A researcher finds cells: types a filter, removes a chip, groups by patient, keeps the view."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.gallery_map import on_screen
from tests.journeys.hands import Script, modal, mouse, play, press, write
from tests.journeys.reviewer import Reviewer
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.gui.filter.filter_bar import FilterBar
from wbc_desktop.gui.filter.saved_views import SUBMENU
from wbc_desktop.gui.filter.saved_views_dialog import SavedViewsDialog

pytestmark = pytest.mark.needs_display

NAME = "Monocytes to check"


def shown(reader: Reviewer) -> set[int]:
    return set(reader.window.gallery.scene.model.cell_ids().tolist())


def test_a_typed_filter_a_chip_and_groups_by_patient(
    start: Callable[[Path], Reviewer], rendered_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "workspace")
    reader.import_folder(rendered_patient)
    bar, browser = reader.window.filter_bar, reader.open_workspace.browser
    cells = reader.cells().values()
    monocytes = {cell.id for cell in cells if cell.predicted == "monocyte"}
    on_slide_1 = {cell.id for cell in cells if cell.slide_code == "slide 1"}
    assert monocytes & on_slide_1
    assert monocytes - on_slide_1

    play(typed(reader, 'class:mono slide:"slide 1"'))
    assert shown(reader) == monocytes & on_slide_1
    play(without_chip(reader, bar, words="P-0192/slide 1"))
    assert shown(reader) == monocytes
    assert reader.window.tree.chosen_patients_and_slides() == (None, None)

    play(grouped_by_patient(reader))
    assert [browser.grouping.name(s.ordinal) for s in browser.arrangement.sections] == ["P-0192"]
    play(saved(reader))
    play(cleared(reader))
    assert len(browser.arrangement) == 48
    reader.close()

    again = start(tmp_path / "workspace")
    assert again.open_workspace.browser.group is GroupBy.PATIENT
    (entry,) = (
        each for each in again.window.commands.submenu(SUBMENU).actions() if each.text() == NAME
    )
    entry.trigger()
    assert shown(again) == monocytes
    assert again.window.filter_bar.box.text() == "class:monocyte"


def typed(reader: Reviewer, text: str) -> Script:
    """Type a filter from the gallery and go back there."""
    box = reader.window.filter_bar.box
    press("ctrl+f")
    yield box.hasFocus
    write(text)
    yield lambda: box.text() == text
    press("Return")
    yield reader.window.gallery.hasFocus


def without_chip(reader: Reviewer, bar: FilterBar, *, words: str) -> Script:
    """Click the chip that says something, and wait until it is gone."""

    def place() -> int:
        texts = bar.chips.texts()
        return next((i for i, text in enumerate(texts) if text.startswith(words)), -1)

    yield lambda: place() >= 0 and bar.chips.chips()[place()].isVisible()
    chip = bar.chips.chips()[place()]
    mouse("mousemove", on_screen(chip, chip.rect().center()), "click", "1")
    yield lambda: place() < 0
    reader.window.gallery.setFocus()


def grouped_by_patient(reader: Reviewer) -> Script:
    """Press Ctrl+2."""
    press("ctrl+2")
    yield lambda: reader.open_workspace.browser.group is GroupBy.PATIENT


def saved(reader: Reviewer) -> Script:
    """Give the view a name with Ctrl+Shift+S."""
    press("ctrl+shift+s")
    yield lambda: isinstance(dialog := modal(), SavedViewsDialog) and dialog.name_box.hasFocus()
    write(NAME)
    yield (
        lambda: isinstance(dialog := modal(), SavedViewsDialog) and dialog.name_box.text() == NAME
    )
    press("Return")
    yield lambda: modal() is None and reader.window.isActiveWindow()


def cleared(reader: Reviewer) -> Script:
    """Press Ctrl+Shift+F."""
    press("ctrl+shift+f")
    yield lambda: reader.window.filter_bar.box.text() == ""
