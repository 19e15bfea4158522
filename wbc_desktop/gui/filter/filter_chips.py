"""The conditions of the filter as chips, each with its number of cells; a press removes one.

What does not fit into the row stands in a menu at its end, so that the row never grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import TIGHT, figures

_WIDEST = 240  # px; longer words are shortened, the tool tip has all of them
_REMOVING = {Qt.Key.Key_Delete}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True)
class ChipText:
    """What a chip says.

    Attributes:
        key: The condition, as ``domain/filter/keys`` names it.
        words: What it asks.
        n_cells: Cells of the chosen patients and slides that pass it alone.
        text: What it asks, as typed.
    """

    key: str
    words: str
    n_cells: int
    text: str

    @property
    def tip(self) -> str:
        """All of it, for a tool tip and a screen reader."""
        cells = f"{self.n_cells:,} cells pass this alone"
        return f"{self.words}: {cells}. Click or Del removes it.\n{self.text}"


class FilterChips(QWidget):
    """A row of chips.

    Signals:
        removed: The key of the condition to remove.
    """

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[ChipText, ...] = ()
        self._chips: list[QToolButton] = []
        self._icons: Icons | None = None
        self._more = QToolButton(self)
        self._more.setProperty("chip", True)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(QMenu(self._more))
        self._more.setToolTip("Conditions that do not fit here; choosing one removes it")
        self._more.hide()

    def show_chips(self, texts: Sequence[ChipText]) -> None:
        """Show other conditions; a chip that had the keyboard hands it to its neighbour."""
        if tuple(texts) == self._texts:
            return
        focused = next((i for i, chip in enumerate(self._chips) if chip.hasFocus()), None)
        self._texts = tuple(texts)
        while len(self._chips) > len(texts):
            chip = self._chips.pop()
            chip.hide()
            chip.deleteLater()
        while len(self._chips) < len(texts):
            self._chips.append(self._new_chip())
        for chip, text in zip(self._chips, texts, strict=True):
            self._write(chip, text)
        self.updateGeometry()
        self._arrange()
        if focused is not None and self._chips:
            self._chips[min(focused, len(self._chips) - 1)].setFocus()

    def chips(self) -> list[QToolButton]:
        """Return the chips in order."""
        return self._chips

    def texts(self) -> list[str]:
        """Return what the chips say, with their numbers."""
        return [f"{text.words} {text.n_cells:,}" for text in self._texts]

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._icons = icons
        for chip in self._chips:
            chip.setIcon(icons["clear"])

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for every chip."""
        widths = [chip.sizeHint().width() + TIGHT for chip in self._chips]
        return QSize(sum(widths), self._more.sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the menu of what does not fit."""
        width = self._more.sizeHint().width() if self._chips else 0
        return QSize(width, self._more.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show as many chips as fit."""
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]  # noqa: N802 - we watch chips only
        """Let Del remove a chip, and the arrow keys move between chips."""
        if not isinstance(event, QKeyEvent) or watched not in self._chips:
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key not in _REMOVING and key not in _STEPS:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            at = next(i for i, chip in enumerate(self._chips) if chip is watched)
            if key in _REMOVING:
                self.removed.emit(self._texts[at].key)
            else:
                shown = [each for each in (*self._chips, self._more) if not each.isHidden()]
                shown[(at + _STEPS[key]) % len(shown)].setFocus()
        return True

    def _new_chip(self) -> QToolButton:
        chip = QToolButton(self)
        chip.setProperty("chip", True)
        chip.setFont(figures(self.font()))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # The cross stands at the end, where closing signs stand.
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setIconSize(QSize(12, 12))
        if self._icons is not None:
            chip.setIcon(self._icons["clear"])
        chip.clicked.connect(lambda: self._remove(chip))
        chip.installEventFilter(self)
        return chip

    def _write(self, chip: QToolButton, text: ChipText) -> None:
        metrics = QFontMetrics(chip.font())
        words = metrics.elidedText(text.words, Qt.TextElideMode.ElideMiddle, _WIDEST)
        # Marks keep the words in their own direction in a button laid out from the right.
        chip.setText(f"\u200e{words}  {text.n_cells:,}\u200e".replace("&", "&&"))
        chip.setToolTip(text.tip)
        chip.setAccessibleName(f"{text.words}, {text.n_cells:,} cells")
        chip.setAccessibleDescription("Press to remove this condition")

    def _remove(self, chip: QToolButton) -> None:
        for each, text in zip(self._chips, self._texts, strict=True):
            if each is chip:
                self.removed.emit(text.key)
                return

    def _arrange(self) -> None:
        sizes = [chip.sizeHint() for chip in self._chips]
        fit = self._how_many_fit([size.width() for size in sizes])
        x = 0
        for i, (chip, size) in enumerate(zip(self._chips, sizes, strict=True)):
            chip.setGeometry(x, (self.height() - size.height()) // 2, size.width(), size.height())
            chip.setVisible(i < fit)
            x += size.width() + TIGHT if i < fit else 0
        self._fill_more(self._texts[fit:])
        size = self._more.sizeHint()
        self._more.setGeometry(x, (self.height() - size.height()) // 2, size.width(), size.height())
        self._more.setVisible(fit < len(self._chips))

    def _how_many_fit(self, widths: list[int]) -> int:
        if sum(widths) + TIGHT * (len(widths) - 1) <= self.width():
            return len(widths)
        room = self.width() - self._more.sizeHint().width()
        fit = 0
        for width in widths:
            room -= width + TIGHT
            if room < 0:
                break
            fit += 1
        return fit

    def _fill_more(self, texts: Sequence[ChipText]) -> None:
        alone = len(texts) == len(self._texts)
        self._more.setText(counted(len(texts), "filter") if alone else f"+{len(texts)}")
        self._more.setAccessibleName(f"{len(texts)} more conditions")
        menu = self._more.menu()
        menu.clear()
        for text in texts:
            action = menu.addAction(f"{text.words}  {text.n_cells:,}".replace("&", "&&"))
            if self._icons is not None:
                action.setIcon(self._icons["clear"])
            action.triggered.connect(lambda _on=False, key=text.key: self.removed.emit(key))
