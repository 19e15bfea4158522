"""What the person looks at and holds just now: selection, focus, hover, drag, rubber band."""

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QRect, QVariantAnimation
from PySide6.QtGui import QColor, QPainter

from wbc_desktop.gui.gallery.input.selection import Selection
from wbc_desktop.gui.gallery.layout import NOWHERE
from wbc_desktop.gui.gallery.scene import Hit, HitKind, Scene

_DURATION = 900  # ms
_STEPS = 12  # different strengths: no more repaints than the eye can tell


class Flash:
    """Cells that glow, and how strongly just now.

    Args:
        on_change: Called when they must be painted anew.
        owner: What is painted; nothing fades any more once it is gone.
    """

    def __init__(self, on_change: Callable[[], None], owner: QObject) -> None:
        self._on_change = on_change
        self._cells: frozenset[int] = frozenset()
        self._strength = 0
        self._fading = QVariantAnimation(owner)
        self._fading.setDuration(_DURATION)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._fading.valueChanged.connect(self._fade)

    @property
    def cells(self) -> frozenset[int]:
        """The cells that glow now."""
        return self._cells if self._strength else frozenset()

    def start(self, cell_ids: Iterable[int]) -> None:
        """Let cells glow and fade; those of an earlier call stop."""
        self.stop()
        self._cells = frozenset(cell_ids)
        if self._cells:
            self._strength = _STEPS
            self._fading.start()

    def stop(self) -> None:
        """Let nothing glow."""
        self._fading.stop()
        self._fade(0.0)

    def paint(
        self, painter: QPainter, frame: QRect, cell_id: int, *, width: int, colour: QColor
    ) -> None:
        """Paint the glow of a tile, if it has one.

        Args:
            painter: Where to.
            frame: The tile's rectangle with its frame.
            cell_id: The cell on it.
            width: Of the frame around crop and caption.
            colour: At full strength.
        """
        if not self._strength or cell_id not in self._cells:
            return
        shade = QColor(colour)
        shade.setAlphaF(self._strength / _STEPS)
        inner = frame.adjusted(width, width, -width, -width)
        for side in (
            QRect(frame.left(), frame.top(), frame.width(), width),
            QRect(frame.left(), inner.bottom() + 1, frame.width(), width),
            QRect(frame.left(), inner.top(), width, inner.height()),
            QRect(inner.right() + 1, inner.top(), width, inner.height()),
        ):
            painter.fillRect(side, shade)

    def _fade(self, value: object) -> None:
        strength = round(float(str(value)) * _STEPS)
        if strength != self._strength:
            self._strength = strength
            self._on_change()


class InteractionState:
    """State that is painted but belongs to no cell.

    Attributes:
        selection: Selected cells and focus.
        selected: Selected cells by section; empty where none is.
        hovered: Position under the mouse, or −1.
        hovered_header: Section whose header is under the mouse, or −1.
        target: Class that a drag is over, or None.
        band: The rubber band in content coordinates, or None.
        has_keys: The keyboard belongs to the gallery.
        keys_follow_mouse: Keys that label are for the cell under the mouse.
        flash: Cells that an undo has just changed.

    Args:
        selection: Changed elsewhere, read here.
        on_change: Called when something must be painted anew.
        owner: What is painted.
    """

    def __init__(self, selection: Selection, on_change: Callable[[], None], owner: QObject) -> None:
        self.selection = selection
        self.selected: tuple[int, ...] = ()
        self.hovered = NOWHERE
        self.hovered_header = NOWHERE
        self.target: int | None = None
        self.band: QRect | None = None
        self.has_keys = False
        self.keys_follow_mouse = False
        self.flash = Flash(on_change, owner)
        self._on_change = on_change

    def hover(self, hit: Hit) -> None:
        """The mouse is over something else."""
        header = hit.section if hit.kind in (HitKind.HEADER, HitKind.CHEVRON) else NOWHERE
        if (hit.position, header) != (self.hovered, self.hovered_header):
            self.hovered, self.hovered_header = hit.position, header
            self._on_change()

    def aim(self, ordinal: int | None) -> None:
        """A drag is over a class, or over none."""
        if ordinal != self.target:
            self.target = ordinal
            self._on_change()

    def stretch(self, band: QRect | None) -> None:
        """A rubber band is drawn, or no longer."""
        self.band = band
        self._on_change()

    def take_keys(self, has_keys: bool) -> None:
        """The keyboard came or went."""
        self.has_keys = has_keys
        self._on_change()

    def count_selected(self, scene: Scene) -> None:
        """Count the selected cells of each group."""
        ids = self.selection.ids
        starts = [section.start for section in scene.layout.sections]
        if len(ids):
            positions = scene.model.positions_of(ids)
            sections = np.searchsorted(starts, positions, side="right") - 1
            self.selected = tuple(np.bincount(sections, minlength=len(starts)).tolist())
        else:
            self.selected = ()
        self._on_change()
