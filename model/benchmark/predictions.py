"""What a trained method predicts on an unseen domain, and how far its confidence can be trusted.

It aligns the domain's embeddings, applies the head and adds the case mix (`predict`).
`uncertainty_of` scores confidence, prediction sets and OOD scores, `sources_all_classes` what the
case mix costs the rare classes.

Temperature and sets are fitted on one half of the held-out source crops, "in domain" is the other
half, and the unseen domain takes no part in any fit. Nothing is said of whole slides: a tenth of
the sources leaves most sites too few cells to describe, so that every slide would alarm.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from model.benchmark.crops import save_whole
from model.data.domains import DOMAINS, labelled_leaves
from model.hierarchy import leaf_mask, leaves_of
from model.inference.test_time_augmentation import average_augmented_views
from model.network.head import softmax
from model.network.network import embed_crops
from model.rendering.ood_negatives import ood_negatives
from model.training.evaluate import evaluate
from model.uncertainty.calibration import fit_temperature
from model.uncertainty.class_prior import log_class_prior
from model.uncertainty.conformal import fit_thresholds
from model.uncertainty.estimator import CalibrationSet, site_weights
from model.uncertainty.site_alignment import LeafMoments, align_site
from model.uncertainty.uncertainty_figures import OodCells, cell_figures, halves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.benchmark.methods import Method
    from model.data.crop_set import Record
    from model.training.loop import TrainState

OOD_NEGATIVES_PER_KIND: Final = 10


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


def uncertainty_of(
    method: Method,
    *,
    held_out: CalibrationSet,
    target: CalibrationSet,
    aligned: CalibrationSet,
    ood_cells: OodCells,
    seed: int,
) -> dict[str, Any]:
    """Score the confidence of a method on one unseen domain.

    Confidence and sets are those of the method's predictions there, aligned and with the case
    mix; the OOD scores see the embeddings as they are, as alignment would hide the shift.

    Args:
        method: see `aligned_cells`.
        held_out: of the sources, not trained on.
        target: cells of the unseen domain; labels that no source has are left out.
        aligned: the same with the logits they are predicted by.
        ood_cells: crops without a white cell.
        seed: of the halves.

    Returns:
        The temperature, and the JSON values of
        `model.uncertainty.uncertainty_figures.cell_figures`.
    """
    known = labelled_leaves(held_out.labels)
    kept = np.array([bool(known & {*leaves_of(label)}) for label in target.labels])
    seen = target.rows(kept)
    calibration, source = halves(held_out, seed=seed)
    fitted = calibration.rows(calibration.real)
    mask, weights = leaf_mask(fitted.labels), site_weights(fitted.sites)
    temperature = fit_temperature(fitted.logits, mask, weights)
    thresholds = fit_thresholds(fitted.probabilities(temperature), mask, weights=weights)
    figures = cell_figures(
        calibration=calibration,
        source=source,
        target=aligned.rows(kept),
        temperature=temperature,
        thresholds=thresholds,
        ood_cells={
            "unseen_site": OodCells(seen.embedding, seen.logits),
            "non_cells": ood_cells,
        },
        log_prior=class_prior_shift(method, target.sites[0]),
    )
    return {"temperature": round(temperature, 4)} | figures


def embedded_cells(
    state: TrainState, embedding: NDArray[np.float32], records: Sequence[Record]
) -> CalibrationSet:
    """Put embeddings, float32 (n, d), with what the head makes of them and with their labels."""
    labels, sites = zip(*((record.label, record.domain) for record in records), strict=True)
    return cells_of(embedding, head_logits(state, embedding), labels, sites)


def cells_of(
    embedding: NDArray[np.float32],
    logits: NDArray[np.float32],
    labels: tuple[str, ...],
    sites: tuple[str, ...],
) -> CalibrationSet:
    """Cells without pictures, which only the figures of whole slides need."""
    pictures = np.empty((len(labels), 0, 0, 3), dtype=np.uint8)
    return CalibrationSet(embedding, logits, labels, sites, pictures, np.ones(len(labels)))


def draw_ood_cells(state: TrainState, cache: Path, *, size: int, views: int = 1) -> OodCells:
    """Embed crops without a white cell; they are drawn once and kept in the cache.

    Args:
        state: trained.
        cache: folder for the prepared crops, there already.
        size: px, side of the input.
        views: see `model.inference.test_time_augmentation`.
    """
    path = cache / f"non_cells-{OOD_NEGATIVES_PER_KIND}.npy"
    if not path.exists():
        save_whole(path, ood_negatives(OOD_NEGATIVES_PER_KIND)[0])
    drawn = torch.from_numpy(np.load(path)).permute(0, 3, 1, 2).float()
    resized = torch.nn.functional.interpolate(
        drawn, size=(size, size), mode="bilinear", antialias=True
    )
    crops = resized.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    embed = partial(embed_crops, state.average.backbone)
    embedding = average_augmented_views(embed, crops.numpy(), views=views)
    return OodCells(embedding, head_logits(state, embedding))


def sources_all_classes(
    cells: CalibrationSet, records: Sequence[Record], *, case_mix: float
) -> dict[str, dict[str, Any]]:
    """What the usual case mix costs the rare classes, on held-out crops of each source.

    A source's crops are no usual case mix, so this is close to the worst the step can do. A source
    whose tissue has no usual mix scores the same with it and without.

    Args:
        cells: of all sources.
        records: the same cells.
        case_mix: the method's strength, 0..1.

    Returns:
        "without", and where the strength is above 0 also "with": for each source the macro-F1
        over all its classes and the F1 of each, at the depth of its labels.
    """
    probs = {"without": softmax(cells.logits)}
    if case_mix > 0:
        shifts = [log_class_prior(DOMAINS[r.domain].tissue, strength=case_mix) for r in records]
        probs["with"] = softmax(cells.logits + np.stack(shifts))
    return {
        name: {
            source: {
                "macro_f1": values["macro_f1"],
                "f1": {label: one["f1"] for label, one in values["classes"].items()},
            }
            for source, values in evaluate(records, own).items()
        }
        for name, own in probs.items()
    }
