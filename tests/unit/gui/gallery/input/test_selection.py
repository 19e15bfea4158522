"""Sets of selected cells."""

import numpy as np

from wbc_desktop.gui.gallery.input.selection import NO_CELL, Selection, merged


def test_cells_are_added_taken_out_and_toggled() -> None:
    chosen = Selection()
    chosen.replace([5, 1, 5])
    chosen.add([9, 1])
    chosen.remove([5, 77])
    chosen.toggle(3)
    chosen.toggle(9)
    assert chosen.ids.tolist() == [1, 3]
    assert 3 in chosen
    assert 9 not in chosen
    assert 1000 not in chosen


def test_marks_tell_for_each_cell_in_its_order() -> None:
    chosen = Selection()
    assert chosen.marks(np.array([1, 2])).tolist() == [False, False]
    chosen.replace([2, 7])
    assert chosen.marks(np.array([7, 8, 1, 2])).tolist() == [True, False, False, True]


def test_what_is_no_longer_shown_is_forgotten() -> None:
    chosen = Selection()
    chosen.replace([1, 2, 3])
    chosen.current, chosen.anchor = 2, 3
    chosen.keep(lambda ids: ids >= 3)
    assert chosen.ids.tolist() == [3]
    assert (chosen.current, chosen.anchor) == (NO_CELL, 3)


def test_merging_gives_each_cell_once() -> None:
    assert merged(np.array([3, 1]), np.array([1, 2])).tolist() == [1, 2, 3]
    assert merged(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []
