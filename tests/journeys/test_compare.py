"""A technician compares three cells, labels one from there, goes back and takes it back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.gallery_map import GalleryMap
from tests.journeys.hands import Script, mouse, play, press
from tests.journeys.reviewer import Reviewer

pytestmark = pytest.mark.needs_display


def selecting(reader: Reviewer, cells: list[int]) -> Script:
    """Click the first cell, and the others with Ctrl held."""
    gallery, places = reader.window.gallery, GalleryMap(reader.window.gallery)
    for n, cell_id in enumerate(cells, start=1):
        held = n > 1
        mouse("mousemove", places.tile(cell_id).center())
        mouse(*(["keydown", "ctrl"] if held else []), "click", "1")
        mouse(*(["keyup", "ctrl"] if held else ["mousemove", places.tile(cell_id).center()]))
        yield lambda n=n: len(gallery.selected_ids()) == n  # type: ignore[misc]  # bound now


def comparing(reader: Reviewer) -> Script:
    """Press C and wait for the crops."""
    compare = reader.window.compare
    press("c")
    yield lambda: compare.isVisible() and all(pane.crop for pane in compare.panes)
    yield compare.panes[0].hasFocus


def test_three_cells_are_compared_and_the_second_is_labelled(
    start: Callable[[Path], Reviewer], rendered_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "workspace")
    reader.import_folder(rendered_patient)
    gallery, compare = reader.window.gallery, reader.window.compare
    model = gallery.scene.model
    three = [model.cell_id(position) for position in range(3)]

    play(selecting(reader, three))
    play(comparing(reader))
    assert [pane.cell_id for pane in compare.panes] == three
    viewport = compare.viewport

    def look_closer() -> Script:
        press("plus", "shift+Right")
        yield lambda: compare.viewport.zoom > viewport.zoom and compare.viewport.x > 0
        press("Right")
        yield compare.panes[1].hasFocus

    play(look_closer())
    assert not compare.viewport.fitted

    reader.press_class_key("8")
    labelled = {cell.id: cell.review.label for cell in reader.cells().values() if cell.review}
    assert labelled == {three[1]: "blast"}

    def back() -> Script:
        yield compare.panes[2].hasFocus
        press("Escape")
        yield gallery.isVisible
        yield gallery.hasFocus

    play(back())
    assert gallery.selected_ids() == sorted(three)
    assert gallery.current_id() == three[2]

    reader.undo()
    assert not [cell for cell in reader.cells().values() if cell.review]
    reader.close()
