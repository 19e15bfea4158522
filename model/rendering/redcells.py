"""Red cells: thrown over the field, pushed aside by the white cell, each a little different."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.rendering.canvas import Canvas, Point, cover, length, limit

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class RedCell:
    """One erythrocyte.

    Attributes:
        centre: Its place in the field.
        radius: µm, of the circle of equal area.
        ratio: Length over width.
        angle: Of the long axis, radians.
        thickness: Haemoglobin at the rim, 1.0 is usual.
        pallor: How much paler the centre is, 0 to 1.
        pallor_radius: Share of the radius the pale centre takes.
        points: Corners of the outline: 0 none, 1 a teardrop, 3–6 polygonal, more crenated.
        point_height: Height of the corners as a share of the radius.
    """

    centre: Point
    radius: float
    ratio: float
    angle: float
    thickness: float
    pallor: float
    pallor_radius: float
    points: int = 0
    point_height: float = 0.0


@dataclass(frozen=True)
class RedCellStyle:
    """What the red cells of one field have in common.

    Attributes:
        per_1000_um2: Cells thrown per 1000 µm²; about 12 is a good monolayer.
        radius: Mean radius, µm.
        spread: Anisocytosis: standard deviation of the radius, µm.
        pallor: Mean central pallor, 0 to 1.
        odd: Share of cells that are not round.
    """

    per_1000_um2: float = 11.0
    radius: float = 3.55
    spread: float = 0.22
    pallor: float = 0.5
    odd: float = 0.22


def scatter(
    canvas: Canvas, style: RedCellStyle, *, keep_out: Sequence[tuple[Point, float]]
) -> list[RedCell]:
    """Throw red cells over the field; those that fall on a white cell are pushed to its edge.

    Args:
        canvas: The field; only its size and random numbers are used.
        style: What the red cells have in common.
        keep_out: Centre and radius (µm) of what displaces them.

    Returns:
        Red cells of which at least a part may lie in the field.
    """
    rng = canvas.rng
    half = canvas.half + style.radius
    wanted = rng.poisson(style.per_1000_um2 * (2 * half) ** 2 / 1000)
    pallor = min(max(rng.normal(style.pallor, 0.15), 0.0), 0.85)
    placed: list[RedCell] = []
    for _ in range(3 * wanted):
        if len(placed) >= wanted:
            break
        cell = _random_red_cell(rng, style, pallor=pallor, half=half)
        centre = _pushed_aside(cell.centre, cell.radius, keep_out)
        closest = min((math.dist(centre, other.centre) for other in placed), default=math.inf)
        if closest < cell.radius * (1.25 if rng.random() < 0.12 else 1.92):
            continue
        placed.append(RedCell(**{**vars(cell), "centre": centre}))
    return placed


def paint(canvas: Canvas, cell: RedCell) -> None:
    """Lay one red cell; where two overlap their haemoglobin adds up, as it does in light."""
    patch = canvas.patch(cell.centre, cell.radius * 1.4 + 0.5)
    if patch.empty:
        return
    u, v = patch.turned(cell.angle)
    stretch = math.sqrt(cell.ratio)
    reach = length(u / stretch, v * stretch) / cell.radius
    if cell.points:
        wave = np.cos(cell.points * np.arctan2(v, u))
        reach = reach * (1 - cell.point_height * wave)
    reach = reach + 0.018 * patch.noise("cloud")
    inside = cover((reach - 1) * cell.radius, soft=max(0.3, patch.px))
    dent = limit(1 - (reach / cell.pallor_radius) ** 2, 0, 1)
    profile = 1 - cell.pallor * dent * (1.6 - 0.6 * dent) - 0.10 * limit(reach * 4 - 3, 0, 1)
    profile += 0.02 * patch.noise("cloud")
    patch.add("haemoglobin", inside * profile * cell.thickness)


def _random_red_cell(
    rng: np.random.Generator, style: RedCellStyle, *, pallor: float, half: float
) -> RedCell:
    """A red cell anywhere in ±`half` µm, its centre as pale as the field's `pallor` ± a little."""
    x, y, angle = rng.uniform(-half, half), rng.uniform(-half, half), rng.uniform(0, math.tau)
    points, height, ratio = 0, 0.0, 1 + abs(rng.normal(0, 0.09))
    if rng.random() < style.odd:
        points = int(rng.choice([1, 2, 3, 4, 5, 6, 14]))
        height = {1: 0.16, 2: 0.05}.get(points, 0.05) * rng.uniform(0.5, 1.3)
        ratio = 1 + abs(rng.normal(0, 0.22))
    own = min(max(rng.normal(pallor, 0.13), 0.0), 0.9)
    return RedCell(
        centre=Point(x, y),
        radius=max(rng.normal(style.radius, style.spread), 2.4),
        ratio=ratio,
        angle=angle,
        thickness=rng.uniform(0.88, 1.14),
        pallor=own,
        pallor_radius=rng.uniform(0.5, 0.82),
        points=points,
        point_height=height,
    )


def _pushed_aside(centre: Point, radius: float, keep_out: Sequence[tuple[Point, float]]) -> Point:
    """The nearest place along the ray from a white cell's centre that lies outside it."""
    for middle, clearance in keep_out:
        dx, dy = centre.x - middle.x, centre.y - middle.y
        distance = math.hypot(dx, dy)
        needed = clearance + radius * 0.94
        if distance < needed:
            scale = needed / max(distance, 1e-3)
            centre = Point(middle.x + dx * scale, middle.y + dy * scale)
    return centre
