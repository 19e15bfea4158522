"""Folders of jobs over the shipped model: cells of its memory under a foreign stain."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.artifacts.array_files import write_arrays
from model.artifacts.card import model_sha256, read_card, sha256_of, write_json
from model.artifacts.replay_memory import load_replay
from model.hierarchy import LEAVES
from model.inference.predictor import HEAD_FILE
from model.network.head import Head
from tests.unit.model.layered import BASE

KNOWN = ("lymphocyte", "monocyte", "eosinophil", "neutrophil_segmented")
LEAN = 9.0  # by so much a foreign cell's logit of lymphocyte rises over the others
MEMORY = load_replay(BASE, read_card(BASE))
BASE_SHA256 = model_sha256(read_card(BASE))


def write_job(folder: Path, *, n: int = 48, lean: float = LEAN, **changes: Any) -> Path:
    """Write a job that adapts to n cells of a foreign stain.

    Args:
        folder: made.
        n: cells, spread evenly over four classes and six groups.
        lean: how foreign the stain is; 0 for that of the training sites.
        changes: arrays that differ, "labels" by other names, or entries of job.json.
    """
    folder.mkdir(parents=True)
    arrays = foreign_cells(n, lean=lean)
    arrays |= {name: changes.pop(name) for name in list(changes) if name in arrays}
    arrays |= {name: changes.pop(name) for name in ("champion_embedding",) if name in changes}
    notes = {
        "labels": changes.pop("labels", KNOWN),
        "sites": ["Foreign"],
        "image_sha256": ["0" * 64] * n,
    }
    write_arrays(folder / "cells.safetensors", arrays, notes=notes)
    name = {"model_id": BASE.name, "model_sha256": BASE_SHA256}
    spec = {
        "format": 1,
        "job_id": folder.name,
        "kind": "adapt",
        "seed": 0,
        "model_id": f"{BASE.name}+adapt-1",
        "base": name,
        "champion": name,
        "event": 41,
        "site": "Foreign",
        "settings": {},
        "grouped_by": "patient",
        "data_sha256": sha256_of(folder / "cells.safetensors"),
    }
    write_json(folder / "job.json", spec | changes)
    return folder


def foreign_cells(n: int, *, lean: float = LEAN, seed: int = 3) -> dict[str, NDArray[Any]]:
    """Cells that all look more like lymphocytes to the shipped head than they are."""
    rng = np.random.default_rng(seed)
    names = np.array(MEMORY.label_names)
    label = np.arange(n) % len(KNOWN)
    rows = [int(rng.choice(np.flatnonzero(names == KNOWN[at]))) for at in label]
    embedding = MEMORY.embedding[rows].astype(np.float32)
    head = Head.load(BASE / HEAD_FILE)
    pull = np.sum([head.weight[LEAVES.index(name)] for name in KNOWN[1:]], axis=0)
    pull = head.weight[LEAVES.index("lymphocyte")] - pull / len(KNOWN[1:])
    drift = lean * pull / (pull @ pull)
    noise = 0.5 * embedding.std(axis=0) * rng.normal(size=embedding.shape).astype(np.float32)
    return {
        "cell_id": np.arange(100, 100 + n),
        "label": label.astype(np.int64),
        "weight": np.ones(n),
        "group": (np.arange(n) // len(KNOWN)) % 6,
        "site": np.zeros(n, np.int64),
        "holdout": np.zeros(n, np.uint8),
        "seen_by_champion": np.zeros(n, np.uint8),
        "embedding": (embedding + drift + noise).astype(np.float16),
    }


def result_of(folder: Path) -> dict[str, Any]:
    """The result that a job wrote."""
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result
