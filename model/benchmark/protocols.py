"""What is left out, what is trained on, and which classes count.

To add a protocol: an entry in `PROTOCOLS`. A fold is one training; its targets are never seen
in it, neither for training nor for choosing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from model.benchmark.crops import SITE_OF
from model.data.domains import RENDERED

FOUR: Final = ("neutrophil", "eosinophil", "lymphocyte", "monocyte")
FIVE: Final = (*FOUR, "basophil")
MATURATION: Final = (
    "promyelocyte",
    "myelocyte",
    "metamyelocyte",
    "neutrophil_band",
    "neutrophil_segmented",
    "erythroblast",
)
ELEVEN: Final = (
    "neutrophil_segmented",
    "neutrophil_band",
    "eosinophil",
    "basophil",
    "lymphocyte",
    "monocyte",
    "blast",
    "promyelocyte",
    "myelocyte",
    "metamyelocyte",
    "erythroblast",
)
REAL: Final = ("barcelona_pbc", "bccd", "choi_bonemarrow", "jiangxi_tecom")


@dataclass(frozen=True)
class Fold:
    """One training and what it is scored on.

    Attributes:
        sources: domains trained on.
        targets: unseen domains, with the classes that are scored there (the field's labels; a
            class counts where the target has at least 20 crops of it).
        pool: where the crops come from, "data" or "rendered_sites".
    """

    sources: tuple[str, ...]
    targets: tuple[tuple[str, tuple[str, ...]], ...]
    pool: str = "data"


def leave_out(domain: str, classes: tuple[str, ...]) -> Fold:
    """Train on every other real domain and on rendered cells."""
    return Fold((*(name for name in REAL if name != domain), RENDERED), ((domain, classes),))


def leave_out_rendered(domain: str) -> Fold:
    """Train on the other two rendered laboratories."""
    sources = tuple(name for name in SITE_OF if name != domain)
    return Fold(sources, ((domain, ELEVEN),), pool="rendered_sites")


PROTOCOLS: Final = MappingProxyType(
    {
        "A1": (
            leave_out("bccd", FOUR),
            leave_out("jiangxi_tecom", FOUR),
            leave_out("barcelona_pbc", FIVE),
        ),
        "A1s": (
            Fold(("barcelona_pbc", "choi_bonemarrow"), (("bccd", FOUR), ("jiangxi_tecom", FOUR))),
        ),
        "A2": (
            Fold(("barcelona_pbc",), (("choi_bonemarrow", MATURATION),)),
            Fold(("choi_bonemarrow",), (("barcelona_pbc", MATURATION),)),
        ),
        "A2r": (
            Fold(("barcelona_pbc", RENDERED), (("choi_bonemarrow", MATURATION),)),
            Fold(("choi_bonemarrow", RENDERED), (("barcelona_pbc", MATURATION),)),
        ),
        "B": tuple(leave_out_rendered(name) for name in SITE_OF),
    }
)
