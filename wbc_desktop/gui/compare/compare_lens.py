"""The one zoom and pan that all compared crops share.

Where the scale of every crop is known the zoom is in micrometres, so that a larger cell looks
larger; else, or if the reader asks for it, in pixels. Positions count from the middle of each crop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

LARGEST = 32.0  # device pixels per pixel of a crop
STEP = 1.2  # one notch of the wheel
_BAR_LENGTHS_UM = (50, 20, 10, 5, 2, 1)


class Unit(Enum):
    """What one step of the zoom is counted in."""

    MICROMETRE = "µm"
    PIXEL = "pixels"


@dataclass(frozen=True, kw_only=True)
class CropSize:
    """What the zoom needs to know of one crop.

    Attributes:
        width: Pixels.
        height: Pixels.
        um_per_px: Scale in µm per pixel, or None where it is not known.
    """

    width: int
    height: int
    um_per_px: float | None

    def per_pixel(self, unit: Unit) -> float:
        """Return the length of one pixel of the crop in a unit."""
        return self.um_per_px or 1.0 if unit is Unit.MICROMETRE else 1.0


@dataclass(frozen=True, kw_only=True)
class Lens:
    """Where every pane looks, and how closely.

    Attributes:
        unit: Of everything below.
        zoom: Device pixels per unit.
        x: From the middle of a crop to the middle of its pane, to the right, in units.
        y: The same, downwards.
        fitted: The largest crop is shown whole, and stays so when the window changes.
    """

    unit: Unit = Unit.PIXEL
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    fitted: bool = True

    def crop_zoom(self, crop: CropSize) -> float:
        """Return the device pixels per pixel of a crop."""
        return self.zoom * crop.per_pixel(self.unit)

    def fit(self, crops: Sequence[CropSize], width: float, height: float) -> "Lens":
        """Return the lens that shows the largest crop whole.

        Args:
            crops: All that are compared; without any the lens stays as it is.
            width: Of one stage in device pixels.
            height: The same.
        """
        if not crops:
            return self
        return replace(self, zoom=self._whole(crops, width, height), x=0.0, y=0.0, fitted=True)

    def actual_size(self, crop: CropSize) -> "Lens":
        """Return the lens that shows a crop pixel by pixel, at the same place."""
        return replace(self, zoom=1.0 / crop.per_pixel(self.unit), fitted=False)

    def is_actual_size(self, crop: CropSize) -> bool:
        """Tell whether a crop is shown pixel by pixel, and not because it happens to fit so."""
        return not self.fitted and abs(self.crop_zoom(crop) - 1.0) < 1e-6

    def zoomed(
        self,
        factor: float,
        crops: Sequence[CropSize],
        *,
        about: tuple[float, float],
        stage: tuple[float, float],
    ) -> "Lens":
        """Return a closer or wider lens that keeps one point where it is.

        Args:
            factor: Above 1 is closer.
            crops: All that are compared; they bound the zoom.
            about: The point, in device pixels from the middle of its pane.
            stage: Width and height of a stage in device pixels.
        """
        if not crops:
            return self
        largest = LARGEST / max(crop.per_pixel(self.unit) for crop in crops)
        one = 1.0 / max(crop.per_pixel(self.unit) for crop in crops)
        smallest = min(self._whole(crops, *stage), one)
        zoom = min(max(self.zoom * factor, smallest), largest)
        x = self.x + about[0] / self.zoom - about[0] / zoom
        y = self.y + about[1] / self.zoom - about[1] / zoom
        return self._held(x, y, zoom, crops)

    def moved(self, dx: float, dy: float, crops: Sequence[CropSize]) -> "Lens":
        """Return the lens after the crops were pulled by some device pixels."""
        if not crops:
            return self
        x, y = self.x - dx / self.zoom, self.y - dy / self.zoom
        return self._held(x, y, self.zoom, crops)

    def _whole(self, crops: Sequence[CropSize], width: float, height: float) -> float:
        widest = max(crop.width * crop.per_pixel(self.unit) for crop in crops)
        highest = max(crop.height * crop.per_pixel(self.unit) for crop in crops)
        return max(min(width / widest, height / highest), 1e-3)

    def _held(self, x: float, y: float, zoom: float, crops: Sequence[CropSize]) -> "Lens":
        """Keep the middle of the panes on the largest crop, so that it cannot be lost."""
        half_x = max(crop.width * crop.per_pixel(self.unit) for crop in crops) / 2
        half_y = max(crop.height * crop.per_pixel(self.unit) for crop in crops) / 2
        x = min(max(x, -half_x), half_x)
        y = min(max(y, -half_y), half_y)
        return replace(self, zoom=zoom, x=x, y=y, fitted=False)


def unit_for(crops: Sequence[CropSize]) -> Unit:
    """Return micrometres where every crop has a scale, else pixels."""
    return Unit.MICROMETRE if all(crop.um_per_px for crop in crops) else Unit.PIXEL


def bar_length_um(px_per_um: float, room: float) -> int:
    """Return how many µm a scale bar stands for: the longest round length that fits.

    Args:
        px_per_um: Zoom.
        room: Pixels that the bar may take; 1 µm is the answer where nothing fits.
    """
    return next((um for um in _BAR_LENGTHS_UM if um * px_per_um <= room), _BAR_LENGTHS_UM[-1])
