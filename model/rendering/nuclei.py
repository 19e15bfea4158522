"""Nuclei: from a class's habit to a signed distance.

Each builder takes the cell's patch and radius and returns a `Nucleus`. One more shape: one more
function with the signature of `Builder`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.rendering.canvas import (
    MIDDLE,
    Patch,
    Plane,
    Point,
    band,
    chain,
    cover,
    cut,
    disc,
    ellipse,
    join,
    limit,
)


@dataclass(frozen=True)
class Nucleus:
    """A nucleus in its cell.

    Attributes:
        distance: float32 (rows, columns), µm, negative inside.
        centre: Its middle, µm from the cell's.
        fold: float32, chromatin seen twice (lobes over one another, creases), 0 to 1; or None.
    """

    distance: Plane
    centre: Point
    fold: Plane | None = None


Builder = Callable[[Patch, float], Nucleus]
"""(patch, radius of the cell in µm) -> the nucleus."""


def round_nucleus(
    share: tuple[float, float], *, eccentric: float = 0.5, notch: float = 0.0
) -> Builder:
    """Round to oval, taking a `share` (from, to) of the cell's area.

    Args:
        share: Area of the nucleus over area of the cell.
        eccentric: 0 in the middle of the cell, 1 touching its edge.
        notch: Chance of a shallow dent.
    """

    def build(patch: Patch, radius: float) -> Nucleus:
        rng = patch.rng
        r = radius * math.sqrt(rng.uniform(*share))
        ratio = 1 + abs(rng.normal(0.05, 0.08))
        centre = _towards(
            rng.uniform(0, math.tau), (radius - r) * eccentric * rng.uniform(0.6, 1.05)
        )
        distance = ellipse(patch, centre, radius=r, ratio=ratio, angle=rng.uniform(0, math.tau))
        if rng.random() < notch:
            edge = rng.uniform(0, math.tau)
            dent = _towards(edge, r * rng.uniform(1.25, 1.5), about=centre)
            distance = cut(distance, disc(patch, dent, r * rng.uniform(0.4, 0.6)), blend=1.2)
        return Nucleus(distance + 0.10 * patch.noise("cloud"), centre)

    return build


def sausage(
    *,
    length: tuple[float, float],
    width: tuple[float, float],
    bend: tuple[float, float],
    s_shaped: float = 0.0,
) -> Builder:
    """A bent rope of even width: band, horseshoe, and, short and thick, a kidney.

    Args:
        length: Of the middle line over the cell's radius, from and to.
        width: Half-width over the cell's radius.
        bend: Total turn of the middle line, radians.
        s_shaped: Chance that the second half bends the other way.
    """

    def build(patch: Patch, radius: float) -> Nucleus:
        rng = patch.rng
        span, half_width = radius * rng.uniform(*length), radius * rng.uniform(*width)
        turn = rng.uniform(*bend)
        swap = rng.random() < s_shaped
        heading, x, y = rng.uniform(0, math.tau), 0.0, 0.0
        steps = 7
        points = [Point(x, y)]
        for step in range(steps):
            sign = -1 if swap and step >= steps // 2 else 1
            heading += sign * turn / steps * (1.35 if swap else 1.0)
            x, y = x + math.cos(heading) * span / steps, y + math.sin(heading) * span / steps
            points.append(Point(x, y))
        points = _fitted(points, room=radius - half_width - 0.45, shift=0.12 * radius, rng=rng)
        ends = rng.uniform(0.95, 1.15, 2)
        waist = rng.uniform(0.82, 1.0)
        radii = [
            half_width * _hourglass(i / steps, float(ends[0]), waist, float(ends[1]))
            for i in range(steps + 1)
        ]
        distance = chain(patch, points, radii) + 0.10 * patch.noise("cloud")
        return Nucleus(distance, points[steps // 2])

    return build


def lobed(counts: dict[int, float], *, share: tuple[float, float], thread: float = 0.3) -> Builder:
    """Lobes on a winding line, tied by threads of chromatin.

    Args:
        counts: Number of lobes and its weight.
        share: Area of all lobes over the area of the cell.
        thread: Half-width of the threads, µm.
    """

    def build(patch: Patch, radius: float) -> Nucleus:
        rng = patch.rng
        weights = np.array(list(counts.values()), float)
        n = int(rng.choice(list(counts), p=weights / weights.sum()))
        r = radius * math.sqrt(rng.uniform(*share) / n)
        sizes = r * rng.uniform(0.85, 1.15, n)
        places = _lobe_places(rng, n, r=r, room=radius - 1.1 * r - 0.35)
        distance: Plane | None = None
        total: Plane | None = None
        for place, size, following in zip(
            places, sizes.tolist(), [*places[1:], places[0]], strict=True
        ):
            tilt = math.atan2(following.y - place.y, following.x - place.x) + rng.normal(0, 0.9)
            lobe = ellipse(patch, place, radius=size, ratio=rng.uniform(1.0, 1.5), angle=tilt)
            lobe += 0.12 * patch.noise("cloud")
            inside = cover(lobe, soft=0.5)
            distance = lobe if distance is None else join(distance, lobe, blend=0.25)
            total = inside if total is None else total + inside
        if distance is None or total is None:
            raise ValueError("A lobed nucleus needs at least one lobe.")
        if n > 1:
            ties = chain(patch, places, [thread * rng.uniform(0.7, 1.5) for _ in places])
            distance = join(distance, ties, blend=0.7)
        return Nucleus(distance, MIDDLE, limit(total - 1, 0, 1))

    return build


def folded(share: tuple[float, float]) -> Builder:
    """The monocyte's: large, dented once or twice, with a crease."""

    def build(patch: Patch, radius: float) -> Nucleus:
        rng = patch.rng
        r = radius * math.sqrt(rng.uniform(*share))
        centre = _towards(rng.uniform(0, math.tau), (radius - r) * rng.uniform(0.2, 0.8))
        distance = ellipse(
            patch, centre, radius=r, ratio=rng.uniform(1.05, 1.4), angle=rng.uniform(0, math.tau)
        )
        for _ in range(int(rng.integers(1, 3))):
            edge = rng.uniform(0, math.tau)
            tip = _towards(edge, r * rng.uniform(0.35, 0.9), about=centre)
            mouth = _towards(edge, r * 1.5, about=centre)
            notch = chain(patch, [tip, mouth], [r * 0.16, r * rng.uniform(0.3, 0.55)])
            notch += 0.12 * patch.noise("cloud")
            distance = cut(distance, notch, blend=2.2)
        crease = _towards(rng.uniform(0, math.tau), r * 0.5, about=centre)
        across = chain(patch, [centre, crease], [0.1, 0.1]) + 0.25 * patch.noise("cloud")
        return Nucleus(
            distance + 0.14 * patch.noise("cloud"), centre, 0.5 * band(across, at=0.0, width=0.45)
        )

    return build


