"""The gallery as the window uses it."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement
from wbc_desktop.domain.filter.grouping import Grouping
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.gallery.canvas import GalleryCanvas
from wbc_desktop.gui.gallery.input import keyboard
from wbc_desktop.gui.gallery.input.drag import run_drag
from wbc_desktop.gui.gallery.input.drop_target import DropTarget
from wbc_desktop.gui.gallery.input.mouse import MouseHandler
from wbc_desktop.gui.gallery.input.selection import NO_CELL
from wbc_desktop.gui.gallery.input.selector import Selector
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.scene import HitKind
from wbc_desktop.gui.widgets.theme import Theme

_TILE_STEP = 8
_NOTCH = 120  # of a mouse wheel, in eighths of a degree


class GalleryView(GalleryCanvas):
    """The gallery of cells, with selection, keyboard, mouse and drag and drop.

    Signals:
        selection_changed: list of the selected cell ids.
        current_changed: The cell id with the focus, or None.
        label_requested: list of cell ids and a class id: they were dropped onto that class.
        context_menu_requested: Place on the screen (QPoint); the selection is what it is about.
        activated: A cell id: double click or Return.
        tile_size_changed: From ``GalleryCanvas``.

    Args:
        taxonomy: The classes.
        theme: The colours.
        begin_drag: Runs a drag until it ends.
        parent: Owner.
    """

    selection_changed = Signal(object)
    current_changed = Signal(object)
    label_requested = Signal(object, str)
    context_menu_requested = Signal(QPoint)
    activated = Signal(object)

    def __init__(
        self,
        *,
        taxonomy: Taxonomy,
        theme: Theme,
        begin_drag: Callable[[QWidget, QMimeData, QPixmap], None] = run_drag,
        parent: QWidget | None = None,
    ) -> None:
        self._selector = Selector(lambda: self.scene)
        super().__init__(
            taxonomy=taxonomy,
            theme=theme,
            selection=self._selector.selection,
            parent=parent,
        )
        self._selector.setParent(self)
        self._selector.selection_changed.connect(self._tell_selection)
        self._selector.current_changed.connect(self._tell_current)
        self._mouse_handler = MouseHandler(self, self._selector, begin_drag)
        self._drops = DropTarget(self, self._ask_label)
        self._wheel = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Cells")

    def set_cells(
        self,
        index: CellIndex,
        arrangement: Arrangement,
        *,
        grouping: Grouping | None = None,
        keep_anchor: bool = True,
    ) -> None:
        """Show cells; what is no longer shown is no longer selected.

        Args:
            index: All cells; read again whenever something is painted.
            arrangement: Rows of the index in the order shown.
            grouping: What the groups are called; classes if None.
            keep_anchor: Keep what is in view where it is; else go to the top.
        """
        self._mouse_handler.let_go()
        super().set_cells(index, arrangement, grouping=grouping, keep_anchor=keep_anchor)
        self._selector.forget_hidden()
        self._mouse_handler.look_again()

    def selected_ids(self) -> list[int]:
        """Return the selected cells, by ascending id."""
        ids: list[int] = self._selector.selection.ids.tolist()
        return ids

    def current_id(self) -> int | None:
        """Return the cell with the focus, or None."""
        current = self._selector.selection.current
        return None if current == NO_CELL else current

    def hovered_id(self) -> int | None:
        """Return the cell under the mouse, or None."""
        hovered = self.interaction.hovered
        return None if hovered == NOWHERE else self.scene.model.cell_id(hovered)

    def aim_keys_at_mouse(self, on: bool) -> None:
        """Show at the cell under the mouse that the keys are for it."""
        self.interaction.keys_follow_mouse = on
        self.viewport().update()

    def select(self, cell_ids: Iterable[int]) -> None:
        """Select just these, as far as they are shown; the first of them gets the focus."""
        self._selector.cells(cell_ids)

    def look_at(self, cell_id: int) -> None:
        """Give a cell the focus, if it is shown; the selection stays."""
        position = self.scene.model.position_of(cell_id)
        if position != NOWHERE:
            self._selector.focus(position)

    def clear_selection(self) -> None:
        """Select nothing."""
        self._selector.clear()

    def scroll_to(self, cell_id: int) -> None:
        """Bring a cell into view, if it is shown; a collapsed group is opened."""
        position = self.scene.model.position_of(cell_id)
        if position == NOWHERE:
            return
        section = self.scene.layout.section_of(position)
        if section in self.scene.layout.collapsed:
            self.set_collapsed(self.scene.collapsed - {self.scene.ordinal(section)})
        self.bring_into_view(self.scene.layout.rect_of(position))

    def to_group(self, position: int) -> None:
        """Scroll so that a group begins at the top, as far as the end of the gallery allows.

        Args:
            position: Of its first cell.
        """
        self.scroll_to(self.scene.model.cell_id(position))
        top = self.scene.layout.rect_of(position).top() - self.scene.style.metrics.header
        self.verticalScrollBar().setValue(top)

    def next_after(self, cell_ids: Iterable[int]) -> int | None:
        """Return the cell to look at once these are dealt with, or None.

        It is the first one behind the last of them, in the order shown now; at the end of the
        gallery the one before the first of them.
        """
        model = self.scene.model
        positions = sorted(model.positions_of(cell_ids).tolist())
        if not positions:
            return None
        if positions[-1] + 1 < len(model):
            return model.cell_id(positions[-1] + 1)
        return model.cell_id(positions[0] - 1) if positions[0] else None

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Hand mouse and drag events to those who know them."""
        match event:
            case QMouseEvent():
                return self._mouse(event)
            case QDropEvent():
                return self._dragged(event)
            case QHelpEvent():
                return self._tool_tip(event)
        if event.type() == QEvent.Type.DragLeave:
            self._drops.leave()
            return True
        if event.type() == QEvent.Type.Leave:
            self._mouse_handler.leave()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Act on the gallery's own keys and leave the others to the window."""
        page = self.viewport().height()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_id() is not None:
            self.activated.emit(self.current_id())
        elif keyboard.press(event, scene=self.scene, selector=self._selector, page=page):
            self.scroll_to(self._selector.selection.current)
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll; with Ctrl change the size of the tiles around the mouse."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / _NOTCH)
        self._wheel -= notches * _NOTCH
        if notches:
            hit = self.scene.hit(event.position().toPoint(), scroll=self.offset)
            self.set_tile_size(self.tile_size + notches * _TILE_STEP, around=hit.position)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu, at the mouse or at the current cell."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            hit = self.scene.hit(event.pos(), scroll=self.offset)
            if hit.kind is HitKind.TILE:
                self.context_menu_requested.emit(event.globalPos())
        elif self._selector.current_position != NOWHERE:
            rect = self.rect_in_view(self._selector.current_position)
            self.context_menu_requested.emit(self.viewport().mapToGlobal(rect.center()))

    def _mouse(self, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self._mouse_handler.press(event)
            case QEvent.Type.MouseMove:
                self._mouse_handler.move(event)
            case QEvent.Type.MouseButtonRelease:
                self._mouse_handler.release(event)
            case QEvent.Type.MouseButtonDblClick:
                hit = self.scene.hit(event.position().toPoint(), scroll=self.offset)
                if hit.kind is HitKind.TILE and event.button() == Qt.MouseButton.LeftButton:
                    self.activated.emit(self.scene.model.cell_id(hit.position))
        return True

    def _dragged(self, event: QDropEvent) -> bool:
        if event.type() == QEvent.Type.Drop:
            self._drops.drop(event)
        elif isinstance(event, QDragMoveEvent):
            enters = event.type() == QEvent.Type.DragEnter
            (self._drops.enter if enters else self._drops.move)(event)
        return True

    def _tool_tip(self, event: QHelpEvent) -> bool:
        hit = self.scene.hit(event.pos(), scroll=self.offset)
        words = "" if hit.kind is HitKind.NOTHING else self.scene.description(hit)
        rect = self.rect_in_view(hit.position) if hit.kind is HitKind.TILE else QRect()
        QToolTip.showText(event.globalPos(), words, self.viewport(), rect)
        return True

    def _ask_label(self, cell_ids: list[int], ordinal: int) -> None:
        self.label_requested.emit(cell_ids, self.scene.style.taxonomy.classes[ordinal].id)

    def _tell_selection(self) -> None:
        self.interaction.count_selected(self.scene)
        self.selection_changed.emit(self.selected_ids())

    def _tell_current(self) -> None:
        position = self._selector.current_position
        if position != NOWHERE:
            self.setAccessibleDescription(self.scene.model.description(position))
            change = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(change)
        else:
            self.setAccessibleDescription("")
        self.viewport().update()
        self.current_changed.emit(self.current_id())
