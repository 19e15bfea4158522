"""What is not a whole white cell: platelets, smudge cells, precipitate, dirt.

One more kind of artefact: a painter and its weight in `ARTEFACTS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from model.rendering.canvas import MIDDLE, Canvas, Point, chain, cover, disc, ellipse, join, limit

Painter = Callable[[Canvas, Point], None]


def platelet(canvas: Canvas, centre: Point, *, radius: float) -> None:
    """One platelet: pale hyalomere, granules gathered in the middle."""
    patch = canvas.patch(centre, radius * 1.5 + 0.6)
    if patch.empty:
        return
    rng = canvas.rng
    outline = ellipse(
        patch,
        Point(0.0, 0.0),
        radius=radius,
        ratio=rng.uniform(1.0, 1.4),
        angle=rng.uniform(0, math.tau),
    )
    outline += 0.09 * radius * (patch.noise("cloud") + 0.5 * patch.noise("clump"))
    body = cover(outline, soft=max(0.45, patch.px))
    patch.clear(0.5 * body)
    patch.add("basophilia", body * rng.uniform(0.12, 0.3))
    patch.add("azure", body * rng.uniform(0.1, 0.3))
    middle = limit(-outline / (0.7 * radius) + 0.2, 0, 1) * body
    patch.add("azure", middle * (0.35 + patch.noise("thrombocyte") * rng.uniform(0.9, 1.9)))
    patch.add("chromatin", middle * patch.noise("thrombocyte") * rng.uniform(0.05, 0.35))


def platelets(canvas: Canvas, centre: Point) -> None:
    """The class «platelet»: one, a giant, or a clump."""
    rng = canvas.rng
    kind = rng.random()
    if kind < 0.2:
        for _ in range(int(rng.integers(4, 13))):
            turn, away = rng.uniform(0, math.tau), 2.6 * math.sqrt(rng.random())
            place = Point(centre.x + away * math.cos(turn), centre.y + away * math.sin(turn))
            platelet(canvas, place, radius=rng.uniform(0.9, 1.5))
    else:
        platelet(
            canvas, centre, radius=rng.uniform(2.2, 3.2) if kind < 0.3 else rng.uniform(1.2, 2.2)
        )


def smudge(canvas: Canvas, centre: Point) -> None:
    """A smudge cell: a burst nucleus, dragged out, without cytoplasm."""
    rng = canvas.rng
    radius = rng.uniform(4.2, 7.0)
    patch = canvas.patch(centre, radius * 2.3)
    drag = rng.uniform(0, math.tau)
    outline = ellipse(patch, MIDDLE, radius=radius, ratio=rng.uniform(1.0, 1.7), angle=drag)
    for _ in range(int(rng.integers(1, 5))):
        turn = drag + rng.normal(0, 0.45) + (math.pi if rng.random() < 0.3 else 0.0)
        start = Point(math.cos(turn) * radius * 0.5, math.sin(turn) * radius * 0.5)
        reach = radius * rng.uniform(0.8, 1.4)
        end = Point(start.x + math.cos(turn) * reach, start.y + math.sin(turn) * reach)
        tail = chain(patch, [start, end], [radius * rng.uniform(0.25, 0.5), 0.3])
        outline = join(outline, tail, blend=2.0)
    outline += 0.3 * patch.noise("cloud") + 1.0 * patch.noise("drift")
    mass = cover(outline, soft=rng.uniform(1.0, 3.2))
    weave = 0.2 * patch.noise("cloud") + 0.1 * patch.noise("block") + 0.06 * patch.noise("lace")
    depth = limit(0.75 - outline / (1.6 * radius), 0.4, 1.2)
    patch.clear(0.8 * mass)
    patch.add("chromatin", mass * limit(depth + weave, 0.1, 1.3) * rng.uniform(0.3, 0.55))
    patch.add("azure", mass * rng.uniform(0.4, 0.9))


def precipitate(canvas: Canvas, centre: Point) -> None:
    """Dye that fell out: dark grains of all sizes in loose heaps."""
    rng = canvas.rng
    radius = rng.uniform(2.5, 7.0)
    patch = canvas.patch(centre, radius * 2)
    heap = disc(patch, MIDDLE, radius) + 1.8 * patch.noise("cloud") + 1.5 * patch.noise("drift")
    share = cover(heap, soft=radius * 0.8)
    coarse = limit(2.5 * patch.noise("basophilic") + 1.2 * patch.noise("cloud") - 1.6, 0, 1)
    fine = limit(3 * patch.noise("dust") - 0.8, 0, 1)
    grains = share * (coarse + 0.7 * fine)
    patch.add("chromatin", grains * rng.uniform(0.8, 1.5))
    patch.add("basophilia", grains * rng.uniform(0.3, 1.5))


def dirt(canvas: Canvas, centre: Point) -> None:
    """A dark lump or fibre on the glass."""
    rng = canvas.rng
    patch = canvas.patch(centre, 12.0)
    turn = rng.uniform(0, math.tau)
    points = [Point(0.0, 0.0)]
    for _ in range(int(rng.integers(1, 6))):
        turn += rng.normal(0, 0.6)
        step = rng.uniform(0.8, 2.4)
        points.append(
            Point(points[-1].x + step * math.cos(turn), points[-1].y + step * math.sin(turn))
        )
    lump = chain(patch, points, [rng.uniform(0.2, 1.5) for _ in points]) + 0.3 * patch.noise(
        "cloud"
    )
    mass = cover(lump, soft=0.6) * (0.85 + 0.15 * patch.noise("clump"))
    patch.add("eosin", mass * rng.uniform(0.5, 1.5))
    patch.add("basophilia", mass * rng.uniform(0.8, 2.0))
    patch.add("haemoglobin", mass * rng.uniform(0.5, 3.0))


def basket(canvas: Canvas, centre: Point) -> None:
    """A ruptured cell: pale, torn nuclear material with free granules around."""
    rng = canvas.rng
    radius = rng.uniform(5.0, 8.0)
    patch = canvas.patch(centre, radius * 1.8)
    outline = disc(patch, MIDDLE, radius) + 1.3 * patch.noise("cloud") + 0.9 * patch.noise("drift")
    mass = cover(outline, soft=2.5)
    net = limit(0.4 + 0.35 * patch.noise("block") + 0.15 * patch.noise("cloud"), 0, 1)
    patch.clear(0.6 * mass)
    patch.add("chromatin", mass * net * rng.uniform(0.25, 0.5))
    patch.add("azure", mass * (0.15 + patch.noise("azurophil") * rng.uniform(0.3, 1.0)))


def nothing(canvas: Canvas, centre: Point) -> None:
    """A detector's false alarm: red cells only."""
    del canvas, centre


ARTEFACTS: tuple[tuple[float, Painter], ...] = (
    (0.35, precipitate),
    (0.25, dirt),
    (0.25, basket),
    (0.15, nothing),
)


def artefact(canvas: Canvas, centre: Point) -> None:
    """The class «artefact»: one kind by chance."""
    weights = np.array([weight for weight, _ in ARTEFACTS])
    chosen = int(canvas.rng.choice(len(ARTEFACTS), p=weights / weights.sum()))
    ARTEFACTS[chosen][1](canvas, centre)
