"""The keyboard: moving, extending, and what is left to the window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QKeyEvent,
)
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    LYM,
    MON,
    DrawnGallery,
)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_arrows_move_by_geometry_across_groups(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(4))
    visited = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        gallery.key(key)
        visited.append(gallery.current_id())
    assert visited == [6, 8, 10, 10, 7]
    gallery.key(Qt.Key.Key_Left)
    assert gallery.selected_ids() == [6]
    gallery.key(Qt.Key.Key_Home)
    assert gallery.current_id() == 1
    gallery.key(Qt.Key.Key_Left)
    assert gallery.current_id() == 1
    gallery.key(Qt.Key.Key_End)
    assert gallery.current_id() == 10


def test_arrows_pass_over_folded_groups(gallery: DrawnGallery) -> None:
    gallery.set_collapsed(frozenset({LYM}))
    gallery.click(gallery.tile(6))
    gallery.key(Qt.Key.Key_Down)
    assert gallery.current_id() == 10
    gallery.key(Qt.Key.Key_Left)
    assert gallery.current_id() == 6


def test_pages_follow_the_height_and_stay_in_view(long_gallery: DrawnGallery) -> None:
    long_gallery.click(long_gallery.tile(2))
    long_gallery.key(Qt.Key.Key_PageDown)
    current = long_gallery.current_id()
    assert current is not None
    assert current > 10
    assert current % 4 == 2
    rect = long_gallery.rect_in_view(current - 1)
    assert long_gallery.viewport().rect().contains(rect)
    long_gallery.key(Qt.Key.Key_PageUp)
    assert long_gallery.current_id() == 2


def test_shift_and_arrows_extend_from_the_anchor(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(2))
    gallery.key(Qt.Key.Key_Right, SHIFT)
    gallery.key(Qt.Key.Key_Down, SHIFT)
    assert gallery.selected_ids() == [2, 3, 4, 5, 6]
    gallery.key(Qt.Key.Key_Up, SHIFT)
    assert gallery.selected_ids() == [2]


def test_ctrl_moves_the_focus_alone_and_ctrl_space_takes_the_cell(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(1))
    gallery.key(Qt.Key.Key_Right, CTRL)
    gallery.key(Qt.Key.Key_Right, CTRL)
    assert gallery.selected_ids() == [1]
    gallery.key(Qt.Key.Key_Space, CTRL)
    assert gallery.selected_ids() == [1, 3]


def test_ctrl_a_takes_the_group_and_then_all_that_is_shown(gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(8))
    gallery.key(Qt.Key.Key_A, CTRL)
    assert gallery.selected_ids() == [7, 8, 9]
    gallery.set_collapsed(frozenset({MON}))
    gallery.key(Qt.Key.Key_A, CTRL)
    assert gallery.selected_ids() == list(range(1, 10))  # what is folded away is not shown
    assert gallery.current_id() == 8
    gallery.key(Qt.Key.Key_Escape)
    assert gallery.selected_ids() == []


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_1, Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_F]
)
def test_keys_of_the_window_are_left_to_it(gallery: DrawnGallery, key: Qt.Key) -> None:
    gallery.click(gallery.tile(1))
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    gallery.keyPressEvent(event)
    assert not event.isAccepted()
    assert gallery.selected_ids() == [1]


def test_return_opens_the_current_cell(qtbot: QtBot, gallery: DrawnGallery) -> None:
    gallery.click(gallery.tile(5))
    with qtbot.waitSignal(gallery.activated) as signal:
        gallery.key(Qt.Key.Key_Return)
    assert signal.args == [5]


def test_the_first_key_goes_to_the_first_cell(gallery: DrawnGallery) -> None:
    gallery.key(Qt.Key.Key_Down)
    assert gallery.current_id() == 1


def test_the_current_cell_is_told_to_a_screen_reader(gallery: DrawnGallery) -> None:
    assert gallery.accessibleName()
    gallery.click(gallery.tile(1))
    assert gallery.accessibleDescription() == "Segmented neutrophil, 99 %, model, unreviewed"
