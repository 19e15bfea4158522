"""The five dyes a Romanowsky-stained cell is described with.

A painter lays down *amounts* (1.0 is a strongly stained example); a laboratory's vectors turn
amounts into optical density per colour channel. One more dye: a name in `Stain` and a field in
`Stains`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Stain = Literal["chromatin", "basophilia", "haemoglobin", "eosin", "azure"]
STAINS: tuple[Stain, ...] = get_args(Stain)
Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Stains:
    """Optical density (natural logarithm) in R, G, B of one unit of each dye.

    Attributes:
        chromatin: Azure B with eosin on DNA: the purple of nuclei.
        basophilia: Azure B on RNA: the blue of young cytoplasm.
        haemoglobin: Eosin on haemoglobin: the pink of red cells.
        eosin: The orange-red of eosinophil granules.
        azure: The lilac of neutrophil and the red-purple of azurophilic granules.
    """

    chromatin: Rgb
    basophilia: Rgb
    haemoglobin: Rgb
    eosin: Rgb
    azure: Rgb

    def matrix(self) -> NDArray[np.float32]:
        """The vectors as rows: float32 (dyes, 3), in the order of `STAINS`."""
        return np.array([getattr(self, field.name) for field in fields(self)], np.float32)

    @classmethod
    def from_matrix(cls, matrix: NDArray[np.floating]) -> Stains:
        """The inverse of `matrix`."""
        rows = [(float(r), float(g), float(b)) for r, g, b in matrix]
        return cls(**dict(zip(STAINS, rows, strict=True)))

    def strengthened(
        self, *, nuclear: float = 1.0, cytoplasm: float = 1.0, red: float = 1.0
    ) -> Stains:
        """The same hues, stained stronger (> 1) or paler (< 1) for nucleus, cytoplasm and eosin."""
        gains = np.array([nuclear, cytoplasm, red, red, cytoplasm], np.float32)
        return Stains.from_matrix(self.matrix() * gains[:, None])
