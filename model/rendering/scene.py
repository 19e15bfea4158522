"""One field: a cell in the middle, red cells pushed aside, now and then company.

The order of painting is the order of lying: red cells first, then what displaces them. The cell in
the middle has random numbers of its own, so that one seed shows one cell at every site.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from model.rendering import fragments, redcells, whitecells
from model.rendering.canvas import Canvas, Point
from model.rendering.recipes import RECIPES
from model.rendering.whitecells import WhiteCell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.rendering.fragments import Painter
    from model.rendering.redcells import RedCell
    from model.rendering.sites import Site

# Class, radius (µm) it keeps clear of red cells, painter.
FRAGMENTS: tuple[tuple[str, float, Painter], ...] = (
    ("smudge_cell", 4.5, fragments.smudge),
    ("platelet", 1.5, fragments.platelets),
    ("artefact", 0.0, fragments.artefact),
)
CLASS_IDS: tuple[str, ...] = (*RECIPES, *(class_id for class_id, _, _ in FRAGMENTS))

OFF_CENTRE_UM = 0.5  # standard deviation of the cell's place: detectors do not centre exactly
MOULDED_CLEARANCE = 0.86  # share of its radius a cell keeps free where red cells dent it
STRAY_PLATELETS = 0.3  # mean number in a field


def compose(canvas: Canvas, class_id: str, site: Site) -> None:
    """Paint a field of a site with a cell of the class in its middle.

    Args:
        canvas: An empty field; its random numbers decide everything.
        class_id: One of `CLASS_IDS`.
        site: Red cells, case mix and crowding are taken from it.

    Raises:
        KeyError: The class is not known.
    """
    middle, around = canvas.branch(), canvas.branch()
    x, y = middle.rng.normal(0, OFF_CENTRE_UM, 2).tolist()
    centre = Point(x, y)
    if class_id in RECIPES:
        _white_cell(middle, around, class_id, centre=centre, site=site)
        return
    for name, clearance, paint in FRAGMENTS:
        if name == class_id:
            _surroundings(around, site, keep_out=[(centre, clearance)])
            paint(middle, centre)
            return
    raise KeyError(f"No recipe for the class {class_id!r}; known: {', '.join(CLASS_IDS)}")


def _white_cell(
    middle: Canvas, around: Canvas, class_id: str, *, centre: Point, site: Site
) -> None:
    """A white cell in the midst of red cells, now and then beside another."""
    recipe, rng = RECIPES[class_id], middle.rng
    cell = WhiteCell(recipe, centre=centre, radius=rng.uniform(*recipe.diameter) / 2)
    moulded = rng.random() < recipe.moulded
    keep_out = [(centre, cell.radius * (MOULDED_CLEARANCE if moulded else 1.0))]
    neighbour: WhiteCell | None = None
    if around.rng.random() < site.crowding:
        neighbour = _neighbour(cell, site.case_mix, around.rng)
        keep_out.append((neighbour.centre, neighbour.radius))
    red_cells = _surroundings(around, site, keep_out=keep_out)
    if neighbour is not None:
        whitecells.paint(around, neighbour, dents=[])
    whitecells.paint(middle, cell, dents=red_cells if moulded else [])


def _neighbour(
    cell: WhiteCell, case_mix: Mapping[str, float], rng: np.random.Generator
) -> WhiteCell:
    """A second white cell, drawn from the case mix, that does not touch the first."""
    mix = {class_id: weight for class_id, weight in case_mix.items() if class_id in RECIPES}
    weights = np.array(list(mix.values()), float)
    recipe = RECIPES[str(rng.choice(list(mix), p=weights / weights.sum()))]
    radius = rng.uniform(*recipe.diameter) / 2
    turn, away = rng.uniform(0, math.tau), cell.radius + radius + abs(rng.normal(0.3, 2.0))
    place = Point(cell.centre.x + away * math.cos(turn), cell.centre.y + away * math.sin(turn))
    return WhiteCell(recipe, centre=place, radius=radius)


def _surroundings(
    canvas: Canvas, site: Site, *, keep_out: Sequence[tuple[Point, float]]
) -> list[RedCell]:
    """Red cells, and now and then a platelet, around the middle; returns the red cells."""
    rng, half = canvas.rng, canvas.half
    cells = redcells.scatter(canvas, site.red_cells, keep_out=keep_out)
    for cell in cells:
        redcells.paint(canvas, cell)
    for _ in range(int(rng.poisson(STRAY_PLATELETS))):
        place = Point(rng.uniform(-half, half), rng.uniform(-half, half))
        fragments.platelet(canvas, place, radius=rng.uniform(0.8, 1.5))
    return cells
