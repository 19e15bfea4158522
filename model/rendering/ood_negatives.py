"""Crops that show no white cell: what a detector sends by mistake, and what is no smear at all.

They test the OOD score. Smear backgrounds come from `model.rendering` at random sites; noise, flat
fields and text come from no smear. All go through `model.data.scale.preprocess` as any crop does.

To add a kind: a function from a generator of random numbers to uint8 (h, w, 3), and its name in
`KINDS`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from model.data.scale import INPUT_SIZE, preprocess
from model.rendering import fragments, redcells
from model.rendering.canvas import MIDDLE, Canvas
from model.rendering.noise import noise_table
from model.rendering.optics import blurred, photograph
from model.rendering.sites import random_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from model.rendering.fragments import Painter

SIDE: Final = 160  # px of the kinds that are no smear


def smear(rng: np.random.Generator, *, red_cells: bool, lay: Painter | None) -> NDArray[np.uint8]:
    """A field of a random site without a white cell: uint8 (192, 192, 3)."""
    site = random_site(rng)
    canvas = Canvas(size=site.size, um_per_px=site.um_per_px, noise=noise_table(), rng=rng)
    if red_cells:
        for cell in redcells.scatter(canvas, site.red_cells, keep_out=[]):
            redcells.paint(canvas, cell)
    if lay is not None:
        lay(canvas, MIDDLE)
    return photograph(canvas, site)


def empty(rng: np.random.Generator) -> NDArray[np.uint8]:
    """The empty field between cells."""
    return smear(rng, red_cells=False, lay=None)


def red_cells(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Red cells only."""
    return smear(rng, red_cells=True, lay=None)


def precipitate(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Dye that fell out, over red cells."""
    return smear(rng, red_cells=True, lay=fragments.precipitate)


def dirt(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A dark lump or fibre, over red cells."""
    return smear(rng, red_cells=True, lay=fragments.dirt)


def noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Coloured noise of random grain, without any form."""
    grain = rng.standard_normal((3, SIDE, SIDE), dtype=np.float32)
    soft = blurred(grain, sigma=float(rng.uniform(0.0, 6.0)))
    soft *= rng.uniform(15, 60) / max(float(soft.std()), 1e-6)
    return to_pixels(soft.transpose(1, 2, 0) + rng.uniform(60, 220, 3))


def flat(rng: np.random.Generator) -> NDArray[np.uint8]:
    """One colour, lit unevenly at most."""
    slope = rng.uniform(-15, 15, 2)
    axis = np.linspace(-1, 1, SIDE)
    light = slope[0] * axis[:, None] + slope[1] * axis[None, :]
    return to_pixels(light[..., None] + rng.uniform(20, 255, 3))


def text(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Letters, lines and boxes, as on a label or a screenshot."""
    paper, ink = (tuple(int(v) for v in rng.uniform(*span, 3)) for span in ((180, 255), (0, 90)))
    image = Image.new("RGB", (SIDE, SIDE), paper)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.uniform(0, SIDE * 0.6, 2).tolist()
        word = "".join(rng.choice(list("ABCDEFGHKLMNPRSTX0123456789")) for _ in range(6))
        draw.text((x, y), word, fill=ink, font_size=float(rng.uniform(12, 40)))
    for _ in range(int(rng.integers(1, 5))):
        ends = rng.uniform(0, SIDE, 4).tolist()
        draw.line(ends, fill=ink, width=int(rng.integers(1, 6)))
    return np.asarray(image)


def to_pixels(light: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Round float (h, w, 3) to uint8."""
    pixels: NDArray[np.uint8] = np.clip(light + 0.5, 0, 255).astype(np.uint8)
    return pixels


KINDS: Final[Mapping[str, Callable[[np.random.Generator], NDArray[np.uint8]]]] = MappingProxyType(
    {
        "empty": empty,
        "red_cells": red_cells,
        "precipitate": precipitate,
        "dirt": dirt,
        "noise": noise,
        "flat": flat,
        "text": text,
    }
)


def ood_negatives(per_kind: int, *, seed: int = 0) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Draw crops without a white cell.

    Args:
        per_kind: of each of `KINDS`.
        seed: the same seed gives the same pixels.

    Returns:
        uint8 (n, 128, 128, 3), prepared for the network, and the kind of each.
    """
    names = [name for name in KINDS for _ in range(per_kind)]
    crops = np.empty((len(names), INPUT_SIZE, INPUT_SIZE, 3), dtype=np.uint8)
    for row, name in enumerate(names):
        crops[row], _ = preprocess(KINDS[name](np.random.default_rng((seed, row))))
    return crops, tuple(names)
