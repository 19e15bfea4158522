"""Rendered smears: single-cell crops of every class, made from nothing but a seed.

They serve the demo patient, tests, controlled shift experiments and, for rare classes, training.
`Renderer` draws crops of one site; `render_patient` draws a whole film. How a field is built:
`model.rendering`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.rendering.canvas import Canvas
from model.rendering.noise import NoiseTable, noise_table
from model.rendering.optics import photograph
from model.rendering.scene import CLASS_IDS, compose
from model.rendering.sites import DEMO_MIX, SITES, Site, random_site

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
