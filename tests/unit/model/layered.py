"""Layered models over the shipped one, as a job writes them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.artifacts.array_files import write_arrays
from model.artifacts.card import read_card
from model.artifacts.layered_model import write_layer_card
from model.inference.predictor import HEAD_FILE, find_model
from model.network.head import Head

BASE = find_model(Path(__file__).parents[3] / "resources" / "models")


def layer_facts(model_id: str, **more: Any) -> dict[str, Any]:
    """What a job tells of its model."""
    facts = {
        "model_id": model_id,
        "kind": "adapt",
        "parent": {"model_id": BASE.name, "model_sha256": "0" * 64},
        "job": "0001-adapt",
        "trained_on": {"event": 7, "cells": 3, "data_sha256": "0" * 64, "per_class": {}},
        "metrics": {},
        "limits": ["Adapted to one site."],
    }
    return facts | more


def write_adapted(
    folder: Path, *, model_id: str = "wbc-robust-1+adapt-1", turn: float = 0.5, **more: Any
) -> Path:
    """Write a model with another head over the shipped one; its card tells more, too."""
    folder.mkdir(parents=True)
    head = Head.load(BASE / HEAD_FILE)
    bias = head.bias.copy()
    bias[0] += np.float32(turn)
    replace(head, bias=bias).save(folder / HEAD_FILE)
    facts = layer_facts(model_id, **more)
    write_layer_card(folder, [HEAD_FILE], base_card=read_card(BASE), facts=facts)
    return folder


def write_tuned(folder: Path, arrays: dict[str, NDArray[np.float32]]) -> Path:
    """Write a model with other weights in the shipped graph."""
    folder.mkdir(parents=True)
    write_arrays(folder / "onnx_weights.safetensors", arrays, notes={})
    facts = layer_facts("wbc-robust-1+finetune-2", kind="finetune")
    names = ["onnx_weights.safetensors"]
    write_layer_card(folder, names, base_card=read_card(BASE), facts=facts)
    return folder
