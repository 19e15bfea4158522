"""Site alignment: bring a new site's embeddings nearer to those of the training sites, unlabelled.

    z' = (z - m_t) · (s_s / s_t)^a + m_t + a (m_s - m_t)

Mean and deviation of each feature move a share `a` of the way to the training sites'. The whole
way would take a site's own case mix for a shift of stain, so the share is kept well below 1
(after AdaBN and "correlation alignment", with shrinkage against label shift).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def align_site(
    embedding: NDArray[np.float32], *, source: NDArray[np.float32], amount: float
) -> NDArray[np.float32]:
    """Align the embeddings of one site.

    Args:
        embedding: float32 (n, d), of one site.
        source: float32 (m, d), of held-out cells of the training sites.
        amount: 0..1; 0 changes nothing.

    Returns:
        float32 (n, d).
    """
    mean, wanted = embedding.mean(axis=0), source.mean(axis=0)
    spread, wanted_spread = embedding.std(axis=0) + 1e-3, source.std(axis=0) + 1e-3
    scaled = (embedding - mean) * (wanted_spread / spread) ** amount
    return np.asarray(scaled + mean + amount * (wanted - mean), dtype=np.float32)
