"""Contact sheets: every class in a row, to be looked at by a person.

`python -m model.rendering.sheet --sheet OUT.jpg` draws those of the manual.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.rendering.renderer import CLASS_IDS, Renderer
from model.rendering.sites import FIELD_UM, SITES, Site

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN = 150  # pixels for the class names
GAP = 3


def contact_sheet(path: Path, *, sites: Sequence[Site], columns: int, seed: int, tile: int) -> None:
    """Write one row per class, `columns` cells of each site, at one physical scale.

    Args:
        path: File to write; the ending chooses the format.
        sites: Laboratories, side by side.
        columns: Cells per class and site.
        seed: The same seed draws the same sheet.
        tile: Pixels along each side of a cell's crop (25 µm).
    """
    from PIL import Image, ImageDraw, ImageFont

    renderers = [Renderer(site.resized(2 * tile, field_um=FIELD_UM)) for site in sites]
    heading = 24 if len(sites) > 1 else 0
    step = tile + GAP
    width = MARGIN + len(sites) * (columns * step + 2 * GAP)
    page = Image.new("RGB", (width, heading + len(CLASS_IDS) * step), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for row, class_id in enumerate(CLASS_IDS):
        top = heading + row * step
        draw.text((6, top + tile // 2 - 8), class_id.replace("_", " "), fill="black", font=font)
        for block, renderer in enumerate(renderers):
            left = MARGIN + block * (columns * step + 2 * GAP)
            if heading and row == 0:
                draw.text((left, 4), renderer.site.name, fill="black", font=font)
            for column in range(columns):
                crop = renderer.crop(class_id, np.random.default_rng((seed, row, column)))
                cell = Image.fromarray(crop).resize((tile, tile), Image.Resampling.LANCZOS)
                page.paste(cell, (left + column * step, top))
    waiting = path.with_name(f".{path.stem}.part{path.suffix}")
    page.save(waiting, quality=82)
    waiting.replace(path)


def main() -> None:
    """Draw a contact sheet: every class of one site, or of several."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sheet", type=Path, required=True, help="JPEG or PNG to write")
    parser.add_argument("--sites", nargs="+", default=["demo"], choices=sorted(SITES))
    parser.add_argument("--columns", type=int, default=8, help="cells per class and site")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tile", type=int, default=128, help="pixels along each side of a cell")
    arguments = parser.parse_args()

    contact_sheet(
        arguments.sheet,
        sites=[SITES[name] for name in arguments.sites],
        columns=arguments.columns,
        seed=arguments.seed,
        tile=arguments.tile,
    )


if __name__ == "__main__":
    main()
