"""Signed distances in µm (negative inside) and what can be made of them.

Distances are approximate away from the edge, which is all that soft edges, rims and unions need.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.rendering.canvas import Patch, Plane, Point


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
