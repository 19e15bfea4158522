"""The shipped model folder and its card."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.card import (
    ModelFileError,
    limits_of,
    model_sha256,
    read_card,
    render_card,
    rendered_only,
    sha256_of,
    verify_files,
)
from model.artifacts.export import FILES, MAX_BYTES
from model.artifacts.replay_memory import describe_replay, make_replay
from model.hierarchy import LEAVES, PARENTS
from model.inference.predictor import Predictor, find_model
from model.training.config import TrainConfig

MODELS = Path(__file__).parents[4] / "resources" / "models"
FOLDER = find_model(MODELS)


def test_the_card_hashes_every_file_beside_it() -> None:
    card = read_card(FOLDER)
    present = {path.name for path in FOLDER.iterdir()} - {"card.json"}
    assert set(card["files"]) == present
    assert set(FILES) <= present
    assert {name: sha256_of(FOLDER / name) for name in present} == card["files"]


def test_the_model_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) <= MAX_BYTES


def test_the_card_names_the_folder_the_classes_and_a_config_that_can_be_read() -> None:
    card = read_card(FOLDER)
    assert card["model_id"] == FOLDER.name
    assert tuple(card["classes"]) == LEAVES
    assert card["parents"] == {parent: list(leaves) for parent, leaves in PARENTS.items()}
    assert TrainConfig.from_json(card["config"]).model_id == FOLDER.name


def test_the_card_tells_rights_limits_and_figures_of_every_domain() -> None:
    card = read_card(FOLDER)
    assert set(card["rights"]["training_data"]) == set(card["data"]) == set(card["metrics"]["test"])
    text = render_card(card)
    for domain, data in card["data"].items():
        assert domain in text
        assert data["licence"] in text
        assert data["citation"] in text
    assert "GPL-3.0" in text
    assert "Research use only" in text
    assert all(limit in text for limit in card["limits"])


def test_the_card_names_the_leaves_known_from_rendered_cells_only() -> None:
    card = read_card(FOLDER)
    assert card["rendered_only"] == rendered_only(
        {domain: data["crops"] for domain, data in card["data"].items()}
    )
    assert "Known from rendered cells only: lymphocyte_reactive" in render_card(card)
    counts = {
        "bccd": {"neutrophil": {"train": 3}, "basophil": {"test": 1}},
        "rendered": {leaf: {"train": 9} for leaf in LEAVES},
    }
    unseen = rendered_only(counts)
    assert "neutrophil_band" not in unseen
    assert "basophil" in unseen  # tested on, never trained on


def test_limits_are_those_of_the_sources_it_was_trained_on() -> None:
    part = {"train": 5}
    open_only = {"bccd": {"neutrophil": part}, "rendered": {"blast": part}}
    text = " ".join(limits_of(open_only, rendered_only=["blast", "plasma_cell"]))
    assert "No real cell of blast, plasma_cell was seen" in text
    assert "labels of bccd;" in text
    assert "marrow" not in text
    assert "jiangxi" not in text
    assert "choi" not in text
    every = {**open_only, "choi_bonemarrow": {"blast": part}, "jiangxi_tecom": {"basophil": part}}
    text = " ".join(limits_of(every, rendered_only=[]))
    assert "Blasts were seen in bone marrow only." in text
    assert "bccd and jiangxi_tecom;" in text
    assert "inferred from the paper's order. Some labels of jiangxi_tecom" in text
    assert "No real cell" not in text


def test_the_card_tells_what_the_replay_memory_holds_and_its_rights() -> None:
    card = read_card(FOLDER)
    memory = make_replay(
        np.zeros((3, 4), dtype=np.float32),
        ["monocyte", "neutrophil", "monocyte"],
        ["bccd", "bccd", "jiangxi_tecom"],
    )
    told = {**card, "replay": describe_replay(memory, size=5_840_000)}
    text = render_card(json.loads(json.dumps(told)))
    assert "## Replay memory (5.8 MB)" in text
    assert "| bccd | 2 | monocyte 1, neutrophil 1 | MIT |" in text
    assert "| jiangxi_tecom | 1 | monocyte 1 | GPL-3.0" in text
    del told["replay"]
    assert "Replay memory" not in render_card(told)


def test_the_models_hash_changes_with_any_file() -> None:
    card = read_card(FOLDER)
    other = {**card, "files": {**card["files"], "model.onnx": "0" * 64}}
    assert re.fullmatch("[0-9a-f]{64}", model_sha256(card))
    assert model_sha256(other) != model_sha256(card)


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    copy = tmp_path / FOLDER.name
    shutil.copytree(FOLDER, copy)
    head = copy / "head.safetensors"
    head.write_bytes(head.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(ModelFileError, match=r"head\.safetensors is not the file"):
        Predictor.open(copy)
    head.unlink()
    with pytest.raises(ModelFileError, match=r"head\.safetensors is missing"):
        verify_files(copy, read_card(copy), ["head.safetensors"])


def test_a_card_that_cannot_be_understood_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({"card_version": 99}))
    with pytest.raises(ModelFileError, match="version"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({"card_version": 1, "model_id": "x"}))
    with pytest.raises(ModelFileError, match="lacks classes, config, data, files"):
        read_card(tmp_path)


def test_the_shipped_files_say_nothing_of_the_machine_that_made_them() -> None:
    for path in FOLDER.iterdir():
        assert not re.search(rb'File "|site-packages|/home/', path.read_bytes()), path.name
