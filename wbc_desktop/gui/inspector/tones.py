"""Brightness, contrast and gamma of the large crop, and their sliders.

For looking only, never written anywhere.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

MAX_TONE = 100  # of brightness and contrast, to either side
MAX_GAMMA = 400  # percent; the lowest is its inverse
_STEP, _PAGE = 2, 20


@dataclass(frozen=True, kw_only=True)
class Tones:
    """How the values of a crop are changed on their way to the screen.

    Attributes:
        brightness: −100..100; 100 adds half of the full range.
        contrast: −100..100; 100 makes differences around mid-grey four times as large.
        gamma: Percent, 25..400; above 100 the middle tones become brighter, black and white stay.
    """

    brightness: int = 0
    contrast: int = 0
    gamma: int = 100

    @property
    def neutral(self) -> bool:
        """True if nothing is changed."""
        return self == Tones()

    def table(self) -> NDArray[np.uint8]:
        """Return what each value becomes, uint8 (256,)."""
        values = (np.arange(256) / 255.0) ** (100.0 / self.gamma)
        slope = 4.0 ** (self.contrast / MAX_TONE)
        changed = (values - 0.5) * slope + 0.5 + self.brightness / (2.0 * MAX_TONE)
        table: NDArray[np.uint8] = np.rint(255.0 * np.clip(changed, 0.0, 1.0)).astype(np.uint8)
        return table

    def words(self) -> str:
        """Return what is changed, in words; empty if nothing is."""
        parts = []
        if self.brightness:
            parts.append(f"brightness {signed(self.brightness)}")
        if self.contrast:
            parts.append(f"contrast {signed(self.contrast)}")
        if self.gamma != 100:
            parts.append(f"gamma {gamma_words(self.gamma)}")
        return ", ".join(parts)


def signed(value: int) -> str:
    """Return a whole number with its sign; 0 has none."""
    return f"{value:+d}".replace("-", "−") if value else "0"


def gamma_words(percent: int) -> str:
    """Return a gamma as people write it: 1.00 for 100."""
    return f"{percent / 100:.2f}"


def apply_tones(image: QImage, tones: Tones) -> QImage:
    """Return an image as tones show it; the image itself if they are neutral.

    Args:
        image: Of any format; it is not changed.
        tones: What to change.
    """
    if tones.neutral or image.isNull():
        return image
    result = image.convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(result.bits(), dtype=np.uint8)
    np.take(tones.table(), pixels, out=pixels)
    return result


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
            (self._gamma, _slider_value(tones.gamma)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(value)
        self._show_values()

    def take_keyboard(self) -> None:
        """Give the keyboard to the first slider."""
        self._brightness.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(-MAX_TONE, MAX_TONE)
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


def _gamma_at(value: int) -> int:
    """Return the gamma of a slider value: equal ways are equal factors."""
    return round(100 * math.pow(MAX_GAMMA / 100, value / MAX_TONE))


def _slider_value(gamma: int) -> int:
    """Return the slider value that comes nearest to a gamma."""
    values = range(-MAX_TONE, MAX_TONE + 1)
    return min(values, key=lambda value: abs(_gamma_at(value) - gamma))
