"""The strip above compared cells: how many, in which unit the zoom is locked, scale bar, zoom."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from wbc_desktop.gui.compare.shared_viewport import ZoomUnit, bar_length_um
from wbc_desktop.gui.inspector.crop_strip import zoom_words
from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, Theme, figures, set_rank

_SAME_UM = "All crops at the same micrometres per screen pixel: a larger cell looks larger"
_SAME_PIXELS = "All crops at the same number of screen pixels per crop pixel"
_BAR_MAX_WIDTH = 72  # px, at most
_FULL_WIDTH = 520  # px; below this the buttons alone fit


class CompareBar(QWidget):
    """Says what is compared and lets the reader choose the unit of the zoom.

    Signals:
        unit_chosen: The reader wants another unit.
        fit_asked: Show the whole crops again.
        left: Go back to the gallery.
    """

    unit_chosen = Signal(object)
    fit_asked = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._text.setFont(figures(self.font()))
        self._units = {
            ZoomUnit.MICROMETRE: self._unit_button("Same µm", _SAME_UM, ZoomUnit.MICROMETRE),
            ZoomUnit.PIXEL: self._unit_button("Same pixels", _SAME_PIXELS, ZoomUnit.PIXEL),
        }
        group = QButtonGroup(self)
        for button in self._units.values():
            group.addButton(button)
        self._scale = SharedScaleBar(theme, self)
        self._zoom = QLabel(self)
        self._zoom.setFont(figures(self.font()))
        self._zoom.setToolTip("Screen pixels per pixel of the crop with the focus (Z shows 1:1)")
        self._zoom.setFixedWidth(self._zoom.fontMetrics().horizontalAdvance("0.88×") + TIGHT)
        set_rank(self._zoom, "second")
        fit = self._button("Whole", "Show the crops whole again (Z)")
        fit.clicked.connect(self.fit_asked)
        back = self._button("Close", "Go back to the gallery (Esc)")
        back.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM, TIGHT, SMALL, TIGHT)
        row.setSpacing(SMALL)
        row.addWidget(self._text, 1)
        for widget in (*self._units.values(), self._scale, self._zoom, fit, back):
            row.addWidget(widget)

    @property
    def text(self) -> str:
        """What is compared."""
        return self._text.whole

    def unit_button(self, unit: ZoomUnit) -> QToolButton:
        """Return the button of a unit."""
        return self._units[unit]

    def show_cells(self, text: str, *, n_without_scale: int) -> None:
        """Say what is compared.

        Args:
            text: How many of how many cells.
            n_without_scale: Cells whose µm per pixel is not known; with any the zoom cannot be
                in micrometres.
        """
        self._text.show_text(text)
        button = self._units[ZoomUnit.MICROMETRE]
        button.setEnabled(not n_without_scale)
        why = f"The scale of {n_without_scale} of these cells is not known"
        button.setToolTip(why if n_without_scale else _SAME_UM)

    def show_zoom(self, unit: ZoomUnit, *, crop_zoom: float, px_per_um: float | None) -> None:
        """Say how the crops are shown.

        Args:
            unit: Of the locked zoom.
            crop_zoom: Device pixels per pixel of the crop with the focus.
            px_per_um: Device-independent pixels per µm, or None where the panes differ.
        """
        self._units[unit].setChecked(True)
        self._zoom.setText(zoom_words(crop_zoom))
        self._scale.show_scale(px_per_um)
        self._show_figures()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._scale.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the figures out where the buttons need the room."""
        super().resizeEvent(event)
        self._show_figures()

    def _show_figures(self) -> None:
        roomy = self.width() >= _FULL_WIDTH
        self._zoom.setVisible(roomy)
        self._scale.setVisible(roomy and self._scale.length_um > 0)

    def _unit_button(self, text: str, tip: str, unit: ZoomUnit) -> QToolButton:
        button = self._button(text, tip)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.unit_chosen.emit(unit))
        return button

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return button


class SharedScaleBar(QWidget):
    """A length in micrometres that holds for every pane."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._um = 0
        self._px = 0.0
        self.hide()

    @property
    def length_um(self) -> int:
        """What the bar stands for in µm; 0 where no length holds for every pane."""
        return self._um

    def show_scale(self, px_per_um: float | None) -> None:
        """Draw a round length, or nothing.

        Args:
            px_per_um: Device-independent pixels per µm, or None.
        """
        self._um = 0 if px_per_um is None else bar_length_um(px_per_um, _BAR_MAX_WIDTH)
        self._px = self._um * (px_per_um or 0.0)
        self.setAccessibleName(f"Scale bar, {self._um} µm" if self._um else "")
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One width for every length, so that nothing moves while zooming."""
        return QSize(_BAR_MAX_WIDTH + 2 * SMALL, self.fontMetrics().height() + TIGHT + 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the length and below it the bar."""
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(figures(self.font()))
        words = QRect(0, 0, self.width(), self.fontMetrics().height())
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, f"{self._um} µm")
        width = min(round(self._px), self.width())
        left = (self.width() - width) // 2
        top = words.bottom() + TIGHT // 2
        painter.fillRect(left, top, width, 2, QColor(self._theme.text))
        painter.end()
