"""How a trained method predicts an unseen domain: align, apply the head, add the case mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from model.case_mix import log_case_mix
from model.domains import DOMAINS
from model.head import softmax
from model.site_alignment import align_site

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.loop import State


def predict(
    state: State,
    method: Method,
    embedding: NDArray[np.float32],
    *,
    source: NDArray[np.float32],
    target: str,
) -> NDArray[np.float32]:
    """Predict one unseen domain, all its crops at once.

    Args:
        state: trained.
        method: says how far to align, and how much of the case mix to add.
        embedding: float32 (n, d), of the target's crops.
        source: float32 (m, d), of held-out source crops.
        target: name of the domain; its tissue chooses the case mix.

    Returns:
        float32 (n, k), probabilities of the leaves.
    """
    aligned = align_site(embedding, source=source, amount=method.site_alignment)
    logits = head_logits(state, aligned)
    return softmax(logits + log_case_mix(DOMAINS[target].tissue, strength=method.case_mix))


def head_logits(state: State, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply the averaged head: float32 (n, d) to float32 (n, k)."""
    with torch.inference_mode():
        logits: NDArray[np.float32] = state.average.head(torch.from_numpy(embedding)).numpy()
    return logits