def one_of(*builders: tuple[float, Builder]) -> Builder:
    """Chance decides: (weight, builder) pairs."""
    weights = np.array([weight for weight, _ in builders])

    def build(patch: Patch, radius: float) -> Nucleus:
        chosen = int(patch.rng.choice(len(builders), p=weights / weights.sum()))
        return builders[chosen][1](patch, radius)

    return build


def _towards(angle: float, distance: float, *, about: Point = MIDDLE) -> Point:
    """The place `distance` µm away in a direction."""
    return Point(about.x + math.cos(angle) * distance, about.y + math.sin(angle) * distance)


def _hourglass(t: float, start: float, waist: float, end: float) -> float:
    """From `start` over `waist` in the middle to `end`, for t from 0 to 1."""
    edge: float = abs(2 * t - 1) ** 1.5
    return waist + ((start if t < 0.5 else end) - waist) * edge


def _fitted(
    points: list[Point], *, room: float, shift: float, rng: np.random.Generator
) -> list[Point]:
    """Centred, moved a little at random, and shrunk if needed so that all lie within `room` µm."""
    mx = sum(p.x for p in points) / len(points) + rng.normal(0, shift)
    my = sum(p.y for p in points) / len(points) + rng.normal(0, shift)
    moved = [Point(p.x - mx, p.y - my) for p in points]
    scale = min(1.0, room / max(math.hypot(*p) for p in moved))
    return [Point(p.x * scale, p.y * scale) for p in moved]


def _lobe_places(rng: np.random.Generator, n: int, *, r: float, room: float) -> list[Point]:
    """Centres of lobes: on a loose ring around the cell's middle, or in a heap."""
    start, way = rng.uniform(0, math.tau), float(rng.choice((-1, 1)))
    ring = room * rng.uniform(0.6, 0.98)
    step = min(2 * math.asin(min(r * rng.uniform(0.95, 1.35) / ring, 1.0)), math.tau / n)
    turns = [start + way * step * i + rng.normal(0, 0.12) for i in range(n)]
    reach = ring * rng.uniform(0.78, 1.12, n)
    if n > 3 and rng.random() < 0.5:
        reach[int(rng.integers(1, n - 1))] *= rng.uniform(0.0, 0.5)
    points = [_towards(turn, float(away)) for turn, away in zip(turns, reach, strict=True)]
    return _fitted(points, room=room, shift=0.2 * r, rng=rng)
