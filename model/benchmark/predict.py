"""How a trained method predicts an unseen domain: align, apply the head, add the case mix."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import torch

from model.data.domains import DOMAINS
from model.hierarchy import leaf_mask
from model.network.head import softmax
from model.uncertainty.class_prior import log_class_prior
from model.uncertainty.site_alignment import LeafMoments, align_site

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.training.loop import TrainState
    from model.uncertainty.estimator import CalibrationSet


def aligned_cells(
    state: TrainState, method: Method, cells: CalibrationSet, *, source: CalibrationSet
) -> CalibrationSet:
    """Give the cells of one unseen domain the logits they have once aligned, all at once.

    Args:
        state: trained.
        method: says how far to align, and to which usual shares.
        cells: of the domain; their embeddings stay as they are.
        source: held-out source crops.
    """
    aligned = align_site(
        cells.embedding,
        source=LeafMoments.fit(source.embedding, leaf_mask(source.labels)),
        logits=partial(head_logits, state),
        log_usual=class_prior_shift(method, cells.sites[0]),
        amount=method.site_alignment,
    )
    return replace(cells, logits=head_logits(state, aligned))


def predict(method: Method, aligned: CalibrationSet) -> NDArray[np.float32]:
    """Predict one unseen domain from `aligned_cells`: float32 (n, k), the case mix added."""
    return softmax(aligned.logits + class_prior_shift(method, aligned.sites[0]))


def class_prior_shift(method: Method, target: str) -> NDArray[np.float32]:
    """Return what the method adds to the logits in a domain: float32 (k,)."""
    return log_class_prior(DOMAINS[target].tissue, strength=method.case_mix)


def head_logits(state: TrainState, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply the averaged head: float32 (n, d) to float32 (n, k)."""
    with torch.inference_mode():
        logits: NDArray[np.float32] = state.average.head(torch.from_numpy(embedding)).numpy()
    return logits
