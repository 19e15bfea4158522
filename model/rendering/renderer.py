"""Rendered smears: single-cell crops of every class, made from nothing but a seed.

They serve the demo patient, tests, controlled shift experiments and, for rare classes, training.
`Renderer` draws crops of one site; `render_patient` draws a whole film.

A field (`compose`) is a cell in the middle, red cells pushed aside, now and then company. The order
of painting is the order of lying: red cells first, then what displaces them. The cell in the middle
has random numbers of its own, so that one seed shows one cell at every site.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.rendering import fragments, redcells, whitecells
from model.rendering.canvas import Canvas, Point
from model.rendering.noise import NoiseTable, noise_table
from model.rendering.optics import photograph
from model.rendering.recipes import RECIPES
from model.rendering.sites import DEMO_MIX, SITES, Site, random_site
from model.rendering.whitecells import WhiteCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from model.rendering.fragments import Painter
    from model.rendering.redcells import RedCell

__all__ = [
    "CLASS_IDS",
    "DEMO_CASE",
    "DEMO_MIX",
    "SITES",
    "Renderer",
    "Site",
    "SmearCase",
    "encode_jpeg",
    "random_site",
    "render_crop",
    "render_jpeg",
    "render_patient",
]

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


class Renderer:
    """Draws crops of one site.

    Args:
        site: The laboratory.
        noise: Shared textures; the built-in ones by default.
    """

    def __init__(self, site: Site, *, noise: NoiseTable | None = None) -> None:
        self.site = site
        self._noise = noise or noise_table()

    def crop(
        self, class_id: str, rng: np.random.Generator, *, size: int | None = None
    ) -> NDArray[np.uint8]:
        """One crop with a cell of the class in its middle.

        Args:
            class_id: A leaf of the taxonomy, one of `CLASS_IDS`.
            rng: Random numbers; the same state gives the same pixels.
            size: Pixels along each side at the site's scale; the site's own size by default.

        Returns:
            uint8 (size, size, 3), sRGB.

        Raises:
            KeyError: The class is not known.
        """
        canvas = Canvas(
            size=size or self.site.size, um_per_px=self.site.um_per_px, noise=self._noise, rng=rng
        )
        compose(canvas, class_id, self.site)
        return photograph(canvas, self.site)

    def jpeg(self, class_id: str, rng: np.random.Generator, *, size: int | None = None) -> bytes:
        """`crop`, encoded at the site's JPEG quality."""
        return encode_jpeg(self.crop(class_id, rng, size=size), quality=self.site.jpeg_quality)


@dataclass(frozen=True)
class SmearCase:
    """A film to be drawn.

    Attributes:
        site: The laboratory's name, a key of `SITES`.
        case_mix: Class and number of cells.
        seed: The same seed draws the same film.
    """

    site: str
    case_mix: Mapping[str, int]
    seed: int

    @property
    def n(self) -> int:
        """Number of cells."""
        return sum(self.case_mix.values())

    def cells(self) -> Iterator[tuple[str, bytes]]:
        """(class, JPEG) of each cell, in the order they lie on the slide; see `render_patient`."""
        return render_patient(SITES[self.site], self.case_mix, n=self.n, seed=self.seed)


DEMO_CASE = SmearCase(site="demo", case_mix=DEMO_MIX, seed=20)


def render_crop(
    class_id: str, site: Site, rng: np.random.Generator, *, size: int | None = None
) -> NDArray[np.uint8]:
    """One crop of a site, uint8 (size, size, 3), sRGB; see `Renderer.crop`."""
    return Renderer(site).crop(class_id, rng, size=size)


def render_jpeg(
    class_id: str, site: Site, rng: np.random.Generator, *, size: int | None = None
) -> bytes:
    """One crop of a site, encoded at the site's JPEG quality."""
    return Renderer(site).jpeg(class_id, rng, size=size)


def render_patient(
    site: Site, case_mix: Mapping[str, float], n: int, seed: int
) -> Iterator[tuple[str, bytes]]:
    """The cells of one film, in a random order.

    Args:
        site: The laboratory.
        case_mix: Class and weight. Counts that sum to `n` are met exactly; other weights are
            rounded by largest remainder.
        n: Number of cells.
        seed: The same seed gives the same bytes, whatever was drawn before.

    Yields:
        Class and JPEG bytes of each cell.
    """
    renderer = Renderer(site)
    classes = [name for name, count in _apportioned(case_mix, n).items() for _ in range(count)]
    order = np.random.default_rng(seed).permutation(len(classes))
    for i, place in enumerate(order.tolist()):
        yield classes[place], renderer.jpeg(classes[place], np.random.default_rng((seed, i)))


def encode_jpeg(crop: NDArray[np.uint8], *, quality: int = 90) -> bytes:
    """JPEG (baseline, 4:4:4) of a crop, uint8 (rows, columns, 3), sRGB."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _apportioned(case_mix: Mapping[str, float], n: int) -> dict[str, int]:
    """Whole numbers that sum to `n`, in proportion to the weights (largest remainder)."""
    total = sum(case_mix.values())
    exact = {name: n * weight / total for name, weight in case_mix.items()}
    counts = {name: int(share + 1e-9) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: exact[name] - counts[name], reverse=True)
    for name in by_remainder[: n - sum(counts.values())]:
        counts[name] += 1
    return counts


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
