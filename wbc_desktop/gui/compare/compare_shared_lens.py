"""Keeps one lens before all panes: whoever zooms or pulls in one moves them all."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from wbc_desktop.gui.compare.compare_lens import STEP, CropSize, Lens, Unit, unit_for
from wbc_desktop.gui.compare.compare_pane import ComparePane


class SharedLens:
    """The lens of some panes.

    Args:
        panes: The panes shown now.
        on_change: Called after every change of the lens.
    """

    def __init__(
        self, panes: Callable[[], Sequence[ComparePane]], on_change: Callable[[], None]
    ) -> None:
        self._panes = panes
        self._on_change = on_change
        self.lens = Lens()

    def begin(self, scales: Sequence[float | None]) -> None:
        """Start anew with other cells: whole crops, in µm where every scale is known.

        Args:
            scales: µm per pixel of each cell, or None.
        """
        sizes = [CropSize(width=1, height=1, um_per_px=scale) for scale in scales]
        self._look(Lens(unit=unit_for(sizes)))

    def choose_unit(self, unit: Unit) -> None:
        """Lock the zoom in another unit and show the crops whole."""
        self.lens = replace(self.lens, unit=unit)
        self.fit()

    def fit(self) -> None:
        """Show the largest crop whole and the others at its zoom."""
        if self._panes():
            self._look(self.lens.fit(self._crops(), *self._stage()))

    def refit(self) -> None:
        """Keep fitted crops fitted."""
        if self.lens.fitted:
            self.fit()

    def zoom(self, notches: float, x: float = 0.0, y: float = 0.0) -> None:
        """Look closer or wider.

        Args:
            notches: Of the wheel; positive is closer.
            x: Of the point that stays, in device pixels from the middle of its stage.
            y: The same.
        """
        if self._panes():
            factor, crops = STEP**notches, self._crops()
            self._look(self.lens.zoomed(factor, crops, about=(x, y), stage=self._stage()))

    def pull(self, x: float, y: float) -> None:
        """Move every crop by some device pixels."""
        self._look(self.lens.moved(x, y, self._crops()))

    def toggle_actual_size(self, crop: CropSize) -> None:
        """Show a crop pixel by pixel and the others likewise, or all whole again."""
        if self.lens.is_actual_size(crop):
            self.fit()
        else:
            self._look(self.lens.actual_size(crop))

    def _crops(self) -> list[CropSize]:
        return [pane.crop for pane in self._panes() if pane.crop is not None]

    def _stage(self) -> tuple[float, float]:
        panes = self._panes()
        width = min(pane.stage.width() * pane.devicePixelRatioF() for pane in panes)
        height = min(pane.stage.height() * pane.devicePixelRatioF() for pane in panes)
        return width, height

    def _look(self, lens: Lens) -> None:
        self.lens = lens
        for pane in self._panes():
            pane.set_lens(lens)
        self._on_change()
