"""The grid a field is painted on, and shapes on it: one plane per dye, coordinates in µm.

A painter asks for a `Patch`, the part of the grid around one object, works there in its own
coordinates, and adds dye. Parts of an object beyond the crop simply fall away.

Shapes are signed distances in µm (negative inside), float32 (rows, columns) of a patch. They are
approximate away from the edge, which is all that soft edges, rims and unions need.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.rendering.stains import STAINS, Stain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.rendering.noise import NoiseTable

Plane = NDArray[np.floating]  # float32 in fact: the stubs widen float32 × float


class Point(NamedTuple):
    """A place in the field, µm from its middle; x to the right, y down."""

    x: float
    y: float


MIDDLE = Point(0.0, 0.0)


class Canvas:
    """Amounts of dye over a square field.

    Attributes:
        planes: float32 (dyes, size, size), amounts, in the order of `STAINS`.
        um_per_px: Scale, µm per pixel.
        rng: The one source of chance for everything painted here.

    Args:
        size: Pixels along each side.
        um_per_px: Scale, µm per pixel.
        noise: Shared textures.
        rng: Random numbers.
    """

    def __init__(
        self, *, size: int, um_per_px: float, noise: NoiseTable, rng: np.random.Generator
    ) -> None:
        self.planes = np.zeros((len(STAINS), size, size), np.float32)
        self.um_per_px = um_per_px
        self.rng = rng
        self._noise = noise
        self._axis = ((np.arange(size) - (size - 1) / 2) * um_per_px).astype(np.float32)

    @property
    def half(self) -> float:
        """Half of the field's side, µm."""
        return self._axis.size * self.um_per_px / 2

    def branch(self) -> Canvas:
        """The same field with random numbers of its own.

        What is painted through a branch does not depend on how much chance the others used: the
        same seed gives the same white cell, however many red cells lie around it.
        """
        twin = copy.copy(self)
        twin.rng = np.random.default_rng(int(self.rng.integers(2**63)))
        return twin

    def patch(self, centre: Point, radius: float) -> Patch:
        """The part of the field within `radius` µm of `centre`, measured along the axes."""
        return Patch(self, self._noise, centre=centre, radius=radius, axis=self._axis)


class Patch:
    """A window of a canvas with coordinates around an object.

    Attributes:
        x: float32 (1, columns), µm right of the object's centre.
        y: float32 (rows, 1), µm below it.
        px: The scale, µm per pixel.
        rng: The canvas's random numbers.
    """

    def __init__(
        self, canvas: Canvas, noise: NoiseTable, *, centre: Point, radius: float, axis: Plane
    ) -> None:
        rows = slice(*np.searchsorted(axis, (centre.y - radius, centre.y + radius)).tolist())
        columns = slice(*np.searchsorted(axis, (centre.x - radius, centre.x + radius)).tolist())
        self.x = (axis[columns] - centre.x)[None, :]
        self.y = (axis[rows] - centre.y)[:, None]
        self.px = canvas.um_per_px
        self.rng = canvas.rng
        self._noise = noise
        self._planes = canvas.planes[:, rows, columns]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; either is 0 where the object lies outside the field."""
        return self.y.shape[0], self.x.shape[1]

    @property
    def empty(self) -> bool:
        """True where no pixel of the object is in the field."""
        return 0 in self.shape

    def turned(self, angle: float, *, about: Point = MIDDLE) -> tuple[Plane, Plane]:
        """Coordinates turned by `angle` (radians) around a point: float32 (rows, columns), µm."""
        cos, sin = math.cos(angle), math.sin(angle)
        x, y = self.x - about.x, self.y - about.y
        return x * cos + y * sin, y * cos - x * sin

    def noise(self, name: str) -> Plane:
        """A texture over this patch, float32 (rows, columns); see `NoiseTable.sample`."""
        return self._noise.sample(name, shape=self.shape, um_per_px=self.px, rng=self.rng)

    def add(self, stain: Stain, amount: Plane) -> None:
        """Lay dye on what is there: amounts, float32 (rows, columns)."""
        self._planes[STAINS.index(stain)] += amount

    def clear(self, share: Plane) -> None:
        """Take away a share (0 to 1) of every dye laid here so far: something lies in its place."""
        self._planes *= 1 - share


def limit(values: Plane, low: float | None, high: float | None) -> Plane:
    """Values held between two bounds; like `np.clip`, without its overhead on small arrays."""
    if low is not None:
        values = np.maximum(values, np.float32(low))
    if high is not None:
        values = np.minimum(values, np.float32(high))
    return values


def length(x: Plane, y: Plane) -> Plane:
    """√(x² + y²), float32; faster than `hypot`, and no value here can overflow."""
    square: Plane = x * x + y * y
    return np.sqrt(square, out=square)


def disc(patch: Patch, centre: Point, radius: float) -> Plane:
    """Distance to a circle."""
    return length(patch.x - centre.x, patch.y - centre.y) - radius


def ellipse(patch: Patch, centre: Point, *, radius: float, ratio: float, angle: float) -> Plane:
    """Distance to an ellipse of the area of a circle of `radius`, `ratio` times as long as wide."""
    u, v = patch.turned(angle, about=centre)
    stretch = math.sqrt(ratio)
    return length(u / stretch, v * stretch) - radius


def chain(patch: Patch, points: Sequence[Point], radii: Sequence[float]) -> Plane:
    """Distance to a rope through `points` whose half-width runs from radius to radius."""
    distance: Plane | None = None
    for start, end, r0, r1 in zip(points, points[1:], radii, radii[1:], strict=False):
        bx, by = end.x - start.x, end.y - start.y
        scale = 1.0 / max(bx * bx + by * by, 1e-6)
        dx, dy = patch.x - start.x, patch.y - start.y
        along = limit((dx * bx + dy * by) * scale, 0, 1)
        piece = length(dx - along * bx, dy - along * by) - (r0 + (r1 - r0) * along)
        distance = piece if distance is None else np.minimum(distance, piece)
    if distance is None:
        raise ValueError("A chain needs at least two points.")
    return distance


def join(a: Plane, b: Plane, *, blend: float) -> Plane:
    """Union whose seam is filled within `blend` µm (polynomial smooth minimum, Quilez 2013)."""
    overlap = limit(blend - np.abs(a - b), 0, None)
    return np.minimum(a, b) - overlap * overlap * (0.25 / blend)


def cut(a: Plane, b: Plane, *, blend: float) -> Plane:
    """`a` without `b`, the edge rounded within `blend` µm."""
    return -join(-a, b, blend=blend)


def meet(a: Plane, b: Plane, *, blend: float) -> Plane:
    """What lies in both, the edge rounded within `blend` µm."""
    return -join(-a, -b, blend=blend)


def cover(distance: Plane, *, soft: float) -> Plane:
    """How much of each pixel lies inside: 0 to 1 over an edge `soft` µm wide."""
    return limit(0.5 - distance / soft, 0, 1)


def band(distance: Plane, *, at: float, width: float) -> Plane:
    """1 on the contour `at` µm, falling to 0 at `width` µm to either side."""
    return limit(1 - np.abs(distance - at) / width, 0, 1)
