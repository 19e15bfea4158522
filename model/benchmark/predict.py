"""How a trained method predicts an unseen domain: align, apply the head, add the case mix."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch

from model.case_mix import log_case_mix
from model.domains import DOMAINS
from model.head import softmax
from model.hierarchy import leaf_mask
from model.site_alignment import LeafMoments, align_site

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.loop import State
    from model.reference import HeldOut


def predict(
    state: State,
    method: Method,
    embedding: NDArray[np.float32],
    *,
    source: HeldOut,
    target: str,
) -> NDArray[np.float32]:
    """Predict one unseen domain, all its crops at once.

    Args:
        state: trained.
        method: says how far to align, and how much of the case mix to add.
        embedding: float32 (n, d), of the target's crops.
        source: held-out source crops.
        target: name of the domain; its tissue chooses the case mix.

    Returns:
        float32 (n, k), probabilities of the leaves.
    """
    aligned = aligned_as(state, method, embedding, source=source, target=target)
    return softmax(head_logits(state, aligned) + usual_shift(method, target))


def aligned_as(
    state: State,
    method: Method,
    embedding: NDArray[np.float32],
    *,
    source: HeldOut,
    target: str,
) -> NDArray[np.float32]:
    """Align the embeddings of an unseen domain as the method asks; arguments as in `predict`."""
    return align_site(
        embedding,
        source=LeafMoments.fit(source.embedding, leaf_mask(source.labels)),
        logits=partial(head_logits, state),
        log_usual=usual_shift(method, target),
        amount=method.site_alignment,
    )


def usual_shift(method: Method, target: str) -> NDArray[np.float32]:
    """Return what the method adds to the logits in a domain: float32 (k,)."""
    return log_case_mix(DOMAINS[target].tissue, strength=method.case_mix)


def head_logits(state: State, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply the averaged head: float32 (n, d) to float32 (n, k)."""
    with torch.inference_mode():
        logits: NDArray[np.float32] = state.average.head(torch.from_numpy(embedding)).numpy()
    return logits
