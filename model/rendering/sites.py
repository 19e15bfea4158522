"""Laboratories: stain, scale, lamp, camera and case mix.

The colour statistics, scales and class counts of the three published sets are those the field
reports for Matek-19, Acevedo-20 and the WBC1 part of MLL23. One more laboratory: a row in `SITES`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from model.rendering.redcells import RedCellStyle
from model.rendering.stains import Rgb, Stains

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD_UM = 25.0  # the window in which the field compares cells

MAY_GRUNWALD_GIEMSA = Stains(
    chromatin=(1.10, 1.92, 0.54),
    basophilia=(0.62, 0.60, 0.17),
    haemoglobin=(0.17, 0.34, 0.30),
    eosin=(0.20, 0.68, 0.60),
    azure=(0.26, 0.54, 0.20),
)

# Fitted so that rendered crops of the site's own case mix and size meet the published mean, median
# and standard deviation of each colour channel (docs/rendered-cells.md says how closely).
MATEK_STAINS = Stains(
    chromatin=(1.34, 2.80, 0.49),
    basophilia=(0.68, 0.76, 0.18),
    haemoglobin=(0.17, 0.39, 0.27),
    eosin=(0.24, 1.00, 0.52),
    azure=(0.32, 0.70, 0.19),
)
ACEVEDO_STAINS = Stains(
    chromatin=(1.33, 2.20, 0.42),
    basophilia=(0.63, 0.62, 0.20),
    haemoglobin=(0.24, 0.35, 0.20),
    eosin=(0.32, 0.81, 0.46),
    azure=(0.29, 0.56, 0.19),
)
MLL_STAINS = Stains(
    chromatin=(1.44, 2.70, 0.72),
    basophilia=(0.72, 0.73, 0.28),
    haemoglobin=(0.19, 0.37, 0.36),
    eosin=(0.27, 0.98, 0.62),
    azure=(0.35, 0.70, 0.27),
)

DEMO_MIX: Mapping[str, int] = MappingProxyType(
    {
        "neutrophil_segmented": 104,
        "neutrophil_band": 22,
        "lymphocyte": 34,
        "lymphocyte_reactive": 3,
        "monocyte": 13,
        "eosinophil": 6,
        "basophil": 1,
        "metamyelocyte": 6,
        "myelocyte": 3,
        "promyelocyte": 1,
        "erythroblast": 2,
        "smudge_cell": 3,
        "platelet": 1,
        "artefact": 1,
    }
)
"""200 cells of a mildly left-shifted film."""


@dataclass(frozen=True)
class Site:
    """One laboratory.

    Attributes:
        name: Its name.
        um_per_px: Scale, µm per pixel.
        size: Pixels along each side of a crop.
        stains: The dyes' vectors.
        background: The empty field, sRGB 0 to 255 (white balance).
        case_mix: Class and weight (published counts).
        red_cells: What its red cells look like.
        stain_spread: Relative standard deviation of stain strength between crops.
        vignette: Largest slope of the light from middle to edge, as a share.
        blur_um: Standard deviation of the lens's blur, µm.
        sharpen: Strength of the camera's unsharp mask; 0 for none.
        sharpen_um: Its width, µm.
        aberration_px: Largest shift of red against blue, pixels.
        noise: Standard deviation of the sensor's noise, of 255.
        jpeg_quality: 1 to 95.
        crowding: Chance that a second white cell lies in the field.
    """

    name: str
    um_per_px: float
    size: int
    stains: Stains
    background: Rgb
    case_mix: Mapping[str, float]
    red_cells: RedCellStyle = field(default_factory=RedCellStyle)
    stain_spread: float = 0.06
    vignette: float = 0.03
    blur_um: float = 0.08
    sharpen: float = 0.0
    sharpen_um: float = 0.25
    aberration_px: float = 0.25
    noise: float = 1.5
    jpeg_quality: int = 90
    crowding: float = 0.04

    @property
    def field_um(self) -> float:
        """Side of a crop, µm."""
        return self.um_per_px * self.size

    def resized(self, size: int, *, field_um: float | None = None) -> Site:
        """The same laboratory with `size` pixels over `field_um` µm (default: as before)."""
        return replace(self, size=size, um_per_px=(field_um or self.field_um) / size)


MATEK_COUNTS: Mapping[str, float] = MappingProxyType(
    {
        "neutrophil_segmented": 8484,
        "blast": 3268,
        "lymphocyte": 3937,
        "eosinophil": 424,
        "monocyte": 1789,
        "erythroblast": 78,
        "neutrophil_band": 109,
        "myelocyte": 42,
        "basophil": 79,
        "metamyelocyte": 15,
        "promyelocyte": 70,
    }
)
ACEVEDO_COUNTS: Mapping[str, float] = MappingProxyType(
    {
        "neutrophil_segmented": 1646,
        "lymphocyte": 1214,
        "eosinophil": 3117,
        "monocyte": 1420,
        "erythroblast": 1551,
        "neutrophil_band": 1633,
        "myelocyte": 1137,
        "basophil": 1218,
        "metamyelocyte": 1015,
        "promyelocyte": 592,
    }
)
MLL_COUNTS: Mapping[str, float] = MappingProxyType(
    {
        "neutrophil_segmented": 7170,
        "blast": 8606,
        "lymphocyte": 5532,
        "eosinophil": 2448,
        "monocyte": 2510,
        "erythroblast": 2071,
        "neutrophil_band": 687,
        "myelocyte": 747,
        "basophil": 616,
        "metamyelocyte": 483,
        "promyelocyte": 745,
    }
)

SITES: Mapping[str, Site] = MappingProxyType(
    {
        "demo": Site(
            name="demo",
            um_per_px=FIELD_UM / 192,
            size=192,
            stains=MAY_GRUNWALD_GIEMSA,
            background=(250.0, 241.0, 230.0),
            case_mix=DEMO_MIX,
            sharpen=0.6,
        ),
        "matek": Site(
            name="matek",
            um_per_px=1 / 13.8,
            size=400,
            stains=MATEK_STAINS,
            background=(239.0, 236.0, 239.0),
            case_mix=MATEK_COUNTS,
            blur_um=0.11,
        ),
        "acevedo": Site(
            name="acevedo",
            um_per_px=0.1,
            size=360,
            stains=ACEVEDO_STAINS,
            background=(251.0, 226.0, 199.0),
            case_mix=ACEVEDO_COUNTS,
            red_cells=RedCellStyle(pallor=0.62, spread=0.28),
            blur_um=0.05,
            sharpen=0.8,
        ),
        "mll": Site(
            name="mll",
            um_per_px=1 / 11.52,
            size=288,
            stains=MLL_STAINS,
            background=(228.0, 224.0, 244.0),
            case_mix=MLL_COUNTS,
        ),
    }
)


def random_site(rng: np.random.Generator) -> Site:
    """A laboratory nobody has seen: stain, white balance, scale and optics over a broad range.

    Args:
        rng: Random numbers.

    Returns:
        A site of 192 pixels over 20 to 32 µm.
    """
    matrix = MAY_GRUNWALD_GIEMSA.matrix()
    matrix *= rng.lognormal(0, 0.12, matrix.shape).astype(np.float32)
    matrix *= rng.lognormal(0, 0.10, (1, 3)).astype(np.float32)
    nuclear, cytoplasm, red = (float(gain) for gain in rng.lognormal(0, (0.15, 0.28, 0.22)))
    stains = Stains.from_matrix(matrix).strengthened(nuclear=nuclear, cytoplasm=cytoplasm, red=red)
    warmth, tint, lamp = rng.normal(0, 14), rng.normal(0, 6), rng.uniform(205, 250)
    red, green, blue = lamp + warmth, lamp - 6 + tint, lamp - warmth - rng.uniform(0, 12)
    return Site(
        name="random",
        um_per_px=rng.uniform(20, 32) / 192,
        size=192,
        stains=stains,
        background=(min(red, 255.0), min(green, 255.0), min(blue, 255.0)),
        case_mix=DEMO_MIX,
        red_cells=RedCellStyle(
            per_1000_um2=rng.uniform(3, 16),
            radius=rng.uniform(3.3, 3.8),
            spread=rng.uniform(0.12, 0.4),
            pallor=rng.uniform(0.1, 0.7),
            odd=rng.uniform(0.05, 0.5),
        ),
        stain_spread=rng.uniform(0.02, 0.12),
        vignette=rng.uniform(0, 0.1),
        blur_um=0.03 + abs(rng.normal(0, 0.11)),
        sharpen=max(rng.uniform(-0.6, 1.4), 0.0),
        aberration_px=rng.uniform(0, 0.7),
        noise=rng.uniform(0.5, 6),
        jpeg_quality=int(rng.integers(60, 96)),
        crowding=rng.uniform(0, 0.35),
    )
