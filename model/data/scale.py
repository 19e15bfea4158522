"""Scale: show the network every cell at about the same size, whatever the camera.

A crop whose µm per pixel is known is cut to a 25 µm window. Otherwise the nucleus is found in
the crop and the window is a fixed multiple of its spread; where no nucleus can be found the whole
crop is taken, and the result says so. Only numpy and Pillow: this runs on every crop of every
import, in a thread pool, and must stay near one millisecond.

To add another way of knowing the scale, give it a `ScaleSource`, return a `Window` for it, and
put it in the right place in `find_window`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUT_SIZE: Final = 128  # px, the side of the square the network reads
WINDOW_UM: Final = 25.0  # µm shown where the scale is known
WINDOW_PER_NUCLEUS: Final = 2.1  # so that a nucleus 11.9 µm across also gives a 25 µm window
LARGEST_WINDOW: Final = 1024  # px; what would show more is reduced first, to bound the memory
SEARCH_SIZE: Final = 64  # px, longest side of the reduced crop in which the nucleus is sought
WINDOW_RANGE: Final = (0.42, 1.15)  # an estimated window's side, in shorter sides of the crop
MIN_CONTRAST: Final = 0.15  # optical density a nucleus must have above its ground
NUCLEUS_LEVEL: Final = 0.55  # of the seed's density: where the nucleus ends
AREA_RANGE: Final = (0.002, 0.85)  # share of the crop that a nucleus may take
CENTRE_SIGMA: Final = 0.22  # of the crop's side: how near its centre the cell is expected


class ScaleSource(IntEnum):
    """How a crop's window was found."""

    KNOWN = 0  # from µm per pixel
    ESTIMATED = 1  # from the nucleus
    WHOLE_CROP = 2  # no nucleus was found


@dataclass(frozen=True)
class Window:
    """A square in a crop; it may reach beyond the crop's border.

    Attributes:
        x: centre, px from the left border.
        y: centre, px from the upper border.
        side: px.
        source: how it was found.
    """

    x: float
    y: float
    side: float
    source: ScaleSource


@dataclass(frozen=True)
class NucleusEstimate:
    """The nucleus found in a crop: its centre and diameter, all in px of the crop."""

    x: float
    y: float
    diameter: float


def preprocess(
    crop: NDArray[np.uint8], um_per_px: float | None = None, *, size: int = INPUT_SIZE
) -> tuple[NDArray[np.uint8], ScaleSource]:
    """Cut a crop to its window and resample it to the network's input.

    Args:
        crop: uint8 (h, w, 3), sRGB, any size.
        um_per_px: the crop's scale where known, > 0.
        size: px, the side of the result.

    Returns:
        uint8 (size, size, 3), and how the window was found.

    Raises:
        ValueError: the scale is not a number above 0.
    """
    window = find_window(crop, um_per_px)
    return cut(crop, window, size=size), window.source


def find_window(crop: NDArray[np.uint8], um_per_px: float | None = None) -> Window:
    """Choose the square to show: by the known scale, else by the nucleus, else the whole crop.

    Args:
        crop: uint8 (h, w, 3), sRGB.
        um_per_px: the crop's scale where known, > 0.

    Raises:
        ValueError: the scale is not a number above 0.
    """
    height, width = crop.shape[:2]
    if um_per_px is not None:
        if not (math.isfinite(um_per_px) and um_per_px > 0):
            raise ValueError(f"the scale must be a number of µm per px above 0, not {um_per_px}")
        side = max(1.0, WINDOW_UM / um_per_px)
        return Window(width / 2, height / 2, side, ScaleSource.KNOWN)
    nucleus = find_nucleus(crop)
    if nucleus is None:
        return Window(width / 2, height / 2, max(height, width), ScaleSource.WHOLE_CROP)
    short = min(height, width)
    side = float(np.clip(nucleus.diameter * WINDOW_PER_NUCLEUS, *(short * s for s in WINDOW_RANGE)))
    return Window(nucleus.x, nucleus.y, side, ScaleSource.ESTIMATED)


def cut(crop: NDArray[np.uint8], window: Window, *, size: int = INPUT_SIZE) -> NDArray[np.uint8]:
    """Resample a window to a square; what lies beyond the crop takes its ground colour.

    Args:
        crop: uint8 (h, w, 3), sRGB.
        window: the square to show.
        size: px, the side of the result.

    Returns:
        uint8 (size, size, 3).
    """
    shown = crop
    if window.side > LARGEST_WINDOW:
        shown, window = reduced(crop, window)
    height, width = shown.shape[:2]
    half = window.side / 2
    box = (window.x - half, window.y - half, window.x + half, window.y + half)
    image = Image.fromarray(shown)
    margin = int(np.ceil(max(0.0, -box[0], -box[1], box[2] - width, box[3] - height)))
    if margin:
        canvas = Image.new("RGB", (width + 2 * margin, height + 2 * margin), ground_colour(crop))
        canvas.paste(image, (margin, margin))
        image = canvas
    left, top, right, bottom = (edge + margin for edge in box)
    box = (left, top, min(right, image.width), min(bottom, image.height))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))


