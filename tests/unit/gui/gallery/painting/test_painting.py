"""Pictures and paint."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    LYM,
    SEG,
    TAXONOMY,
    DrawnGallery,
    arranged,
    cells,
    crop,
)
from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.gui.gallery.input.drag import picture_of
from wbc_desktop.gui.gallery.painting.style import TILE_MIN
from wbc_desktop.gui.widgets.theme import DARK

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_pictures_in_view_are_loaded_first_and_painted(
    qtbot: QtBot, long_gallery: DrawnGallery
) -> None:
    qtbot.waitUntil(lambda: not long_gallery.thumbnails.busy)
    asked = [cell for batch, _ in long_gallery.crops.asked for cell in batch]
    assert asked[:16] == list(range(1, 17))
    assert len(asked) < 60
    place = long_gallery.tile(7)
    grabbed = long_gallery.viewport().grab().toImage()
    assert grabbed.pixelColor(place).red() == 8  # drawn in grey 7 + 1


def test_a_tile_is_neutral_grey_until_its_picture_comes(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, cells(SEG), held_up=True)
    grabbed = gallery.viewport().grab().toImage()
    assert grabbed.pixelColor(gallery.tile(1)).name() == "#808080"
    gallery.crops.gate.set()
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    assert gallery.viewport().grab().toImage().pixelColor(gallery.tile(1)).red() == 2


def test_changed_cells_are_painted_anew(qtbot: QtBot, gallery: DrawnGallery) -> None:
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    before = gallery.viewport().grab().toImage()
    gallery.scene.model.index.set_rows([2], flagged=True, status=1, human=SEG)
    gallery.refresh_cells([2])
    after = gallery.viewport().grab().toImage()
    assert before.copy(gallery.rect_in_view(1)) != after.copy(gallery.rect_in_view(1))
    assert before.copy(gallery.rect_in_view(2)) == after.copy(gallery.rect_in_view(2))
    assert gallery.scene.model.section_counts()[0].reviewed == 1


def test_every_state_looks_different_even_without_colour(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, cells(SEG, SEG, SEG, SEG, SEG))
    index = gallery.scene.model.index
    index.set_rows(range(1, 6), prob=0.9, status=[0, 1, 2, 3, 4])
    gallery.set_cells(index, arranged(index))
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    grabbed = (
        gallery.viewport()
        .grab()
        .toImage()
        .convertToFormat(
            __import__("PySide6.QtGui", fromlist=["QImage"]).QImage.Format.Format_Grayscale8
        )
    )
    stage = gallery.tile_size + 2 * gallery.scene.style.metrics.frame
    looks = []
    for position in range(5):
        rect = gallery.rect_in_view(position)
        mark = rect.adjusted(4, stage - 1, -80, 0)
        looks.append(grabbed.copy(mark))
    assert all(a != b for i, a in enumerate(looks) for b in looks[:i])


def test_a_class_of_lower_trust_has_a_hollow_bar(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, cells(SEG, LYM))
    gallery.set_rendered_only(frozenset({LYM}))
    gallery.set_cells(gallery.scene.model.index, gallery.scene.model.arrangement)
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    grabbed = gallery.viewport().grab().toImage()
    middles = []
    for position in range(2):
        rect = gallery.rect_in_view(position)
        bar = rect.y() + gallery.scene.style.metrics.frame + gallery.tile_size
        column = rect.center().x()
        edge, middle = (grabbed.pixelColor(column, bar + row).name() for row in (0, 1))
        middles.append(middle == edge)
    assert middles == [True, False]


def test_selection_focus_and_hover_are_seen_in_both_themes(
    qtbot: QtBot, gallery: DrawnGallery
) -> None:
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    for theme in (gallery.scene.style.theme, DARK):
        gallery.set_theme(theme)
        gallery.clear_selection()
        QTest.mouseMove(gallery.viewport(), gallery.tile(2))
        looks = [gallery.viewport().grab(gallery.rect_in_view(5)).toImage()]
        QTest.mouseMove(gallery.viewport(), gallery.tile(6))
        looks.append(gallery.viewport().grab(gallery.rect_in_view(5)).toImage())
        gallery.select([6])
        looks.append(gallery.viewport().grab(gallery.rect_in_view(5)).toImage())
        gallery.clear_selection()
        looks.append(gallery.viewport().grab(gallery.rect_in_view(5)).toImage())
        assert all(a != b for i, a in enumerate(looks) for b in looks[:i])
        gallery.select([1])


def test_an_empty_gallery_says_why(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, CellIndex.empty())
    blank = gallery.viewport().grab().toImage()
    gallery.set_empty("No cell passes the filter", "Remove a filter above.")
    assert gallery.viewport().grab().toImage() != blank
    gallery.key(Qt.Key.Key_Down)
    gallery.key(Qt.Key.Key_A, CTRL)
    gallery.select([1])
    gallery.click(QPoint(50, 50))
    assert gallery.selected_ids() == []
    assert gallery.current_id() is None


def test_the_smallest_tiles_still_hold_their_caption(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, cells(SEG, SEG))
    gallery.set_tile_size(TILE_MIN)
    assert gallery.scene.style.two_lines
    gallery.set_tile_size(160)
    assert not gallery.scene.style.two_lines


def test_sixteen_classes_have_chips_or_sections(gallery: DrawnGallery) -> None:
    shown = {s.ordinal for s in gallery.scene.layout.sections}
    chips = {c.ordinal for c in gallery.scene.strip.chips}
    assert shown | chips == set(range(len(TAXONOMY.classes)))
    assert not shown & chips
    rects = [c.rect for c in gallery.scene.strip.chips]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
    assert all(r.left() >= 0 and r.right() < gallery.viewport().width() for r in rects)
    assert np.all([r.bottom() < gallery.scene.height for r in rects])


def test_the_current_cell_shows_whether_the_gallery_has_the_keyboard(
    gallery: DrawnGallery,
) -> None:
    gallery.select([2])
    looks = []
    for has_keys in (True, False):
        gallery.interaction.take_keys(has_keys)
        looks.append(gallery.viewport().grab(gallery.rect_in_view(1)).toImage())
    assert looks[0] != looks[1]


def test_headers_and_chips_are_explained(gallery: DrawnGallery) -> None:
    def words(point: QPoint) -> str:
        return gallery.scene.description(gallery.scene.hit(point, scroll=gallery.offset))

    assert words(gallery.header(LYM)).startswith(
        "Lymphocyte: 3 shown, 30.0 % of the counted cells shown, 0 reviewed."
    )
    chip = gallery.scene.strip.chips[0]
    point = chip.rect.center() - QPoint(0, gallery.offset)
    assert words(point) == "Band neutrophil: drop cells here to label them"
    assert words(gallery.tile(10)) == "Monocyte, 40 %, model, unreviewed"


def test_the_picture_of_a_drag_is_opaque_and_grows_with_the_crops(gallery: DrawnGallery) -> None:
    style = gallery.scene.style
    one = picture_of([crop(9)], 1, style=style, ratio=2.0)
    many = picture_of([crop(9)] * 5, 1234, style=style, ratio=2.0)
    assert many.width() > one.width()
    assert one.devicePixelRatio() == 2.0
    corners = one.toImage()
    assert corners.pixelColor(0, 0).alpha() == 255
    assert not picture_of([], 3, style=style, ratio=1.0).isNull()


def test_a_cell_that_shows_an_attribute_bears_a_sign(qtbot: QtBot, gallery: DrawnGallery) -> None:
    qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
    before = gallery.viewport().grab().toImage()
    gallery.scene.model.index.set_rows([2], attributes=0b10)
    gallery.refresh_cells([2])
    after = gallery.viewport().grab().toImage()
    assert before.copy(gallery.rect_in_view(1)) != after.copy(gallery.rect_in_view(1))
    assert before.copy(gallery.rect_in_view(2)) == after.copy(gallery.rect_in_view(2))
