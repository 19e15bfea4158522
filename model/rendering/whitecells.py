"""A white cell: outline, cytoplasm, granules, nucleus, in that order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.rendering.canvas import (
    MIDDLE,
    Canvas,
    Patch,
    Plane,
    Point,
    band,
    cover,
    cut,
    disc,
    ellipse,
    length,
    limit,
    meet,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.rendering.nuclei import Nucleus
    from model.rendering.recipes import Cytoplasm, Granules, Recipe
    from model.rendering.redcells import RedCell

MEMBRANE = 0.3  # µm over which the edge of a cell fades
DRAWN_OUT = 0.12  # share of cells stretched by the smear


@dataclass(frozen=True)
class WhiteCell:
    """One white cell in the field.

    Attributes:
        recipe: What its class looks like.
        centre: Where it lies, µm.
        radius: µm.
    """

    recipe: Recipe
    centre: Point
    radius: float


def paint(canvas: Canvas, cell: WhiteCell, *, dents: Sequence[RedCell]) -> None:
    """Lay one white cell on the field in place of whatever was there.

    Args:
        canvas: The field.
        cell: What to paint.
        dents: Red cells that press into its outline.
    """
    recipe, radius, centre = cell.recipe, cell.radius, cell.centre
    patch = canvas.patch(centre, radius * 1.35 + 0.5)
    if patch.empty:
        return
    outline = _outline(patch, recipe, radius=radius, centre=centre, dents=dents)
    body = cover(outline, soft=max(MEMBRANE, patch.px))
    nucleus = recipe.nucleus(patch, radius)
    kernel = meet(nucleus.distance, outline + 0.25, blend=0.4)
    core = cover(kernel, soft=max(0.35, patch.px))
    outside = body * (1 - core)
    vacuoles = _vacuoles(patch, recipe.cytoplasm, radius)
    patch.clear(body * 0.94)
    _paint_cytoplasm(
        patch,
        recipe.cytoplasm,
        outline=outline,
        plasma=outside * vacuoles,
        nucleus=nucleus,
        radius=radius,
    )
    for granules in recipe.granules:
        _paint_granules(patch, granules, plasma=outside * vacuoles, core=core * body)
    _paint_nucleus(patch, recipe, nucleus=nucleus, kernel=kernel, core=core)


def _outline(
    patch: Patch, recipe: Recipe, *, radius: float, centre: Point, dents: Sequence[RedCell]
) -> Plane:
    """Signed distance to the cell's edge: an ellipse, roughened, dented by red cells."""
    rng = patch.rng
    ratio = 1 + abs(rng.normal(0.02, 0.10))
    if rng.random() < DRAWN_OUT:
        ratio += rng.uniform(0, 0.35)
    wobble = min(recipe.wobble * rng.lognormal(0, 0.4), 0.6)
    outline = ellipse(patch, MIDDLE, radius=radius, ratio=ratio, angle=rng.uniform(0, math.tau))
    outline += wobble * (0.5 * patch.noise("cloud") + 1.1 * patch.noise("drift"))
    for cell in dents:
        place = Point(cell.centre.x - centre.x, cell.centre.y - centre.y)
        if math.hypot(*place) < radius + cell.radius + 0.6:
            outline = cut(outline, disc(patch, place, cell.radius + 0.15), blend=1.0)
    return outline


def _paint_cytoplasm(
    patch: Patch, look: Cytoplasm, *, outline: Plane, plasma: Plane, nucleus: Nucleus, radius: float
) -> None:
    """Colour the cytoplasm: mottled, darker at the rim, paler in the Golgi zone."""
    rng = patch.rng
    uneven = 1 + look.mottle * (0.5 * patch.noise("lace") + 0.35 * patch.noise("cloud"))
    uneven += look.rim * limit(1 + outline / (0.16 * radius), 0, 1) + 0.12 * band(
        outline, at=-0.3, width=0.4
    )
    lilac = limit(uneven, 0.2, None) * plasma
    blue = lilac
    if rng.random() < look.hof:
        blue = lilac * (1 - 0.62 * _golgi_zone(patch, nucleus.centre, radius=radius))
    patch.add("basophilia", blue * rng.uniform(*look.basophilia))
    patch.add("azure", lilac * rng.uniform(*look.azure))
    if look.haemoglobin[1] > 0:
        patch.add("haemoglobin", blue * rng.uniform(*look.haemoglobin))
    if look.eosin[1] > 0:
        patch.add("eosin", lilac * rng.uniform(*look.eosin))


