"""Nothing moves unless the reader moves it."""

from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    EOS,
    LYM,
    MON,
    SEG,
    DrawnGallery,
    arranged,
)
from wbc_desktop.domain.filter.arrangement import Filter


def relabel(gallery: DrawnGallery, cell_ids: list[int], ordinal: int) -> None:
    index = gallery.scene.model.index
    index.set_rows(cell_ids, human=ordinal)
    gallery.set_cells(index, arranged(index))


def test_what_is_in_view_stays_when_a_group_above_grows(long_gallery: DrawnGallery) -> None:
    long_gallery.scroll_to(300)
    before = long_gallery.rect_in_view(299).top()
    relabel(long_gallery, [391, 392, 393, 394, 395], SEG)
    assert long_gallery.scene.model.position_of(300) == 304
    assert long_gallery.rect_in_view(304).top() == before


def test_the_view_does_not_follow_a_cell_that_left_its_group(long_gallery: DrawnGallery) -> None:
    long_gallery.click(long_gallery.tile(1))
    long_gallery.verticalScrollBar().setValue(200)
    relabel(long_gallery, [1], EOS)
    assert abs(long_gallery.offset - 200) < long_gallery.scene.style.metrics.height


def test_a_new_order_may_start_at_the_top(long_gallery: DrawnGallery) -> None:
    long_gallery.verticalScrollBar().setValue(700)
    index = long_gallery.scene.model.index
    long_gallery.set_cells(index, arranged(index), keep_anchor=False)
    assert long_gallery.offset == 0


def test_a_selection_survives_regrouping_but_not_the_filter(
    qtbot: QtBot, gallery: DrawnGallery
) -> None:
    gallery.select([2, 8])
    relabel(gallery, [2], MON)
    assert gallery.selected_ids() == [2, 8]
    assert gallery.current_id() == 2
    index = gallery.scene.model.index
    with qtbot.waitSignal(gallery.selection_changed) as signal:
        gallery.set_cells(index, arranged(index, Filter(classes=frozenset({LYM}))))
    assert signal.args == [[8]]
    assert gallery.current_id() is None


def test_the_next_cell_is_the_one_behind_the_last(gallery: DrawnGallery) -> None:
    assert gallery.next_after([2]) == 3
    assert gallery.next_after([3, 1]) == 4
    assert gallery.next_after([9]) == 10
    assert gallery.next_after([9, 10]) == 8
    assert gallery.next_after(range(1, 11)) is None
    assert gallery.next_after([77]) is None


def test_scrolling_to_a_folded_cell_opens_its_group(gallery: DrawnGallery) -> None:
    gallery.set_collapsed(frozenset({LYM, MON}))
    gallery.scroll_to(8)
    assert gallery.scene.collapsed == {MON}


def test_a_narrower_window_keeps_the_current_cell_in_place(long_gallery: DrawnGallery) -> None:
    long_gallery.scroll_to(150)
    long_gallery.click(long_gallery.tile(150))
    before = long_gallery.rect_in_view(149).top()
    long_gallery.resize(380, 600)
    assert long_gallery.scene.layout.columns == 3
    assert long_gallery.rect_in_view(149).top() == before
