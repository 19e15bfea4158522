"""A reader opens the map, draws a lasso around cells that look alike, and labels them in one go."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from tests.journeys.gallery_map import on_screen
from tests.journeys.hands import Script, mouse, play, press
from tests.journeys.reviewer import Reviewer
from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot

pytestmark = pytest.mark.needs_display


def opening(reader: Reviewer) -> Script:
    """Press P and wait until the map is laid out."""
    panel = reader.window.map
    press("p")
    yield lambda: panel.isVisible() and panel.state == "48 cells"
    yield lambda: panel.plot is not None and panel.plot.hasFocus()


def drawing(plot: EmbeddingPlot, corners: list[QPoint]) -> Script:
    """Draw a line through corners with the left button held."""
    drawn = plot.lasso
    mouse("mousemove", on_screen(plot, corners[0]), "mousedown", "1")
    yield lambda: len(drawn()) == 1
    for corner in [*corners[1:], corners[0]]:
        mouse("mousemove", on_screen(plot, corner))
        # Moves that come faster than the window takes them are joined into one.
        yield lambda corner=corner: drawn()[-1] == corner  # type: ignore[misc]  # bound now
    mouse("mouseup", "1")


def test_a_lasso_labels_many_cells_at_once(
    start: Callable[[Path], Reviewer], rendered_patient: Path, tmp_path: Path
) -> None:
    reader = start(tmp_path / "workspace")
    reader.import_folder(rendered_patient)
    play(opening(reader))
    plot, gallery = reader.window.map.plot, reader.window.gallery
    assert plot is not None

    # The half of the map at the left of its middle cell: what it holds is known beforehand.
    ids = reader.open_workspace.browser.index.cell_id
    pixels = np.array([plot.position_of(point).toTuple() for point in range(len(ids))])
    middle = (np.sort(pixels[:, 0])[23] + np.sort(pixels[:, 0])[24]) / 2
    wanted = ids[pixels[:, 0] < middle].tolist()
    right, bottom = int(middle), plot.height() - 4
    box = [QPoint(4, 4), QPoint(right, 4), QPoint(right, bottom), QPoint(4, bottom)]

    def selecting() -> Script:
        yield from drawing(plot, box)
        yield lambda: len(gallery.selected_ids()) > 1

    play(selecting())
    assert gallery.selected_ids() == wanted
    reader.press_class_key("4")
    labelled = {c.id: c.review.label for c in reader.cells().values() if c.review}
    assert labelled == dict.fromkeys(wanted, "monocyte")

    reader.undo()
    assert not [c for c in reader.cells().values() if c.review]

    def like_one() -> Script:
        press("g")
        yield gallery.hasFocus
        press("s")
        yield lambda: reader.open_workspace.similar.anchor is not None

    play(like_one())
    anchor = reader.open_workspace.similar.anchor
    assert reader.window.gallery.scene.model.cell_id(0) == anchor
    reader.close()
