"""Protocol B's crops: three rendered laboratories with published colours, scales and case mixes.

A controlled shift: the same renderer draws Matek-19, Acevedo-20 and MLL23 with each set's stain,
lamp, field of view and class counts, and nothing else differs. How near the colours come stands
in docs/rendered-cells.md. The counts are scaled down so that the rarest class of Matek-19 is a
single crop, which keeps its 566:1. Every class has further crops that are never trained on: a
source is calibrated on them, and a target scored on its whole case mix with them, so that each
class has enough to be scored.

These case mixes are not those of healthy blood (a fifth of Matek-19 are blasts), and the domains'
tissue is "rendered blood smear", which has no usual case mix: in B that step of a method does
nothing.

To add a laboratory: a row in `SITE_OF`, and its domain in `model.data.domains`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from model.data.crop_set import Record
from model.hierarchy import LEAVES
from model.rendering.renderer import render_crop
from model.rendering.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SEED: Final = 21
SIDE: Final = 192  # px drawn over the whole field of view of the site
HELD_OUT: Final = 20  # crops of each class that are never trained on
FIRST_HELD_OUT: Final = 1_000_000  # number of the first of them


@dataclass(frozen=True)
class RenderedSite:
    """A laboratory of protocol B.

    Attributes:
        name: a key of `model.rendering.sites.SITES`.
        fewer: one crop is drawn for so many published ones, and at least one.
    """

    name: str
    fewer: int


SITE_OF: Final = MappingProxyType(
    {
        "rendered_matek": RenderedSite("matek", fewer=15),
        "rendered_acevedo": RenderedSite("acevedo", fewer=26),
        "rendered_mll": RenderedSite("mll", fewer=56),
    }
)


def site_records(*, shrink: int = 1) -> list[Record]:
    """Name the crops of the three laboratories, under 3000 together.

    Args:
        shrink: divides all counts once more, down to one; 1 outside of tests.
    """
    records = []
    for domain, site in SITE_OF.items():
        for label, published in SITES[site.name].case_mix.items():
            count = max(1, round(published / (site.fewer * shrink)))
            numbers = [*range(count)]
            numbers += range(FIRST_HELD_OUT, FIRST_HELD_OUT + max(1, HELD_OUT // shrink))
            records += [Record(f"{domain}/{label}/{number}", domain, label) for number in numbers]
    return records


def number_of(record: Record) -> int:
    """Return the number of a rendered crop, the last part of its path."""
    return int(record.path.rsplit("/", 1)[-1])


def draw(record: Record) -> NDArray[np.uint8]:
    """Draw one crop as its laboratory would have cut it: uint8 (192, 192, 3), sRGB.

    No two laboratories show the same cell.
    """
    place = [*SITE_OF].index(record.domain)
    seed = (SEED, place, LEAVES.index(record.label), number_of(record))
    site = SITES[SITE_OF[record.domain].name].resized(SIDE)
    return render_crop(record.label, site, np.random.default_rng(seed))


def split_rendered(
    records: Sequence[Record], source: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Part the sources' rows: (held out, training). No class of a site is without training crops.

    Args:
        records: of `site_records`.
        source: rows of the sources.
    """
    held_out = np.array([number_of(records[row]) >= FIRST_HELD_OUT for row in source])
    return source[held_out], source[~held_out]