def reduced(crop: NDArray[np.uint8], window: Window) -> tuple[NDArray[np.uint8], Window]:
    """Shrink a crop, and its window with it, until the window is `LARGEST_WINDOW` wide.

    A scale that is wrong by its unit asks for a window of a thousand crops; only the ground around
    the crop would fill the memory.

    Args:
        crop: uint8 (h, w, 3), sRGB.
        window: wider than `LARGEST_WINDOW`.

    Returns:
        uint8 (h', w', 3), at least one pixel each way, and the window in its px.
    """
    height, width = crop.shape[:2]
    factor = LARGEST_WINDOW / window.side
    shape = max(1, round(width * factor)), max(1, round(height * factor))
    small = np.asarray(Image.fromarray(crop).resize(shape, Image.Resampling.BOX))
    x, y = window.x * shape[0] / width, window.y * shape[1] / height
    return small, replace(window, x=x, y=y, side=float(LARGEST_WINDOW))


def ground_colour(crop: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Return the median colour of the brighter half of a crop's outermost pixels.

    The brighter half, because in a tight crop much of the border is cell.

    Args:
        crop: uint8 (h, w, 3), sRGB.
    """
    border = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    brightness = border.sum(axis=1, dtype=np.uint16)
    ground = border[brightness >= np.median(brightness)]
    red, green, blue = (int(value) for value in np.median(ground, axis=0))
    return red, green, blue


def find_nucleus(crop: NDArray[np.uint8]) -> NucleusEstimate | None:
    """Find the nucleus nearest the centre by its optical density.

    Red cells and eosin take little of the red light and nuclei take much, so density in red
    separates a nucleus from what lies around it in every stain seen so far. The lobes of one
    nucleus are bridged; its diameter is that of the disc of equal area or of equal spread (second
    moment), whichever is larger, so that lobed nuclei count by the room they take.

    Args:
        crop: uint8 (h, w, 3), sRGB.

    Returns:
        The nucleus in px of the crop, or None where nothing plausible stands out.
    """
    height, width = crop.shape[:2]
    factor = SEARCH_SIZE / max(height, width)
    shape = max(1, round(width * factor)), max(1, round(height * factor))
    reduced = Image.fromarray(crop).resize(shape, Image.Resampling.BOX)
    density = nuclear_density(np.asarray(reduced))
    seed = central_seed(density)
    level = float(density[seed])
    if level < MIN_CONTRAST:
        return None
    region = connected_region(density > NUCLEUS_LEVEL * level, seed)
    area = int(region.sum())
    if not AREA_RANGE[0] <= area / region.size <= AREA_RANGE[1]:
        return None
    rows, columns = np.nonzero(region)
    spread = float(np.sqrt(8.0 * (rows.var() + columns.var())))  # a disc's diameter is √8 σ
    diameter = max(spread, 2.0 * float(np.sqrt(area / np.pi)))
    x, y = float(columns.mean()) + 0.5, float(rows.mean()) + 0.5
    return NucleusEstimate(x * width / shape[0], y * height / shape[1], diameter / factor)


def nuclear_density(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Optical density that nuclei have and red cells lack, above the image's own ground.

    Args:
        image: uint8 (h, w, 3), sRGB.

    Returns:
        float32 (h, w), about 0 on the ground and 0.5..2.5 in a nucleus, slightly smoothed.
    """
    red_green = image[..., :2].astype(np.float32) + 1.0  # (h, w, 2)
    ground = np.percentile(red_green.reshape(-1, 2), 90, axis=0)
    density = np.maximum(np.log(ground.astype(np.float32) / red_green), 0.0)
    score: NDArray[np.float32] = density[..., 0] + 0.3 * density[..., 1]
    padded = np.pad(score, 1, mode="edge")
    rows = padded[:-2] + 2.0 * padded[1:-1] + padded[2:]
    smooth: NDArray[np.float32] = (rows[:, :-2] + 2.0 * rows[:, 1:-1] + rows[:, 2:]) / 16.0
    return smooth


def central_seed(density: NDArray[np.float32]) -> tuple[int, int]:
    """Return (row, column) of the densest pixel, those near the centre preferred."""
    height, width = density.shape
    sigma = CENTRE_SIGMA * max(height, width)
    y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / sigma
    x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / sigma
    weight = np.exp(-0.5 * y * y)[:, None] * np.exp(-0.5 * x * x)[None, :]
    row, column = np.unravel_index(int(np.argmax(density * weight)), density.shape)
    return int(row), int(column)


def connected_region(mask: NDArray[np.bool_], seed: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the part of a mask that hangs together with the seed, gaps of four px bridged.

    Args:
        mask: bool (h, w).
        seed: (row, column), inside the mask.

    Returns:
        bool (h, w), a subset of the mask.
    """
    bridged = dilate(dilate(mask))
    region = np.zeros_like(mask)
    region[seed] = True
    count = 0
    while (now := int(np.count_nonzero(region))) != count:
        count = now
        region = dilate(dilate(region)) & bridged
    connected: NDArray[np.bool_] = region & mask
    return connected


def dilate(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Grow a bool (h, w) mask by one pixel to all eight sides."""
    rows = mask.copy()
    rows[1:] |= mask[:-1]
    rows[:-1] |= mask[1:]
    grown = rows.copy()
    grown[:, 1:] |= rows[:, :-1]
    grown[:, :-1] |= rows[:, 1:]
    return grown
