"""Where the keys of the gallery lead. Letters, digits and Space are left to the window's actions.

To add a way to move, add its key to ``_MOVES``.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from wbc_desktop.gui.gallery.input.selector import Selector
from wbc_desktop.gui.gallery.layout import NOWHERE, GalleryLayout
from wbc_desktop.gui.gallery.scene import Scene

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


def press(event: QKeyEvent, *, scene: Scene, selector: Selector, page: int) -> bool:
    """Act on a key.

    Args:
        event: The key.
        scene: What is shown.
        selector: Whose selection changes.
        page: Height of the viewport.

    Returns:
        Whether the key was one of the gallery's.
    """
    if event.matches(QKeySequence.StandardKey.SelectAll):
        selector.widen()
        return True
    if event.key() == Qt.Key.Key_Escape and len(selector.selection):
        selector.clear()
        return True
    modifiers = event.modifiers()
    position = selector.current_position
    if event.key() == Qt.Key.Key_Space and modifiers == _CTRL and position != NOWHERE:
        selector.toggle(position)
        return True
    move = _MOVES.get(Qt.Key(event.key()))
    if move is None or modifiers & _ALT or not len(scene.model):
        return False
    target = move(scene.layout, position, page) if position != NOWHERE else first(scene.layout)
    if target != NOWHERE:
        act = selector.extend if modifiers & _SHIFT else selector.pick
        (selector.focus if modifiers & _CTRL and not modifiers & _SHIFT else act)(target)
    return True


def first(layout: GalleryLayout) -> int:
    """Return the first position that is not folded away, or −1."""
    open_ = (s.start for i, s in enumerate(layout.sections) if i not in layout.collapsed)
    return next(open_, NOWHERE)


def last(layout: GalleryLayout) -> int:
    """Return the last position that is not folded away, or −1."""
    spans = reversed(list(enumerate(layout.sections)))
    return next((s.stop - 1 for i, s in spans if i not in layout.collapsed), NOWHERE)


def sideways(layout: GalleryLayout, position: int, step: int) -> int:
    """Return the neighbour before (−1) or after (+1) a position, or the position at the end."""
    target = position + step
    while 0 <= target < layout.n_positions:
        section = layout.section_of(target)
        if section not in layout.collapsed:
            return target
        span = layout.sections[section]
        target = span.stop if step > 0 else span.start - 1
    return position


def vertical(layout: GalleryLayout, position: int, step: int) -> int:
    """Return the position above (−1) or below (+1), across groups, in the same column."""
    section, row, column = layout.place_in_row(position)
    if 0 <= row + step < layout.n_rows(section):
        return layout.position_in_row(section, row + step, column)
    section += step
    while 0 <= section < len(layout.sections):
        rows = layout.n_rows(section)
        if rows:
            return layout.position_in_row(section, 0 if step > 0 else rows - 1, column)
        section += step
    return position


def paged(layout: GalleryLayout, position: int, step: int, page: int) -> int:
    """Return the position about one page above (−1) or below (+1)."""
    room = max(1, page - layout.metrics.header - layout.metrics.height)
    start = layout.rect_of(position).y()
    target = position
    while abs(layout.rect_of(target).y() - start) < room:
        following = vertical(layout, target, step)
        if following == target:
            break
        target = following
    return target


_MOVES: dict[Qt.Key, Callable[[GalleryLayout, int, int], int]] = {
    Qt.Key.Key_Left: lambda layout, at, _: sideways(layout, at, -1),
    Qt.Key.Key_Right: lambda layout, at, _: sideways(layout, at, 1),
    Qt.Key.Key_Up: lambda layout, at, _: vertical(layout, at, -1),
    Qt.Key.Key_Down: lambda layout, at, _: vertical(layout, at, 1),
    Qt.Key.Key_PageUp: lambda layout, at, page: paged(layout, at, -1, page),
    Qt.Key.Key_PageDown: lambda layout, at, page: paged(layout, at, 1, page),
    Qt.Key.Key_Home: lambda layout, _at, _page: first(layout),
    Qt.Key.Key_End: lambda layout, _at, _page: last(layout),
}
