"""Brightness, contrast and gamma of the large crop: for looking only, never written anywhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

REACH = 100  # of brightness and contrast, to either side
GAMMA_HIGH = 400  # percent; the lowest is its inverse


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
        slope = 4.0 ** (self.contrast / REACH)
        changed = (values - 0.5) * slope + 0.5 + self.brightness / (2.0 * REACH)
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


def toned(image: QImage, tones: Tones) -> QImage:
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