def _golgi_zone(patch: Patch, nucleus: Point, *, radius: float) -> Plane:
    """The hof, 0 to 1: on the far side of the cell's middle from the nucleus, along its edge."""
    rng = patch.rng
    reach = radius * rng.uniform(0.28, 0.42)
    step = -radius * rng.uniform(0.1, 0.3) / (math.hypot(*nucleus) or 1.0)
    zone = ellipse(
        patch,
        Point(nucleus.x * step, nucleus.y * step),
        radius=reach,
        ratio=1.3,
        angle=math.atan2(nucleus.y, nucleus.x) + math.pi / 2,
    )
    return cover(zone, soft=reach * 1.1)


def _paint_granules(patch: Patch, look: Granules, *, plasma: Plane, core: Plane) -> None:
    """Scatter granules over the cytoplasm and, fewer, over the nucleus."""
    rng = patch.rng
    where = plasma + look.over_nucleus * core
    spread = rng.uniform(*look.spread)
    if spread < 1:
        where = where * limit(patch.noise("cloud") * 1.5 + 4 * spread - 1.6, 0, 1)
    patch.add(look.stain, where * patch.noise(look.texture) * rng.uniform(*look.amount))


def _paint_nucleus(
    patch: Patch, recipe: Recipe, *, nucleus: Nucleus, kernel: Plane, core: Plane
) -> None:
    """Chromatin: clumps, paler and redder gaps between them, a dark membrane, folds, nucleoli."""
    rng, look = patch.rng, recipe.chromatin
    weave = 0.75 * patch.noise(look.texture) + 0.4 * patch.noise("lace")
    weave += 0.25 * patch.noise("cloud") + 0.2 * patch.noise("grain")
    if look.spokes:
        weave = 0.85 * weave + 0.5 * _clock_face(patch, nucleus.centre, spokes=look.spokes)
    gaps = limit(0.5 + 0.65 * (weave - look.gaps), 0, 1)
    contrast = rng.uniform(*look.contrast)
    chromatin = 1 - contrast * gaps + look.rim * band(kernel, at=-0.2, width=0.4)
    if nucleus.fold is not None:
        chromatin *= 1 + 0.3 * nucleus.fold
    chromatin = _with_nucleoli(patch, recipe, chromatin, nucleus=nucleus, kernel=kernel, core=core)
    patch.add("chromatin", core * chromatin * rng.uniform(*look.density))
    patch.add("azure", core * gaps * (0.3 * contrast))


def _clock_face(patch: Patch, middle: Point, *, spokes: int) -> Plane:
    """1 between the clumps of a plasma cell's nucleus, −1 on them, 0 in its middle."""
    x, y = patch.x - middle.x, patch.y - middle.y
    wave: Plane = np.cos(spokes * np.arctan2(y, x) + patch.rng.uniform(0, math.tau))
    return wave * limit(length(x, y) / 1.2 - 0.3, 0, 1)


def _with_nucleoli(
    patch: Patch, recipe: Recipe, chromatin: Plane, *, nucleus: Nucleus, kernel: Plane, core: Plane
) -> Plane:
    """Pale bluish discs with a darker ring where the class has nucleoli."""
    rng = patch.rng
    reach = max(float(-kernel.min(initial=0.0)), 1.0)
    for _ in range(int(rng.integers(recipe.nucleoli[0], recipe.nucleoli[1] + 1))):
        turn, away = rng.uniform(0, math.tau), reach * rng.uniform(0.1, 0.65)
        place = Point(
            nucleus.centre.x + away * math.cos(turn), nucleus.centre.y + away * math.sin(turn)
        )
        spot = ellipse(
            patch, place, radius=rng.uniform(0.55, 1.25), ratio=rng.uniform(1, 1.5), angle=turn
        )
        pale = cover(spot, soft=0.7) * rng.uniform(0.3, 0.55)
        chromatin = chromatin * (1 - pale) * (1 + 0.15 * band(spot, at=0.25, width=0.4))
        patch.add("basophilia", core * pale * 0.5)
    return chromatin


def _vacuoles(patch: Patch, look: Cytoplasm, radius: float) -> Plane | float:
    """What vacuoles leave of the cytoplasm, 0 to 1."""
    rng = patch.rng
    left: Plane | float = 1.0
    for _ in range(int(rng.integers(0, look.vacuoles + 1)) if rng.random() < 0.6 else 0):
        turn, away = rng.uniform(0, math.tau), radius * rng.uniform(0.4, 0.92)
        hole = disc(
            patch, Point(away * math.cos(turn), away * math.sin(turn)), rng.uniform(0.25, 0.85)
        )
        left = left * (1 - 0.85 * cover(hole, soft=0.35))
    return left
