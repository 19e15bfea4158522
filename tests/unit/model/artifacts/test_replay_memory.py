"""The replay memory is stored small, read again, and refused where it does not belong."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from model.artifacts.card import ModelFileError, read_card, sha256_of
from model.artifacts.replay_memory import (
    BACKBONE_FILE,
    MAX_REPLAY_BYTES,
    REPLAY_FILE,
    Replay,
    load_replay,
    make_replay,
)
from model.inference.predictor import Predictor, find_model
from model.training.replay_crops import REPLAY_CELLS

OURS, OTHERS = "a" * 64, "b" * 64


@pytest.fixture
def memory() -> Replay:
    embedding = np.random.default_rng(3).uniform(0, 6, (5, 7)).astype(np.float32)
    labels = ["monocyte", "neutrophil", "monocyte", "basophil", "monocyte"]
    return make_replay(embedding, labels, ["bccd", "bccd", "rendered", "rendered", "bccd"])


def test_a_memory_comes_back_as_it_went(memory: Replay, tmp_path: Path) -> None:
    path = tmp_path / REPLAY_FILE
    memory.save(path, backbone_sha256=OURS)
    again = Replay.load(path, backbone_sha256=OURS)
    np.testing.assert_array_equal(again.embedding, memory.embedding)
    assert again.embedding.dtype == np.float16
    assert again.label_names == ("monocyte", "neutrophil", "monocyte", "basophil", "monocyte")
    assert again.domain_names == ("bccd", "bccd", "rendered", "rendered", "bccd")
    assert again.counts() == {
        "bccd": {"monocyte": 2, "neutrophil": 1},
        "rendered": {"basophil": 1, "monocyte": 1},
    }


def test_a_full_memory_fits_and_a_fuller_one_is_refused(tmp_path: Path) -> None:
    def of(cells: int) -> Replay:
        return make_replay(
            np.zeros((cells, 1280), dtype=np.float32), ["blast"] * cells, ["bccd"] * cells
        )

    of(REPLAY_CELLS).save(tmp_path / REPLAY_FILE, backbone_sha256=OURS)
    assert (tmp_path / REPLAY_FILE).stat().st_size <= MAX_REPLAY_BYTES
    with pytest.raises(ValueError, match="too many"):
        of(2400).save(tmp_path / "more", backbone_sha256=OURS)
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_embeddings_that_half_precision_cannot_hold_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no numbers"):
        make_replay(np.full((1, 4), value, dtype=np.float32), ["blast"], ["bccd"])


def test_parts_that_do_not_fit_together_are_refused(memory: Replay) -> None:
    with pytest.raises(ValueError, match="differ in number"):
        replace(memory, label=memory.label[1:])
    with pytest.raises(ValueError, match="does not list"):
        replace(memory, labels=memory.labels[:-1])
    with pytest.raises(ValueError, match="does not list"):
        replace(memory, domains=())


def test_what_is_no_memory_of_this_model_is_refused(memory: Replay, tmp_path: Path) -> None:
    path = tmp_path / REPLAY_FILE
    with pytest.raises(ModelFileError, match=r"replay\.safetensors cannot be used"):
        Replay.load(path, backbone_sha256=OURS)
    memory.save(path, backbone_sha256=OURS)
    with pytest.raises(ModelFileError, match="belongs to another model"):
        Replay.load(path, backbone_sha256=OTHERS)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="damaged"):
        Replay.load(path, backbone_sha256=OURS)
    save_file({"x": np.zeros(1)}, path)
    with pytest.raises(ModelFileError, match="is no replay memory: it lacks 'format'"):
        Replay.load(path, backbone_sha256=OURS)
    save_file({"x": np.zeros(1)}, path, metadata={"format": "99"})
    with pytest.raises(ModelFileError, match="format 99"):
        Replay.load(path, backbone_sha256=OURS)


def folder_with(memory: Replay | None, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The shipped model with this memory or none, and its card."""
    shutil.copytree(find_model(Path(__file__).parents[4] / "resources" / "models"), folder)
    card = read_card(folder)
    card["files"].pop(REPLAY_FILE, None)
    (folder / REPLAY_FILE).unlink(missing_ok=True)
    if memory is not None:
        memory.save(folder / REPLAY_FILE, backbone_sha256=card["files"][BACKBONE_FILE])
        card["files"][REPLAY_FILE] = sha256_of(folder / REPLAY_FILE)
    (folder / "card.json").write_text(json.dumps(card))
    return folder, card


def test_a_model_without_a_memory_classifies_but_cannot_be_adapted(tmp_path: Path) -> None:
    folder, card = folder_with(None, tmp_path / "model")
    crop = np.full((90, 90, 3), 200, dtype=np.uint8)
    assert Predictor.open(folder).predict([crop]).probs.shape[0] == 1
    with pytest.raises(ModelFileError, match="can classify but not be adapted"):
        load_replay(folder, card)


def test_a_models_memory_is_checked_against_its_card(memory: Replay, tmp_path: Path) -> None:
    folder, card = folder_with(memory, tmp_path / "model")
    assert load_replay(folder, card).counts() == memory.counts()
    refitted = {**card, "files": {**card["files"], "head.safetensors": OTHERS}}
    assert load_replay(folder, refitted).counts() == memory.counts()
    trained = {**card, "files": {**card["files"], BACKBONE_FILE: OTHERS}}
    with pytest.raises(ModelFileError, match="another model"):
        load_replay(folder, trained)
    memory.save(folder / REPLAY_FILE, backbone_sha256=OTHERS)
    with pytest.raises(ModelFileError, match="not the file that its card describes"):
        load_replay(folder, card)
    (folder / REPLAY_FILE).unlink()
    with pytest.raises(ModelFileError, match=r"replay\.safetensors is missing"):
        load_replay(folder, card)
