"""Paints 100,000 points in some milliseconds: straight into the pixels of an image, with numpy.

A point is a stencil, a few pixels around its centre. The stencils differ in shape as well as in
size, so that a person's label is told from the model's without its colour. To add a mark, add its
stencil and a layer that uses it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARGIN = 16  # px around the image, so that a point at its edge needs no test
_OPAQUE = 0xFF000000

Stencil = NDArray[np.int64]
"""int64 (m, 2): the pixels of a mark, right of and below its centre."""


def disc(radius: float) -> Stencil:
    """Return a filled disc: the model's class."""
    return _stencil(lambda x, y: x * x + y * y <= radius * radius, radius)


def diamond(radius: float) -> Stencil:
    """Return a filled diamond: a person's label."""
    return _stencil(lambda x, y: np.abs(x) + np.abs(y) <= radius, radius)


@dataclass(frozen=True, eq=False)
class Layer:
    """Points that share a mark.

    Attributes:
        rows: int64 (m,), which points, painted in this order.
        stencil: The mark.
        colours: uint32 (m,) as ``rgb`` makes them, or one for all.
    """

    rows: NDArray[np.int64]
    stencil: Stencil
    colours: NDArray[np.uint32] | int


def rgb(colour: str) -> int:
    """Return ``#RRGGBB`` as one opaque pixel."""
    return _OPAQUE | int(colour.removeprefix("#"), 16)


def raster(
    pixels: NDArray[np.float64],
    layers: Sequence[Layer],
    *,
    size: tuple[int, int],
    ground: int,
) -> NDArray[np.uint32]:
    """Paint layers, the first one lowest.

    Args:
        pixels: float64 (n, 2), centre of each point in pixels, right and down.
        layers: What to paint.
        size: Width and height of the image in pixels.
        ground: Pixel of the ground.

    Returns:
        uint32 (height, width), contiguous.
    """
    width, height = size
    whole = np.full((height + 2 * MARGIN, width + 2 * MARGIN), ground, np.uint32)
    flat, line = whole.reshape(-1), width + 2 * MARGIN
    # Clipped first, for a far point would not fit into an integer.
    places = np.clip(np.floor(pixels), -1e9, 1e9).astype(np.int64) + MARGIN
    spare = MARGIN // 2  # no stencil is larger
    inside = (
        (places[:, 0] >= spare)
        & (places[:, 0] < line - spare)
        & (places[:, 1] >= spare)
        & (places[:, 1] < height + 2 * MARGIN - spare)
    )
    index = places[:, 1] * line + places[:, 0]
    for layer in layers:
        seen = inside[layer.rows]
        at = index[layer.rows][seen]
        colours = layer.colours if isinstance(layer.colours, int) else layer.colours[seen]
        for right, down in layer.stencil:
            flat[at + (down * line + right)] = colours
    return np.ascontiguousarray(whole[MARGIN:-MARGIN, MARGIN:-MARGIN])


def within(polygon: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell for each place whether it lies within a polygon, by the even-odd rule.

    Args:
        polygon: float64 (k, 2), its corners; the last one is joined to the first.
        places: float64 (n, 2).

    Returns:
        bool (n,); all False for fewer than three corners.
    """
    found = np.zeros(len(places), np.bool_)
    if len(polygon) < 3:
        return found
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero(((places >= low) & (places <= high)).all(axis=1))
    x, y = places[near, 0], places[near, 1]
    odd = np.zeros(len(near), np.bool_)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        odd ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    found[near] = odd
    return found


def _stencil(
    holds: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]], radius: float
) -> Stencil:
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.argwhere(holds(x, y))[:, ::-1] - reach
