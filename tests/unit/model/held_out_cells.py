"""Held-out cells of two invented sites, for tests of what is fitted on such cells."""

import numpy as np

from model.data.domains import RENDERED
from model.hierarchy import LEAVES, leaf_mask
from model.uncertainty.estimator import CalibrationSet

LABELS = ("neutrophil", "lymphocyte", "monocyte", "eosinophil")
TINT = {"north": (250, 240, 235), "south": (235, 225, 180), "moon": (170, 200, 250)}


def held_out(
    *, seed: int, sites: tuple[str, ...] = ("north", "south"), n: int = 60
) -> CalibrationSet:
    """n cells of each site: embeddings that tell class and site apart, crops with a nucleus."""
    rng = np.random.default_rng(seed)
    names = tuple(site for site in sites for _ in range(n))
    labels = tuple(LABELS[index] for index in rng.integers(0, len(LABELS), len(names)))
    target = leaf_mask(labels)
    leaf = np.array([rng.choice(np.flatnonzero(row)) for row in target])
    logits = rng.normal(size=(len(names), len(LEAVES))) + 3.0 * np.eye(len(LEAVES))[leaf]
    embedding = rng.normal(size=(len(names), 40))
    embedding[:, : len(LEAVES)] += 3.0 * np.eye(len(LEAVES))[leaf]
    embedding[:, 20] += [9.0 * (site == "moon") for site in names]
    ground = np.array([TINT.get(site, TINT["north"]) for site in names])
    axis = np.arange(32) - 15.5
    disc = np.hypot(axis[:, None], axis[None, :]) < 8
    depth = rng.normal(1.0, 0.1, len(names))[:, None, None] * disc
    light = np.exp(-depth[..., None] * np.array([1.0, 1.3, 0.4])) * ground[:, None, None, :]
    crops = np.clip(light + rng.normal(0, 2, light.shape), 0, 255).astype(np.uint8)
    return CalibrationSet(
        embedding=embedding.astype(np.float32),
        logits=logits.astype(np.float32),
        labels=labels,
        sites=names,
        crops=crops,
        weights=np.where([site == RENDERED for site in names], 0.5, 1.0),
    )
