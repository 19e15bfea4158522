"""Rendered smears: single-cell crops of every class, made from nothing but a seed.

They serve the demo patient, tests, controlled shift experiments and, for rare classes, training.
`Renderer` draws crops of one site; `render_patient` draws a whole film; `python -m model.synthetic
--sheet OUT.jpg` draws the contact sheets of the manual. How a field is built: `model.rendering`.
"""

from __future__ import annotations

import argparse
import io
import math
from dataclasses import dataclass
from pathlib import Path
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
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

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

CLASS_IDS: tuple[str, ...] = (*RECIPES, "smudge_cell", "platelet", "artefact")


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
        if class_id not in CLASS_IDS:
            raise KeyError(f"No recipe for the class {class_id!r}; known: {', '.join(CLASS_IDS)}")
        canvas = Canvas(
            size=size or self.site.size, um_per_px=self.site.um_per_px, noise=self._noise, rng=rng
        )
        centre = Point(rng.normal(0, 0.5), rng.normal(0, 0.5))
        if class_id in RECIPES:
            self._white_cell(canvas, class_id, centre)
        else:
            self._fragment(canvas, class_id, centre)
        return photograph(canvas, self.site)

    def jpeg(self, class_id: str, rng: np.random.Generator, *, size: int | None = None) -> bytes:
        """`crop`, encoded at the site's JPEG quality."""
        return encode_jpeg(self.crop(class_id, rng, size=size), quality=self.site.jpeg_quality)

    def _white_cell(self, canvas: Canvas, class_id: str, centre: Point) -> None:
        """Red cells first, then the white cell in their midst, now and then beside another."""
        recipe, rng = RECIPES[class_id], canvas.rng
        cell = WhiteCell(recipe, centre=centre, radius=rng.uniform(*recipe.diameter) / 2)
        moulded = rng.random() < recipe.moulded
        keep_out = [(centre, cell.radius * (0.86 if moulded else 1.0))]
        neighbour = self._neighbour(cell, rng)
        if neighbour is not None:
            keep_out.append((neighbour.centre, neighbour.radius))
        red_cells = self._surroundings(canvas, keep_out=keep_out)
        if neighbour is not None:
            whitecells.paint(canvas, neighbour, dents=[])
        whitecells.paint(canvas, cell, dents=red_cells if moulded else [])

    def _neighbour(self, cell: WhiteCell, rng: np.random.Generator) -> WhiteCell | None:
        """A second white cell of the site's case mix, beside the first; mostly none."""
        if rng.random() >= self.site.crowding:
            return None
        mix = {name: weight for name, weight in self.site.case_mix.items() if name in RECIPES}
        weights = np.array(list(mix.values()), float)
        recipe = RECIPES[str(rng.choice(list(mix), p=weights / weights.sum()))]
        radius = rng.uniform(*recipe.diameter) / 2
        turn, away = rng.uniform(0, math.tau), cell.radius + radius + abs(rng.normal(0.3, 2.0))
        place = Point(cell.centre.x + away * math.cos(turn), cell.centre.y + away * math.sin(turn))
        return WhiteCell(recipe, centre=place, radius=radius)

    def _fragment(self, canvas: Canvas, class_id: str, centre: Point) -> None:
        """What lies between or on the red cells."""
        painters = {
            "smudge_cell": fragments.smudge,
            "platelet": fragments.platelets,
            "artefact": fragments.artefact,
        }
        clearance = {"smudge_cell": 4.5, "platelet": 1.5, "artefact": 0.0}[class_id]
        self._surroundings(canvas, keep_out=[(centre, clearance)])
        painters[class_id](canvas, centre)

    def _surroundings(
        self, canvas: Canvas, *, keep_out: list[tuple[Point, float]]
    ) -> list[redcells.RedCell]:
        """Red cells, and now and then a platelet, around the middle."""
        rng = canvas.rng
        cells = redcells.scatter(canvas, self.site.red_cells, keep_out=keep_out)
        for cell in cells:
            redcells.paint(canvas, cell)
        for _ in range(int(rng.poisson(0.3))):
            place = Point(
                rng.uniform(-canvas.half, canvas.half), rng.uniform(-canvas.half, canvas.half)
            )
            fragments.platelet(canvas, place, radius=rng.uniform(0.8, 1.5))
        return cells


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


def main() -> None:
    """Draw a contact sheet: every class of one site, or of several."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sheet", type=Path, required=True, help="JPEG or PNG to write")
    parser.add_argument("--sites", nargs="+", default=["demo"], choices=sorted(SITES))
    parser.add_argument("--columns", type=int, default=8, help="cells per class and site")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tile", type=int, default=128, help="pixels along each side of a cell")
    arguments = parser.parse_args()

    from model.rendering.sheet import contact_sheet

    contact_sheet(
        arguments.sheet,
        sites=[SITES[name] for name in arguments.sites],
        columns=arguments.columns,
        seed=arguments.seed,
        tile=arguments.tile,
    )


if __name__ == "__main__":
    main()
