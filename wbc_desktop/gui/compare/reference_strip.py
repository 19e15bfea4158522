"""The strip below the cells that shows reference cells of a class beside the cell being judged.

It shows what it is given: the cell itself at the left, then the reader's own reference cells, then
drawn ones. All are at the same scale, as far as it is known.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.compare.reference_tile import (
    LARGE_SIDE,
    SMALL_SIDE,
    ReferenceEntry,
    ReferenceTile,
    tile_height,
)
from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, Theme, figures, set_rank

_BOX = 210  # px; a longer name of a class is cut in the box, not in its list
_HIGH = 1000  # px; a window this high has room for larger pictures


class ReferenceStrip(QFrame):
    """A class to choose, and a row of tiles.

    Signals:
        class_chosen: The reader wants another class; its id.
        pressed: A cell of the workspace was pressed; its row id.
        removed: A cell of the workspace is to leave the library; its row id.
        closed: The reader is done.
    """

    class_chosen = Signal(str)
    pressed = Signal(object)
    removed = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reference_strip")
        self._theme = theme
        self.tiles: list[ReferenceTile] = []
        self._own: ReferenceTile | None = None
        self._classes = QComboBox(self)
        self._classes.setAccessibleName("Class of the reference cells")
        self._classes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._classes.setMaximumWidth(_BOX)
        self._classes.activated.connect(self._choose)
        self._note = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._note.setFont(figures(self.font()))
        set_rank(self._note, "second")
        self._previous = self._button("‹", "Likelier class (Alt+Left)", -1)
        self._next = self._button("›", "Less likely class (Alt+Right)", 1)
        self._side = SMALL_SIDE
        self._own_place = QVBoxLayout()
        self._row = QHBoxLayout()
        self._scroll = QScrollArea(self)
        self._lay_out()
        self.setAccessibleName("Reference cells")
        self.hide()

    @property
    def class_id(self) -> str:
        """The class shown, or the empty string."""
        return str(self._classes.currentData() or "")

    @property
    def note(self) -> str:
        """What stands beside the class."""
        return self._note.whole

    def show_classes(self, classes: Sequence[CellClass], chosen: str) -> None:
        """Offer classes, likeliest first.

        Args:
            classes: In the order of stepping.
            chosen: Id of the one shown.
        """
        with QSignalBlocker(self._classes):
            self._classes.clear()
            for cell_class in classes:
                self._classes.addItem(f"{cell_class.code}  {cell_class.name}", cell_class.id)
            self._classes.setCurrentIndex(max(self._classes.findData(chosen), 0))
        self._enable_steps()

    def show_entries(
        self, own: ReferenceEntry | None, entries: Sequence[ReferenceEntry], *, note: str
    ) -> None:
        """Show other tiles; their crops come by ``show_image`` and ``show_own``.

        Args:
            own: The cell being judged, or None where none is chosen.
            entries: The reference cells, in order.
            note: What stands beside the class.
        """
        for tile in self._all():
            tile.hide()
            tile.setParent(None)
            tile.deleteLater()
        self._own = None
        self._take_height()
        if own is not None:
            self._own = ReferenceTile(own, self._theme, self._side, self)
            self._own_place.insertWidget(0, self._own)
        self.tiles = []
        for entry in entries:
            self._append(entry)
        self._note.show_text(note)

    def add_entry(self, entry: ReferenceEntry, image: QImage) -> None:
        """Show one more tile at the end."""
        self._append(entry).set_image(image)

    def show_own(self, image: QImage) -> None:
        """Show the crop of the cell being judged."""
        if self._own is not None:
            self._own.set_image(image)

    def show_image(self, cell_id: int, image: QImage) -> None:
        """Show the crop of a reference cell of the workspace."""
        for tile in self.tiles:
            if tile.entry.cell_id == cell_id:
                tile.set_image(image)

    def show_note(self, note: str) -> None:
        """Say something else beside the class."""
        self._note.show_text(note)

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (−1) class."""
        target = self._classes.currentIndex() + by
        if 0 <= target < self._classes.count():
            self._classes.setCurrentIndex(target)
            self._choose(target)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        for tile in self._all():
            tile.set_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the wheel move the row sideways."""
        if isinstance(event, QWheelEvent) and event.angleDelta().y():
            bar = self._scroll.horizontalScrollBar()
            bar.setValue(bar.value() - event.angleDelta().y())
            return True
        return super().eventFilter(watched, event)

    def _choose(self, index: int) -> None:
        self._enable_steps()
        self.class_chosen.emit(str(self._classes.itemData(index)))

    def _enable_steps(self) -> None:
        at, n = self._classes.currentIndex(), self._classes.count()
        self._previous.setEnabled(at > 0)
        self._next.setEnabled(at + 1 < n)

    def _take_height(self) -> None:
        """Show larger pictures where the window has the room."""
        self._side = LARGE_SIDE if self.window().height() >= _HIGH else SMALL_SIDE
        bar = self._scroll.horizontalScrollBar().sizeHint().height()
        self._scroll.setFixedHeight(tile_height(self, self._side) + 2 * TIGHT + bar)

    def _all(self) -> list[ReferenceTile]:
        return [*([self._own] if self._own else []), *self.tiles]

    def _append(self, entry: ReferenceEntry) -> ReferenceTile:
        tile = ReferenceTile(entry, self._theme, self._side, self)
        if entry.cell_id is not None:
            tile.clicked.connect(lambda: self.pressed.emit(entry.cell_id))
            tile.removed.connect(self.removed)
        top = Qt.AlignmentFlag.AlignTop
        self._row.insertWidget(self._row.count() - 1, tile, 0, top)  # before the stretch
        self.tiles.append(tile)
        return tile

    def _button(self, text: str, tip: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.step(by))
        return button

    def _lay_out(self) -> None:
        close = QToolButton(self)
        close.setText("Hide")
        close.setToolTip("Hide the reference cells (R)")
        close.setProperty("flat", True)
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(MEDIUM, TIGHT, SMALL, 0)
        head.setSpacing(TIGHT)
        title = QLabel("Reference cells", self)
        for widget in (title, self._previous, self._classes, self._next):
            head.addWidget(widget)
        head.addSpacing(TIGHT)
        head.addWidget(self._note, 1)
        head.addWidget(close)
        inside = QWidget(self)
        self._row.setContentsMargins(SMALL, TIGHT, SMALL, TIGHT)
        self._row.setSpacing(TIGHT)
        self._row.addStretch(1)
        inside.setLayout(self._row)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().installEventFilter(self)
        self._own_place.setContentsMargins(SMALL, TIGHT, 0, TIGHT)
        self._own_place.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(TIGHT)
        body.addLayout(self._own_place)
        body.addSpacing(MEDIUM)
        body.addWidget(self._scroll, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(body)
        self._take_height()
