"""The rendered reference cells: six typical ones of every leaf, rendered when they are asked for.

They are for orientation only. Each was chosen by eye from ten; when the renderer changes, look at
them again. The reader's own reference cells are in the workspace, see ``reference_commands``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import Taxonomy

PER_CLASS = 6
_SITE = "demo"
_SEED = 31

# Class and which of its renderings are typical. The position in this table is part of the seed: new
# classes are appended.
_CHOSEN = (
    ("neutrophil_segmented", (1, 3, 4, 7, 8, 9)),
    ("neutrophil_band", (0, 3, 4, 6, 8, 9)),
    ("eosinophil", (0, 2, 5, 7, 8, 9)),
    ("basophil", (0, 1, 2, 4, 8, 9)),
    ("lymphocyte", (0, 1, 2, 3, 4, 6)),
    ("lymphocyte_reactive", (0, 1, 4, 5, 7, 9)),
    ("monocyte", (0, 3, 4, 6, 7, 8)),
    ("blast", (0, 3, 4, 5, 7, 9)),
    ("promyelocyte", (0, 3, 5, 6, 7, 9)),
    ("myelocyte", (0, 2, 3, 4, 8, 9)),
    ("metamyelocyte", (0, 3, 4, 5, 6, 8)),
    ("plasma_cell", (0, 1, 3, 5, 7, 9)),
    ("erythroblast", (0, 2, 3, 5, 7, 9)),
    ("smudge_cell", (0, 1, 4, 7, 8, 9)),
    ("platelet", (1, 3, 4, 5, 6, 9)),
    ("artefact", (0, 2, 3, 5, 8, 9)),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class RenderedReference:
    """One rendered reference cell.

    Attributes:
        label: Class id of what was rendered.
        pixels: uint8 (h, w, 3), sRGB.
        um_per_px: Its scale in µm per pixel.
    """

    label: str
    pixels: NDArray[np.uint8]
    um_per_px: float


def rendered_references(class_id: str, taxonomy: Taxonomy) -> Iterator[RenderedReference]:
    """Yield the rendered reference cells of a class, each as soon as it is rendered.

    Args:
        class_id: Any class; of a parent some of each leaf.
        taxonomy: The classes.

    Yields:
        ``PER_CLASS`` cells, or none where nothing can be rendered, as of an unidentified cell.
    """
    indices = {label: index for index, (label, _) in enumerate(_CHOSEN)}
    leaves = [leaf for leaf in taxonomy.leaves_of(class_id) if leaf in indices]
    if not leaves:
        return
    from model.rendering.renderer import SITES, Renderer

    renderer = Renderer(SITES[_SITE])
    for leaf, number in _interleaved(leaves):
        index = indices[leaf]
        seed = (_SEED, index, _CHOSEN[index][1][number])
        pixels = renderer.crop(leaf, np.random.default_rng(seed))
        yield RenderedReference(label=leaf, pixels=pixels, um_per_px=renderer.site.um_per_px)


def reference_classes(class_id: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the classes whose reference cells are examples of a class.

    These are the class itself, its leaves, and what was merged into any of them.
    """
    meant = {class_id, *taxonomy.leaves_of(class_id)}
    return tuple(c.id for c in taxonomy.classes if taxonomy.counted_as[c.id] in meant)


def _interleaved(leaves: Sequence[str]) -> list[tuple[str, int]]:
    """Return leaf and number of each rendering, the first of every leaf first."""
    numbers = range(-(-PER_CLASS // len(leaves)))
    return [(leaf, number) for number in numbers for leaf in leaves][:PER_CLASS]
