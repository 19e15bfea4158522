"""The one zoom and pan that all compared crops share.

Where the scale of every crop is known the zoom is in micrometres, so that a larger cell looks
larger; else, or if the reader asks for it, in pixels. Positions count from the middle of each crop.
``Viewport`` is the arithmetic, ``SharedViewport`` keeps one of them for all panes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wbc_desktop.gui.compare.compare_pane import ComparePane

MAX_ZOOM = 32.0  # device pixels per pixel of a crop
ZOOM_STEP = 1.2  # one notch of the wheel
_BAR_LENGTHS_UM = (50, 20, 10, 5, 2, 1)


class ZoomUnit(Enum):
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

    def per_pixel(self, unit: ZoomUnit) -> float:
        """Return the length of one pixel of the crop in a unit."""
        return self.um_per_px or 1.0 if unit is ZoomUnit.MICROMETRE else 1.0


@dataclass(frozen=True, kw_only=True)
class Viewport:
    """Where every pane looks, and how closely.

    Attributes:
        unit: Of everything below.
        zoom: Device pixels per unit.
        x: From the middle of a crop to the middle of its pane, to the right, in units.
        y: The same, downwards.
        fitted: The largest crop is shown whole, and stays so when the window changes.
    """

    unit: ZoomUnit = ZoomUnit.PIXEL
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    fitted: bool = True

    def crop_zoom(self, crop: CropSize) -> float:
        """Return the device pixels per pixel of a crop."""
        return self.zoom * crop.per_pixel(self.unit)

    def fit(self, crops: Sequence[CropSize], width: float, height: float) -> "Viewport":
        """Return the viewport that shows the largest crop whole.

        Args:
            crops: All that are compared; without any the viewport stays as it is.
            width: Of one stage in device pixels.
            height: The same.
        """
        if not crops:
            return self
        return replace(
            self, zoom=self._fitting_zoom(crops, width, height), x=0.0, y=0.0, fitted=True
        )

    def actual_size(self, crop: CropSize) -> "Viewport":
        """Return the viewport that shows a crop pixel by pixel, at the same place."""
        return replace(self, zoom=1.0 / crop.per_pixel(self.unit), fitted=False)

    def is_actual_size(self, crop: CropSize) -> bool:
        """Tell whether a crop is shown pixel by pixel, and not because it happens to fit so."""
        return not self.fitted and abs(self.crop_zoom(crop) - 1.0) < 1e-6

    def zoomed(
        self,
        factor: float,
        crops: Sequence[CropSize],
        *,
        anchor: tuple[float, float],
        stage: tuple[float, float],
    ) -> "Viewport":
        """Return a closer or wider viewport that keeps one point where it is.

        Args:
            factor: Above 1 is closer.
            crops: All that are compared; they bound the zoom.
            anchor: The point, in device pixels from the middle of its pane.
            stage: Width and height of a stage in device pixels.
        """
        if not crops:
            return self
        largest = MAX_ZOOM / max(crop.per_pixel(self.unit) for crop in crops)
        one = 1.0 / max(crop.per_pixel(self.unit) for crop in crops)
        smallest = min(self._fitting_zoom(crops, *stage), one)
        zoom = min(max(self.zoom * factor, smallest), largest)
        x = self.x + anchor[0] / self.zoom - anchor[0] / zoom
        y = self.y + anchor[1] / self.zoom - anchor[1] / zoom
        return self._clamped(x, y, zoom, crops)

    def panned(self, dx: float, dy: float, crops: Sequence[CropSize]) -> "Viewport":
        """Return the viewport after the crops were panned by some device pixels."""
        if not crops:
            return self
        x, y = self.x - dx / self.zoom, self.y - dy / self.zoom
        return self._clamped(x, y, self.zoom, crops)

    def _fitting_zoom(self, crops: Sequence[CropSize], width: float, height: float) -> float:
        widest = max(crop.width * crop.per_pixel(self.unit) for crop in crops)
        highest = max(crop.height * crop.per_pixel(self.unit) for crop in crops)
        return max(min(width / widest, height / highest), 1e-3)

    def _clamped(self, x: float, y: float, zoom: float, crops: Sequence[CropSize]) -> "Viewport":
        """Keep the middle of the panes on the largest crop, so that it cannot be lost."""
        half_x = max(crop.width * crop.per_pixel(self.unit) for crop in crops) / 2
        half_y = max(crop.height * crop.per_pixel(self.unit) for crop in crops) / 2
        x = min(max(x, -half_x), half_x)
        y = min(max(y, -half_y), half_y)
        return replace(self, zoom=zoom, x=x, y=y, fitted=False)


class SharedViewport:
    """The viewport of some panes.

    Args:
        panes: The panes shown now.
        on_change: Called after every change of the viewport.
    """

    def __init__(
        self, panes: "Callable[[], Sequence[ComparePane]]", on_change: Callable[[], None]
    ) -> None:
        self._panes = panes
        self._on_change = on_change
        self.viewport = Viewport()

    def reset(self, scales: Sequence[float | None]) -> None:
        """Start anew with other cells: whole crops, in µm where every scale is known.

        Args:
            scales: µm per pixel of each cell, or None.
        """
        sizes = [CropSize(width=1, height=1, um_per_px=scale) for scale in scales]
        self._set(Viewport(unit=unit_for(sizes)))

    def choose_unit(self, unit: ZoomUnit) -> None:
        """Lock the zoom in another unit and show the crops whole."""
        self.viewport = replace(self.viewport, unit=unit)
        self.fit()

    def fit(self) -> None:
        """Show the largest crop whole and the others at its zoom."""
        if self._panes():
            self._set(self.viewport.fit(self._crops(), *self._stage()))

    def refit(self) -> None:
        """Keep fitted crops fitted."""
        if self.viewport.fitted:
            self.fit()

    def zoom(self, notches: float, x: float = 0.0, y: float = 0.0) -> None:
        """Look closer or wider.

        Args:
            notches: Of the wheel; positive is closer.
            x: Of the point that stays, in device pixels from the middle of its stage.
            y: The same.
        """
        if self._panes():
            factor, crops = ZOOM_STEP**notches, self._crops()
            self._set(self.viewport.zoomed(factor, crops, anchor=(x, y), stage=self._stage()))

    def pan(self, x: float, y: float) -> None:
        """Move every crop by some device pixels."""
        self._set(self.viewport.panned(x, y, self._crops()))

    def toggle_actual_size(self, crop: CropSize) -> None:
        """Show a crop pixel by pixel and the others likewise, or all whole again."""
        if self.viewport.is_actual_size(crop):
            self.fit()
        else:
            self._set(self.viewport.actual_size(crop))

    def _crops(self) -> list[CropSize]:
        return [pane.crop for pane in self._panes() if pane.crop is not None]

    def _stage(self) -> tuple[float, float]:
        panes = self._panes()
        width = min(pane.stage.width() * pane.devicePixelRatioF() for pane in panes)
        height = min(pane.stage.height() * pane.devicePixelRatioF() for pane in panes)
        return width, height

    def _set(self, viewport: Viewport) -> None:
        self.viewport = viewport
        for pane in self._panes():
            pane.set_viewport(viewport)
        self._on_change()


def unit_for(crops: Sequence[CropSize]) -> ZoomUnit:
    """Return micrometres where every crop has a scale, else pixels."""
    return ZoomUnit.MICROMETRE if all(crop.um_per_px for crop in crops) else ZoomUnit.PIXEL


def bar_length_um(px_per_um: float, room: float) -> int:
    """Return how many µm a scale bar stands for: the longest round length that fits.

    Args:
        px_per_um: Zoom.
        room: Pixels that the bar may take; 1 µm is the answer where nothing fits.
    """
    return next((um for um in _BAR_LENGTHS_UM if um * px_per_um <= room), _BAR_LENGTHS_UM[-1])
