"""Bottom strip: every class with its colour, code, key and count. Click it or drop cells on it."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.gallery.input.drag import cell_ids_of
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT, Theme, figures, hairline, mix

_BUTTON_WIDTH = 60
_BAR = 4


def in_key_order(taxonomy: Taxonomy) -> tuple[CellClass, ...]:
    """Return the classes as the palette shows them: 1 to 9, 0, then the letters."""
    digits = "1234567890"
    classes = sorted(
        taxonomy.offered,
        key=lambda c: digits.index(c.hotkey) if c.hotkey and c.hotkey in digits else len(digits),
    )
    return tuple(classes)


class ClassPalette(QWidget):
    """All classes side by side, in as few rows as the width allows.

    Signals:
        chosen: A class was clicked; its id.
        dropped: Cells were dropped on a class; their ids and the class id.
    """

    chosen = Signal(str)
    dropped = Signal(object, str)

    def __init__(self, taxonomy: Taxonomy, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self._theme = theme
        self._keys: KeyMap | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SMALL, TIGHT, SMALL, SMALL)
        self._grid.setSpacing(TIGHT)
        self._buttons: dict[str, ClassButton] = {}
        self._columns = self._room = 0
        self.set_taxonomy(taxonomy)

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Show the classes of another taxonomy."""
        self._ordinals = taxonomy.ordinals
        for button in self._buttons.values():
            self._grid.removeWidget(button)
            button.deleteLater()
        self._buttons = {}
        for cell_class in in_key_order(taxonomy):
            button = ClassButton(cell_class, self._theme, self, own=taxonomy.own(cell_class.id))
            button.clicked.connect(partial(self._choose, cell_class.id))
            button.dropped.connect(self.dropped)
            self._buttons[cell_class.id] = button
        self._columns = 0
        self._arrange(self._fitting())
        if self._keys is not None:
            self.show_keys(self._keys)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        for button in self._buttons.values():
            button.set_theme(theme)

    def show_counts(self, counts: Mapping[int, int]) -> None:
        """Write the count of each class, by ordinal."""
        for class_id, button in self._buttons.items():
            button.set_count(counts.get(self._ordinals[class_id], 0))

    def show_keys(self, keys: KeyMap) -> None:
        """Write the keys that the classes have now, and follow their changes."""
        if self._keys is None:
            keys.subscribe(lambda: self.show_keys(keys))
        self._keys = keys
        for class_id, button in self._buttons.items():
            button.set_key(keys.of_class(class_id))

    def button(self, class_id: str) -> "ClassButton":
        """Return the button of a class."""
        return self._buttons[class_id]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Break into rows of equal length where the width is too small for one."""
        super().resizeEvent(event)
        self._room = self.width()
        self._arrange(self._fitting())

    def _fitting(self) -> int:
        """Return how many columns give rows of equal length within the width."""
        n = len(self._buttons)
        if not self._room:  # not laid out yet: a column of buttons would make the window high
            return n
        fitting = max(1, (self._room - 2 * SMALL + TIGHT) // (_BUTTON_WIDTH + TIGHT))
        rows = -(-n // min(fitting, n))
        return -(-n // rows)

    def _choose(self, class_id: str) -> None:
        self.chosen.emit(class_id)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for i, button in enumerate(self._buttons.values()):
            self._grid.addWidget(button, i // columns, i % columns)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Allow any width: the rows follow it."""
        return QSize(6 * _BUTTON_WIDTH, super().minimumSizeHint().height())


class ClassButton(QAbstractButton):
    """One class: a bar in its colour, its code, its key and its count.

    Signals:
        dropped: Cell ids and the class id.
    """

    dropped = Signal(object, str)

    def __init__(
        self, cell_class: CellClass, theme: Theme, parent: QWidget, *, own: bool = False
    ) -> None:
        super().__init__(parent)
        self._class = cell_class
        self._own = own
        self._key = cell_class.hotkey
        self._theme = theme
        self._count = 0
        self._target = False
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the gallery
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def set_key(self, key: str) -> None:
        """Write the key that gives the label; empty if none does."""
        self._key = key
        self.set_count(self._count)

    def set_count(self, count: int) -> None:
        """Write how many cells carry the class."""
        self._count = count
        kind = "" if self._class.counted else ", not part of the 100 %"
        kind += ", of this workspace: the model does not know it" if self._own else ""
        key = f" ({self._key})" if self._key else ""
        self.setToolTip(f"{self._class.name}{kind}{key}")
        said = f"key {self._key}" if self._key else "no key"
        self.setAccessibleName(f"{self._class.name}, {said}, {count:,} cells")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Two lines of text."""
        return QSize(_BUTTON_WIDTH, 2 * self.fontMetrics().height() + 2 * TIGHT + 2)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Show that the mouse has gone."""
        super().leaveEvent(event)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take cells, and show it."""
        if cell_ids_of(event.mimeData()):
            self._target = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """Stop showing it."""
        self._target = False
        self.update()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Label the dropped cells."""
        self._target = False
        self.update()
        event.acceptProposedAction()
        self.dropped.emit(cell_ids_of(event.mimeData()), self._class.id)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw bar, code, key and count."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(0, 0, -1, -1)
        ground = theme.surface
        if self.underMouse():
            ground = mix(theme.text, theme.surface, 0.06)
        if self.isDown():
            ground = mix(theme.text, theme.surface, 0.14)
        outline = QPen(QColor(hairline(theme)), 1)
        if self._target or self.hasFocus():
            outline = QPen(QColor(theme.accent), 2)
        if self._target:
            ground = mix(theme.accent, theme.surface, 0.16)
        painter.setPen(outline)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 4, 4)
        bar = QRect(TIGHT, TIGHT + 1, _BAR, self.height() - 2 * TIGHT - 2)
        painter.fillRect(bar, QColor(theme.class_colour(self._class)))
        if self._own:  # a broken bar: no prediction stands behind this class
            gap = bar.height() // 5
            painter.fillRect(bar.adjusted(0, gap, 0, -3 * gap), QColor(ground))
            painter.fillRect(bar.adjusted(0, 3 * gap, 0, -gap), QColor(ground))
        left = TIGHT + _BAR + TIGHT + 1
        area = QRect(left, TIGHT, self.width() - left - TIGHT - 2, self.height() - 2 * TIGHT)
        font = figures(self.font())
        painter.setFont(font)
        painter.setPen(QColor(theme.text2))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self._key)
        painter.drawText(
            area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, f"{self._count:,}"
        )
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        painter.drawText(
            area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._class.code
        )
        painter.end()
