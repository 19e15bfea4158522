"""Sliders for brightness, contrast and gamma of the large crop."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from wbc_desktop.gui.inspector.crop_tones import GAMMA_HIGH, REACH, Tones, gamma_words, signed
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

_STEP, _PAGE = 2, 20


class ToneSliders(QWidget):
    """Three sliders; what they say is a ``Tones``.

    Signals:
        changed: The ``Tones`` that the reader has set.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brightness = self._slider("Brightness")
        self._contrast = self._slider("Contrast")
        self._gamma = self._slider("Gamma")
        self._values = {s: QLabel(self) for s in (self._brightness, self._contrast, self._gamma)}
        grid = QGridLayout(self)
        grid.setContentsMargins(MEDIUM, TIGHT, MEDIUM, SMALL)
        grid.setHorizontalSpacing(SMALL)
        grid.setVerticalSpacing(TIGHT)
        for row, (slider, value) in enumerate(self._values.items()):
            title = QLabel(slider.accessibleName(), self)
            set_rank(title, "second")
            value.setFont(figures(self.font()))
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("−1000"))
            grid.addWidget(title, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(value, row, 2)
        grid.setColumnStretch(1, 1)
        self.set_tones(Tones())

    @property
    def tones(self) -> Tones:
        """What the sliders say."""
        return Tones(
            brightness=self._brightness.value(),
            contrast=self._contrast.value(),
            gamma=_gamma_at(self._gamma.value()),
        )

    def set_tones(self, tones: Tones) -> None:
        """Show tones without telling."""
        for slider, value in (
            (self._brightness, tones.brightness),
            (self._contrast, tones.contrast),
            (self._gamma, _place_of(tones.gamma)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(value)
        self._show_values()

    def take_keyboard(self) -> None:
        """Give the keyboard to the first slider."""
        self._brightness.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(-REACH, REACH)
        slider.setSingleStep(_STEP)
        slider.setPageStep(_PAGE)
        slider.setAccessibleName(name)
        slider.setToolTip(f"{name} of the large cell, for display only; arrow keys change it")
        slider.setMinimumWidth(60)
        slider.valueChanged.connect(self._tell)
        return slider

    def _tell(self) -> None:
        self._show_values()
        self.changed.emit(self.tones)

    def _show_values(self) -> None:
        tones = self.tones
        self._values[self._brightness].setText(signed(tones.brightness))
        self._values[self._contrast].setText(signed(tones.contrast))
        self._values[self._gamma].setText(gamma_words(tones.gamma))


def _gamma_at(place: int) -> int:
    """Return the gamma of a place of its slider: equal ways are equal factors."""
    return round(100 * math.pow(GAMMA_HIGH / 100, place / REACH))


def _place_of(gamma: int) -> int:
    """Return the place on its slider that comes nearest to a gamma."""
    places = range(-REACH, REACH + 1)
    return min(places, key=lambda place: abs(_gamma_at(place) - gamma))
