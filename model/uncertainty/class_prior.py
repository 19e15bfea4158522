"""The usual case mix of a tissue: how often each leaf is met before a cell is looked at.

Training balances the classes, so the network holds an erythroblast as likely as a lymphocyte. In
blood it is not. The logits are shifted by the log of the tissue's usual shares (logit adjustment,
Menon et al., ICLR 2021, towards the place of use instead of towards balance).

The shares are rounded from adult reference ranges of the differential count; what ranges do not
list gets a floor of one in a hundred, far above its share in health, as slides are looked at
because something may be wrong. They come from no data set of this project.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from model.hierarchy import LEAVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FLOOR: Final = 0.01
USUAL: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "blood": MappingProxyType(
            {
                "neutrophil_segmented": 0.50,
                "neutrophil_band": 0.08,
                "lymphocyte": 0.25,
                "monocyte": 0.08,
                "eosinophil": 0.05,
                "basophil": 0.02,
            }
        )
    }
)


def log_class_prior(tissue: str, *, strength: float) -> NDArray[np.float32]:
    """Return what to add to the logits: float32 (k,); zeros for a tissue without usual shares.

    Args:
        tissue: "blood" or another.
        strength: 0..1; 0 adds nothing, 1 the whole log share.
    """
    usual = USUAL.get(tissue)
    if usual is None:
        return np.zeros(len(LEAVES), dtype=np.float32)
    shares = np.array([usual.get(leaf, FLOOR) for leaf in LEAVES])
    return np.asarray(strength * np.log(shares / shares.sum()), dtype=np.float32)
