"""Compare in a card: what the same recipe reaches without some of the sources.

For the card of a model trained on sources whose rights are unclear, so that who may only use the
openly licensed ones knows what is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from model.artifacts.card import CARD_NAME, read_card, write_json
from model.data.crop_set import load_evaluation_set, read_manifest
from model.inference.predictor import Predictor
from model.training.evaluate import evaluate

if TYPE_CHECKING:
    from pathlib import Path


def add_comparison(folder: Path, other: Path, data: Path) -> dict[str, Any]:
    """Score another model and write the figures into a card as `fewer_sources`.

    Args:
        folder: of the model whose card is written.
        other: folder of the model of the same recipe on fewer sources.
        data: folder with manifest.csv; every crop of a source that `other` has not seen is scored.

    Returns:
        What was written: the other model's id and sources, its scores on its own test split, and
        on each source it never saw.

    Raises:
        ModelFileError: a model is incomplete or damaged.
    """
    predictor = Predictor.open(other)
    known = set(predictor.card["data"])
    unseen = [record for record in read_manifest(data) if record.domain not in known]
    scores: dict[str, Any] = {}
    if unseen:
        crops = load_evaluation_set(unseen, data)
        batch = predictor.predict_prepared(crops.crops, np.zeros(len(unseen), dtype=np.uint8))
        scores = evaluate(crops.records, batch.probs)
    entry = {
        "model_id": predictor.model_id,
        "sources": sorted(known),
        "test": predictor.card["metrics"]["test"],
        "unseen": scores,
    }
    write_json(folder / CARD_NAME, read_card(folder) | {"fewer_sources": entry})
    return entry
