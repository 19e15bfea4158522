"""What is new in the card of a model that a job made; the rest of it is the base's.

To tell one more fact of every candidate: an entry in `card_facts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.data.crop_set import Record
from model.training.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.artifacts.layered_model import ModelFiles
    from model.jobs.job_cells import JobCells
    from model.jobs.job_folder import RunningJob
    from model.jobs.paired_predictions import PairedPredictions

REAL_CELLS: Final = 10  # labelled ones, from which on a leaf is not known from rendered cells only
LIMIT: Final = (
    "The head was adapted to {cells} cells labelled by people at the sites named here; judge it on "
    "these sites only."
)


def candidate_facts(
    job: RunningJob, cells: JobCells, paired: PairedPredictions, *, base: ModelFiles
) -> dict[str, Any]:
    """Tell what is new in the card of a candidate."""
    spec, trained = job.spec, ~cells.holdout
    names = [cells.labels[row] for row in cells.label[trained]]
    sites = sorted({cells.sites[row] for row in cells.site[trained]})
    per_class = {name: names.count(name) for name in sorted(set(names))}
    return {
        "model_id": spec.model_id,
        "kind": spec.kind,
        "parent": {
            "model_id": spec.active.model_id,
            "model_sha256": spec.active.model_sha256,
        },
        "job": spec.job_id,
        "trained_on": {
            "event": spec.event,
            "cells": len(names),
            "data_sha256": cells.sha256,
            "per_class": per_class,
            "sites": sites,
        },
        "metrics": {
            "way": paired.method,
            "before": candidate_scores(paired, local=paired.local_old, base=paired.base_shipped),
            "test": candidate_scores(paired, local=paired.local_new, base=paired.base_new),
        },
        "rendered_only": [
            leaf for leaf in base.card["rendered_only"] if per_class.get(leaf, 0) < REAL_CELLS
        ],
        "limits": [LIMIT.format(cells=len(names)), *base.card["limits"]],
        "seeds": {"all": spec.seed},
    }


def candidate_scores(
    paired: PairedPredictions, *, local: NDArray[np.float32], base: NDArray[np.float32]
) -> dict[str, Any]:
    """Score probabilities of the cells, by site, and by domain of the memory.

    Args:
        paired: the cells.
        local: float32 (m, k), of the local ones.
        base: float32 (r, k), of those of the memory.
    """
    found: dict[str, Any] = {}
    for part, sources, column, probs in (
        ("local", paired.sites, "site", local),
        ("base", paired.domains, "domain", base),
    ):
        source = getattr(paired, f"{part}_{column}")
        label = getattr(paired, f"{part}_label")
        records = [
            Record("", f"{part}: {sources[at]}", paired.labels[name])
            for at, name in zip(source, label, strict=True)
        ]
        found |= evaluate(records, probs)
    return found


def local_macro_f1(metrics: Mapping[str, Mapping[str, Any]]) -> float:
    """Mean macro-F1 of the sites among `candidate_scores`, none of the memory's domains."""
    return float(
        np.mean([m["macro_f1"] for name, m in metrics.items() if name.startswith("local")])
    )
