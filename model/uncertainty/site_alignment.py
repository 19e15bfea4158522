"""Site alignment: bring a new site's embeddings nearer to those of the training sites, unlabelled.

    z' = (z - m_t) · (s_q / s_t)^a + m_t + a (m_q - m_t)

Mean and deviation of each feature move a share `a` of the way to what the training sites would
show under the new site's own class shares q. Aligning to their plain mean would take another case
mix for another stain; so q is estimated from the predictions, in turn with the alignment, and drawn
towards the shares that are usual there. After AdaBN and correlation alignment.

That guards against label shift in part only. Where one class fills a site and the usual shares do
not expect it (an eosinophilia, a leukaemia), q stays nearer to the usual than the cells are, and
they are moved towards classes that are not there; the more, the nearer `a` is to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.network.head import softmax

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ROUNDS: Final = 8
USUAL_WEIGHT: Final = 0.3  # of the usual shares in q, beside those predicted
LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True)
class LeafMoments:
    """What the embeddings of each leaf look like at the training sites.

    Attributes:
        mean: float64 (k, d), of each feature; 0 where a leaf is not known.
        square: float64 (k, d), mean of its square.
        known: bool (k,), leaves that the sites show.
    """

    mean: NDArray[np.float64]
    square: NDArray[np.float64]
    known: NDArray[np.bool_]

    @classmethod
    def fit(cls, embedding: NDArray[np.float32], target: NDArray[np.bool_]) -> LeafMoments:
        """Measure held-out cells of the training sites.

        Args:
            embedding: float32 (m, d).
            target: bool (m, k), the leaves of each label; a parent's cell counts for each of its
                leaves in part.
        """
        share = target / np.maximum(target.sum(axis=1, keepdims=True), 1)  # (m, k)
        total = share.sum(axis=0)
        part = (share / np.maximum(total, 1e-12)).T  # (k, m)
        values = embedding.astype(np.float64)
        return cls(mean=part @ values, square=part @ values**2, known=total > 0)

    def mixed(self, shares: NDArray[np.floating]) -> tuple[NDArray[np.float64], ...]:
        """Return mean and deviation, each float64 (d,), of a site with these class shares (k,)."""
        weight = np.where(self.known, shares, 0.0)
        weight = weight / weight.sum()
        mean = weight @ self.mean
        variance = np.maximum(weight @ self.square - mean**2, 0.0)
        return mean, np.sqrt(variance) + LEAST_SPREAD


def align_site(
    embedding: NDArray[np.float32],
    *,
    source: LeafMoments,
    logits: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    log_usual: NDArray[np.float32],
    amount: float,
) -> NDArray[np.float32]:
    """Align the embeddings of one site.

    Args:
        embedding: float32 (n, d), of one site.
        source: of the training sites.
        logits: the head, float32 (n, d) to float32 (n, k).
        log_usual: float32 (k,), log of the class shares that are usual at the site, up to a
            constant; it is added to the logits. All alike where nothing is known.
        amount: 0..1; 0 changes nothing.

    Returns:
        float32 (n, d).
    """
    if amount == 0.0 or not len(embedding):
        return embedding
    usual = softmax(log_usual[None])[0]
    mean, spread = embedding.mean(axis=0), embedding.std(axis=0) + LEAST_SPREAD
    aligned = embedding
    for _ in range(ROUNDS):
        predicted = softmax(logits(aligned) + log_usual).mean(axis=0)
        shares = (1.0 - USUAL_WEIGHT) * predicted + USUAL_WEIGHT * usual
        wanted_mean, wanted_spread = source.mixed(shares)
        scaled = (embedding - mean) * (wanted_spread / spread) ** amount
        moved = scaled + mean + amount * (wanted_mean - mean)
        aligned = np.asarray(moved, dtype=np.float32)
    return aligned
