"""One row per class of white cell: how large, which nucleus, which colours.

Sizes are diameters in µm on a dried film, after the usual haematology atlases; amounts of dye are
in the units of `stains`. One more class: one more row in `RECIPES`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from model.rendering.nuclei import Builder, folded, lobed, one_of, round_nucleus, sausage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.rendering.stains import Stain

Span = tuple[float, float]
NONE: Span = (0.0, 0.0)


@dataclass(frozen=True)
class Chromatin:
    """Texture of the nucleus.

    Attributes:
        texture: Noise band: "lace" is open, "clump" and "block" are condensed.
        density: Amount of dye in the dark parts.
        contrast: 0 smooth, 1 pale gaps between dark clumps.
        gaps: Where the gaps begin, in standard deviations of the noise; higher is darker.
        rim: Extra dye along the nuclear membrane.
        spokes: Clumps set around the edge like the hours of a clock; 0 for none.
    """

    texture: str = "clump"
    density: Span = (0.9, 1.1)
    contrast: Span = (0.5, 0.75)
    gaps: float = 0.9
    rim: float = 0.3
    spokes: int = 0


@dataclass(frozen=True)
class Cytoplasm:
    """Colour and unevenness of the cytoplasm.

    Attributes:
        basophilia: Blue, from and to.
        azure: Lilac.
        haemoglobin: Pink of red cells.
        eosin: Orange of granules too fine to tell apart.
        mottle: Unevenness, as a share.
        rim: Extra dye at the cell's edge, as a share.
        hof: Chance of the pale Golgi zone beside the nucleus.
        vacuoles: Largest number of vacuoles.
    """

    basophilia: Span = NONE
    azure: Span = NONE
    haemoglobin: Span = NONE
    eosin: Span = NONE
    mottle: float = 0.22
    rim: float = 0.1
    hof: float = 0.0
    vacuoles: int = 0


@dataclass(frozen=True)
class Granules:
    """One kind of granule.

    Attributes:
        texture: A granule field of `noise.GRAINS`.
        stain: Its dye.
        amount: Dye in a granule, from and to.
        spread: Share of the cytoplasm that holds them.
        over_nucleus: Share of them seen over the nucleus.
    """

    texture: str
    stain: Stain
    amount: Span
    spread: Span = (1.0, 1.0)
    over_nucleus: float = 0.1


@dataclass(frozen=True)
class Recipe:
    """A class of white cell.

    Attributes:
        diameter: µm, from and to.
        nucleus: Builds the nucleus.
        chromatin: Its texture.
        cytoplasm: Around it.
        granules: None, one or several kinds.
        nucleoli: Number, from and to.
        wobble: Irregularity of the outline, µm.
        moulded: Chance that red cells dent it instead of being pushed away.
    """

    diameter: Span
    nucleus: Builder
    chromatin: Chromatin
    cytoplasm: Cytoplasm
    granules: tuple[Granules, ...] = field(default=())
    nucleoli: tuple[int, int] = (0, 0)
    wobble: float = 0.16
    moulded: float = 0.1


_NEUTROPHIL_DUST = Granules("dust", "azure", (0.5, 1.2), spread=(0.6, 1.0))
_AZUROPHIL = Granules("azurophil", "azure", (1.4, 2.4), spread=(0.6, 1.0), over_nucleus=0.8)
_AZUROPHIL_DARK = Granules(
    "azurophil", "chromatin", (0.1, 0.55), spread=(0.4, 0.9), over_nucleus=0.4
)
_RIPE = Cytoplasm(azure=(0.32, 0.62), basophilia=(0.0, 0.08), mottle=0.3)
_CONDENSED = Chromatin("clump", density=(0.98, 1.18), contrast=(0.5, 0.78), gaps=1.0, rim=0.25)
_OPEN = Chromatin("lace", density=(0.66, 0.88), contrast=(0.25, 0.42), gaps=0.3, rim=0.15)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "neutrophil_segmented": Recipe(
            diameter=(12.0, 15.0),
            nucleus=lobed({2: 0.15, 3: 0.5, 4: 0.28, 5: 0.07}, share=(0.25, 0.34)),
            chromatin=_CONDENSED,
            cytoplasm=_RIPE,
            granules=(_NEUTROPHIL_DUST,),
            wobble=0.22,
            moulded=0.3,
        ),
        "neutrophil_band": Recipe(
            diameter=(12.0, 15.0),
            nucleus=sausage(length=(1.25, 1.75), width=(0.19, 0.25), bend=(1.9, 4.0), s_shaped=0.2),
            chromatin=_CONDENSED,
            cytoplasm=_RIPE,
            granules=(_NEUTROPHIL_DUST,),
            moulded=0.2,
        ),
        "eosinophil": Recipe(
            diameter=(12.0, 16.0),
            nucleus=lobed({2: 0.82, 3: 0.18}, share=(0.27, 0.34)),
            chromatin=Chromatin("clump", density=(0.88, 1.05), contrast=(0.5, 0.75), gaps=0.8),
            cytoplasm=Cytoplasm(azure=(0.12, 0.25), basophilia=(0.05, 0.15), eosin=(0.3, 0.5)),
            granules=(Granules("coarse", "eosin", (0.4, 0.75), over_nucleus=0.12),),
        ),
        "basophil": Recipe(
            diameter=(11.0, 14.0),
            nucleus=one_of(
                (0.5, lobed({2: 0.6, 3: 0.4}, share=(0.4, 0.5))),
                (0.5, folded((0.45, 0.6))),
            ),
            chromatin=Chromatin("clump", density=(0.75, 0.95), contrast=(0.35, 0.6)),
            cytoplasm=Cytoplasm(azure=(0.6, 1.2), basophilia=(0.0, 0.15), mottle=0.35),
            granules=(
                Granules(
                    "basophilic", "chromatin", (0.8, 1.15), spread=(0.75, 1.0), over_nucleus=0.85
                ),
            ),
            wobble=0.22,
        ),
        "lymphocyte": Recipe(
            diameter=(7.5, 12.5),
            nucleus=round_nucleus((0.6, 0.93), eccentric=0.9, notch=0.35),
            chromatin=Chromatin(
                "clump", density=(1.0, 1.2), contrast=(0.4, 0.7), gaps=0.85, rim=0.2
            ),
            cytoplasm=Cytoplasm(basophilia=(0.45, 0.85), mottle=0.25, rim=0.25),
            wobble=0.2,
        ),
        "lymphocyte_reactive": Recipe(
            diameter=(13.0, 18.0),
            nucleus=one_of(
                (0.6, round_nucleus((0.36, 0.5), eccentric=0.8, notch=0.5)),
                (0.4, folded((0.36, 0.46))),
            ),
            chromatin=Chromatin("clump", density=(0.82, 1.02), contrast=(0.4, 0.65)),
            cytoplasm=Cytoplasm(basophilia=(0.4, 0.75), mottle=0.22, rim=0.75, vacuoles=2),
            wobble=0.45,
            moulded=0.95,
        ),
        "monocyte": Recipe(
            diameter=(14.0, 19.0),
            nucleus=one_of(
                (0.45, folded((0.42, 0.56))),
                (0.40, sausage(length=(0.9, 1.5), width=(0.34, 0.42), bend=(1.6, 3.4))),
                (0.15, lobed({2: 0.4, 3: 0.6}, share=(0.42, 0.52), thread=1.6)),
            ),
            chromatin=Chromatin(
                "lace", density=(0.85, 1.05), contrast=(0.38, 0.6), gaps=0.55, rim=0.25
            ),
            cytoplasm=Cytoplasm(
                basophilia=(0.34, 0.62), azure=(0.08, 0.25), mottle=0.26, vacuoles=8
            ),
            granules=(Granules("dust", "azure", (0.3, 0.9), spread=(0.3, 0.9)),),
            wobble=0.5,
            moulded=0.3,
        ),
        "blast": Recipe(
            diameter=(12.0, 18.0),
            nucleus=round_nucleus((0.66, 0.86), eccentric=0.9, notch=0.25),
            chromatin=_OPEN,
            cytoplasm=Cytoplasm(basophilia=(0.6, 1.0), mottle=0.2, rim=0.25, hof=0.25),
            nucleoli=(1, 4),
            wobble=0.22,
        ),
        "promyelocyte": Recipe(
            diameter=(14.0, 20.5),
            nucleus=round_nucleus((0.5, 0.7), eccentric=0.9, notch=0.3),
            chromatin=Chromatin("lace", density=(0.78, 0.98), contrast=(0.4, 0.65), gaps=0.6),
            cytoplasm=Cytoplasm(basophilia=(0.4, 0.8), azure=(0.1, 0.35), hof=0.6, mottle=0.3),
            granules=(_AZUROPHIL, _AZUROPHIL_DARK),
            nucleoli=(0, 3),
            wobble=0.2,
        ),
        "myelocyte": Recipe(
            diameter=(12.5, 17.5),
            nucleus=round_nucleus((0.4, 0.56), eccentric=1.0, notch=0.25),
            chromatin=Chromatin("clump", density=(0.88, 1.08), contrast=(0.45, 0.7)),
            cytoplasm=Cytoplasm(basophilia=(0.15, 0.45), azure=(0.25, 0.45), hof=0.4, mottle=0.3),
            granules=(
                _NEUTROPHIL_DUST,
                Granules("azurophil", "azure", (0.8, 1.6), spread=(0.15, 0.6), over_nucleus=0.25),
            ),
        ),
        "metamyelocyte": Recipe(
            diameter=(12.0, 16.0),
            nucleus=sausage(length=(0.75, 1.05), width=(0.34, 0.42), bend=(1.9, 2.9)),
            chromatin=Chromatin("clump", density=(0.95, 1.12), contrast=(0.5, 0.75), gaps=0.8),
            cytoplasm=Cytoplasm(basophilia=(0.02, 0.2), azure=(0.3, 0.55), mottle=0.3),
            granules=(_NEUTROPHIL_DUST,),
        ),
        "plasma_cell": Recipe(
            diameter=(11.0, 18.0),
            nucleus=round_nucleus((0.26, 0.38), eccentric=1.1),
            chromatin=Chromatin(
                "block", density=(0.95, 1.15), contrast=(0.5, 0.7), gaps=0.2, rim=0.25, spokes=7
            ),
            cytoplasm=Cytoplasm(basophilia=(0.9, 1.35), mottle=0.2, rim=0.1, hof=1.0, vacuoles=2),
            wobble=0.3,
        ),
        "erythroblast": Recipe(
            diameter=(8.0, 12.0),
            nucleus=round_nucleus((0.26, 0.5), eccentric=0.6),
            chromatin=Chromatin(
                "block", density=(1.05, 1.3), contrast=(0.1, 0.4), gaps=0.8, rim=0.1
            ),
            cytoplasm=Cytoplasm(basophilia=(0.08, 0.6), haemoglobin=(0.35, 0.95), mottle=0.12),
            wobble=0.25,
        ),
    }
)
