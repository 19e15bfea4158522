"""Fine-tuning jobs that take seconds: few cells, few steps, few stages that are free to learn."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.artifacts.array_files import write_arrays
from model.artifacts.card import sha256_of, write_json
from model.data.scale import preprocess
from model.inference.engines import OnnxEngine
from model.rendering.renderer import SITES, Renderer
from tests.unit.model.job_folders import write_job
from tests.unit.model.layered import BASE

LABELS = ("lymphocyte", "monocyte", "neutrophil", "eosinophil")
EACH = 6
QUICK: dict[str, Any] = {
    "steps": 4,
    "local": 4,
    "rendered": 4,
    "remembered": 8,
    "rendered_sites": 2,
    "rendered_per_class": 1,
    "judged_per_class": 1,
    "frozen_stages": 5,
    "folds": 2,
    "checkpoint_every": 1,
    "threads": 1,
    "warmup": 1,
    "accelerator": "cpu",
}


def write_tuning_job(
    folder: Path, *, settings: dict[str, Any] | None = None, **changes: Any
) -> Path:
    """Write a job that fine-tunes to 24 rendered cells of four classes in six groups.

    Args:
        folder: made.
        settings: that differ from the quick ones.
        changes: arrays that differ, or entries of job.json.
    """
    arrays = {**site_cells(), **{k: v for k, v in changes.items() if k in site_cells()}}
    n = len(arrays["cell_id"])
    spec = {k: v for k, v in changes.items() if k not in arrays}
    write_job(folder, n=n, **{"kind": "finetune", "model_id": f"{BASE.name}+finetune-1", **spec})
    notes = {"labels": LABELS, "sites": ["Rendered"], "image_sha256": ["0" * 64] * n}
    write_arrays(folder / "cells.safetensors", arrays, notes=notes)
    rewrite(folder, settings=QUICK | (settings or {}))
    return folder


def rewrite(folder: Path, **entries: Any) -> None:
    """Change entries of job.json, and let it name the cells that are there."""
    spec = json.loads((folder / "job.json").read_text())
    spec |= {"data_sha256": sha256_of(folder / "cells.safetensors"), **entries}
    write_json(folder / "job.json", spec)


@cache
def site_cells() -> dict[str, NDArray[Any]]:
    """Rendered cells of a bluish site with what the base makes of them."""
    renderer = Renderer(SITES["acevedo"].resized(160))
    crops, label = [], []
    for column, name in enumerate(LABELS):
        leaf = "neutrophil_segmented" if name == "neutrophil" else name
        for index in range(EACH):
            rng = np.random.default_rng((9, column, index))
            crops.append(preprocess(renderer.crop(leaf, rng), None)[0])
            label.append(column)
    stacked = np.stack(crops)
    n = len(label)
    engine = OnnxEngine(BASE / "model.onnx", threads=1)
    return {
        "cell_id": np.arange(100, 100 + n),
        "label": np.array(label, np.int64),
        "weight": np.ones(n),
        "group": np.arange(n) % EACH,
        "site": np.zeros(n, np.int64),
        "holdout": np.zeros(n, np.uint8),
        "seen_by_champion": np.zeros(n, np.uint8),
        "embedding": engine.embed(stacked).astype(np.float16),
        "crops": stacked,
    }
